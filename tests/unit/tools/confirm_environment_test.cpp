// Only a human's answer gives a grant: the one to this question, of this case, by this principal, once.

#include "mcp/sealed_state.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tests/unit/mcp/fakes.h"
#include "tools/environment/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::mcp::test;
using casefile::sources::mysql::FakeMysqlSource;
using casefile::tools::ToolBench;

namespace {

struct Bench : ToolBench {
    explicit Bench(const std::string& name = "STAGING")
        : env(name), source(add(std::make_unique<FakeMysqlSource>(name))) {}

    tools::GuardedTool tool() { return tools::environment::confirm_environment_tool(work()); }
    mcp::NeedsInput asked() {
        context.state = {};
        context.answers.clear();
        auto outcome = call_once(tool(), {{"env", env}});
        auto* needs = std::get_if<mcp::NeedsInput>(&outcome);
        REQUIRE(needs != nullptr);
        return *needs;
    }
    void answer(const mcp::NeedsInput& needs, json::object content, const std::string& how = "form",
                mcp::AnswerAction action = mcp::AnswerAction::accept) {
        context.state = needs.state;
        context.answers["confirmation"] = {.action = action, .content = std::move(content), .how = how};
    }
    std::string refused() { return std::string(refusal(tool(), {{"env", env}}).at("message").as_string()); }
    cases::GrantPtr granted() { return cases().grant(case_id, env, principal).value(); }

    const std::string env;
    FakeMysqlSource& source;
};

/// The tool behind a whole server, and a second client on it.
struct Served {
    Bench bench;
    Conversation talk{[this](mcp::Catalog& catalog) {
        catalog.add(tools::guard(tools::environment::confirm_environment_tool(bench.work()), bench.work()));
    }};
    json::object arguments{{"case", bench.case_id}, {"env", "STAGING"}};

    std::string question() {
        const auto asked = talk.ask(modern_call(1, "confirm_environment", {{"arguments", arguments}}));
        REQUIRE(text_at(asked, "result/resultType") == "input_required");
        return text_at(asked, "result/requestState");
    }
    json::object answered(const std::string& state) const {
        return modern_call(
            2, "confirm_environment",
            {{"arguments", arguments},
             {"requestState", state},
             {"inputResponses",
              json::object{{"confirmation", json::object{{"action", "accept"},
                                                         {"content", json::object{{"confirm", true}}}}}}}});
    }
    std::string error_of(const json::object& answer) { return text_at(answer, "error/message"); }
};

}  // namespace

TEST_CASE("a grant records who gave it, how, from where, and to which question") {
    Bench bench;
    bench.work().witness = {{"terminal", "/dev/pts/3"}, {"processes", json::array{"casefile 12", "bash 7"}}};
    const auto needs = bench.asked();
    bench.answer(needs, {{"confirm", true}});

    bench.call(bench.tool(), {{"env", "STAGING"}});

    const auto grant = bench.granted();
    REQUIRE(grant);
    CHECK(grant->how == "form");
    CHECK(grant->principal == bench.principal);
    CHECK(grant->given_at == "2026-11-22T14:00:00.000Z");
    CHECK(grant->expires_at == "2026-11-22T22:00:00.000Z");
    CHECK(grant->witness.at("client") == "unit test");
    CHECK(grant->witness.at("terminal") == "/dev/pts/3");
    CHECK(grant->witness.at("processes") == json::array{"casefile 12", "bash 7"});
    CHECK(grant->question == string_or(needs.state, "question"));
    CHECK(grant->fingerprints.size() == 1);
    CHECK(grant->variables.contains("MYSQL_STAGING_URL"));
}

TEST_CASE("an answer counts once, whichever process is asked to take it again") {
    Bench bench;
    const auto needs = bench.asked();
    bench.answer(needs, {{"confirm", true}});
    bench.call(bench.tool(), {{"env", "STAGING"}});
    bench.clock.advance(std::chrono::hours(9));

    // The seal of another process would let it pass: what the case holds does not.
    bench.answer(needs, {{"confirm", true}});
    CHECK(bench.refused() == "this question about STAGING was answered before, and an answer counts once");
    CHECK(bench.granted()->expires_at < rfc3339(bench.clock.now()));
}

TEST_CASE("a question that was declined cannot be accepted afterwards, and the decline is kept") {
    Bench bench;
    const auto needs = bench.asked();
    bench.answer(needs, {}, "form", mcp::AnswerAction::decline);
    CHECK(bench.refused() == "STAGING was not confirmed: the human declined");

    bench.answer(needs, {{"confirm", true}});

    CHECK_THAT(bench.refused(), Catch::Contains("was answered before"));
    CHECK_FALSE(bench.granted());
    const auto state = bench.cases().find(bench.case_id, bench.principal).value();
    REQUIRE(state.entries.size() == 1);
    CHECK(state.entries[0].key == "declined");
}

TEST_CASE("a decline is final for forms: only a human at a terminal reopens what was declined") {
    Bench bench;
    const auto first = bench.asked();
    const auto second = bench.asked();
    bench.answer(first, {}, "form", mcp::AnswerAction::decline);
    CHECK(bench.refused() == "STAGING was not confirmed: the human declined");

    bench.answer(second, {{"confirm", true}});
    CHECK_THAT(bench.refused(), Catch::Contains("a human declined STAGING at 2026-11-22T14:00:00.000Z"));
    const auto third = bench.asked();
    CHECK(third.only_at_terminal);
    REQUIRE(third.when_nobody_can_ask);
    CHECK_THAT(third.when_nobody_can_ask->text,
               Catch::Contains("a human declined STAGING") && Catch::Contains("casefile confirm "));
    CHECK_FALSE(bench.granted());
    // Whoever reads without an environment is not sent to ask once more.
    const auto reading = bench.refusal(tools::mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});
    CHECK_THAT(std::string(reading.at("message").as_string()),
               Catch::Contains("a human declined STAGING at"));
    CHECK_THAT(std::string(reading.at("hint").as_string()), !Catch::Contains("ask the user"));

    bench.clock.advance(std::chrono::seconds(1));
    bench.answer(third, {{"confirm", true}}, "terminal");
    bench.call(bench.tool(), {{"env", "STAGING"}});
    CHECK(bench.granted());
}

TEST_CASE("a question that nobody answered may be put again") {
    Bench bench;
    bench.answer(bench.asked(), {}, "form", mcp::AnswerAction::cancel);
    CHECK(bench.refused() == "STAGING was not confirmed: the human did not answer");

    CHECK_FALSE(bench.asked().only_at_terminal);
}

TEST_CASE("an answer that comes with a state of nobody's making asks the human instead") {
    Bench bench;
    const auto needs = bench.asked();
    bench.answer(needs, {{"confirm", true}});
    bench.context.state = {};

    bench.asked();

    CHECK_FALSE(bench.granted());
}

TEST_CASE("the human is asked anew when another server answers than the one that was shown") {
    Bench bench;
    const auto needs = bench.asked();
    bench.source.where.port = 2;
    bench.answer(needs, {{"confirm", true}});

    bench.asked();

    CHECK_FALSE(bench.granted());
}

TEST_CASE("a protected environment wants its label typed, exactly") {
    for (const auto& [typed, given] : std::vector<std::pair<std::string, bool>>{
             {"PROD", true}, {"prod", false}, {"", false}, {"PROD ", false}}) {
        Bench bench("PROD");
        bench.answer(bench.asked(), {{"confirm", true}, {"environment", typed}});
        INFO(typed);
        if (given)
            bench.call(bench.tool(), {{"env", "PROD"}});
        else
            CHECK_THAT(bench.refused(), Catch::Contains("its label was not typed: expected 'PROD'"));
        CHECK((bench.granted() != nullptr) == given);
    }
}

TEST_CASE("where the configuration demands the terminal, a form confirms no protected environment") {
    Bench bench("PROD");
    bench.rules.protected_need_terminal = true;
    const auto needs = bench.asked();
    CHECK(needs.only_at_terminal);
    REQUIRE(needs.when_nobody_can_ask);
    CHECK_THAT(needs.when_nobody_can_ask->text,
               Catch::Contains("at a terminal: the configuration demands it") &&
                   Catch::Contains("casefile confirm "));
    CHECK(needs.when_nobody_can_ask->structured.at("run").as_object().contains("folder"));
    bench.answer(needs, {{"confirm", true}, {"environment", "PROD"}}, "form");
    CHECK_THAT(bench.refused(), Catch::Contains("PROD counts only when confirmed at a terminal, got a form"));
    CHECK_FALSE(bench.granted());

    bench.answer(bench.asked(), {{"confirm", true}, {"environment", "PROD"}}, "terminal");
    bench.call(bench.tool(), {{"env", "PROD"}});
    CHECK(bench.granted()->how == "terminal");

    Bench other("STAGING");
    other.rules.protected_need_terminal = true;
    CHECK_FALSE(other.asked().only_at_terminal);
}

TEST_CASE("a client with forms is not asked where the terminal is demanded: it is told of it") {
    Served served;
    served.bench.rules.protected_environments = {"STAGING"};
    served.bench.rules.protected_need_terminal = true;

    const auto answer =
        served.talk.ask(modern_call(1, "confirm_environment", {{"arguments", served.arguments}}));

    CHECK(at(answer, "result/isError") == true);
    CHECK_THAT(text_of(answer), Catch::Contains("casefile confirm "));
}

TEST_CASE("a requestState gives one grant, and none when it is used again") {
    Served served;
    const auto state = served.question();

    CHECK(text_at(served.talk.ask(served.answered(state)), "result/structuredContent/grant/how") == "form");

    CHECK_THAT(served.error_of(served.talk.ask(served.answered(state))),
               Catch::Contains("it was used before, and counts once"));
}

TEST_CASE("a forged, expired, or foreign requestState gives no grant") {
    Served served;
    const auto state = served.question();

    SECTION("changed by one letter") {
        auto forged = state;
        forged[20] = forged[20] == 'A' ? 'B' : 'A';
        CHECK_THAT(served.error_of(served.talk.ask(served.answered(forged))),
                   Catch::Contains("was not issued by this installation, or was changed"));
    }
    SECTION("made up") {
        CHECK_THAT(served.error_of(served.talk.ask(served.answered("eyJ9.00"))),
                   Catch::Contains("was not issued by this installation, or was changed"));
    }
    SECTION("too old") {
        served.talk.clock->advance(mcp::SealedState::lifetime);
        CHECK_THAT(served.error_of(served.talk.ask(served.answered(state))),
                   Catch::Contains("it expired after 15 minutes"));
    }
    SECTION("of another case") {
        cases::CaseFields fields;
        fields.topic = "another";
        const auto other = served.bench.cases().open(fields, served.bench.principal).value();
        served.arguments["case"] = other.id;
        CHECK_THAT(served.error_of(served.talk.ask(served.answered(state))),
                   Catch::Contains("it was issued for another request or other arguments"));
        CHECK_FALSE(served.bench.cases().grant(other.id, "STAGING", served.bench.principal).value());
    }
    SECTION("of another principal") {
        const auto mallory = std::make_shared<mcp::Client>("local:2000", served.talk.heard);
        served.talk.server->handle(mallory, mcp::parse_message(json::serialize(served.answered(state))),
                                   served.talk.heard);
        CHECK_THAT(served.error_of(served.talk.hear()),
                   Catch::Contains("it was issued to another principal"));
    }
    CHECK_FALSE(served.bench.granted());
}

TEST_CASE("a grant of another principal opens nothing") {
    Bench bench;
    bench.answer(bench.asked(), {{"confirm", true}});
    bench.call(bench.tool(), {{"env", "STAGING"}});
    auto theirs = *bench.granted();
    const auto case_of_theirs = bench.case_id;
    cases::CaseFields fields;
    fields.topic = "another's case";
    const auto other = bench.cases().open(fields, "https://login.example#mallory").value();
    auto copied = theirs;
    copied.principal = bench.principal;
    // Whoever writes it into a case of their own gets a grant of their own principal, for their own case.
    const auto given = bench.cases().give(other.id, copied, "https://login.example#mallory").value();
    CHECK(given.principal == "https://login.example#mallory");
    CHECK_FALSE(bench.cases().grant(case_of_theirs, "STAGING", "https://login.example#mallory"));
}

TEST_CASE("a confirmation without an environment names those there are") {
    Bench bench;
    CHECK(bench.refusal(bench.tool(), {}).at("message") == "env: expected one of STAGING, got none");
}

// A statement that would read very much waits for a human's word, and no argument of a tool is one.

#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/diff/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::sources::mysql;
using casefile::tools::ToolBench;

namespace {

const json::object heavy{{"sql", "SELECT id FROM orders WHERE status = 'paid'"}};

Plan scan_of(const std::string& rows) {
    return {{"id", "select_type", "table", "type", "possible_keys", "key", "rows", "filtered"},
            {{"1", "SIMPLE", "orders", "ALL", std::nullopt, std::nullopt, rows, "100.00"}}};
}

struct Bench : ToolBench {
    explicit Bench(const std::string& name = "STAGING", const std::string& rows = "52000000")
        : env(name), source(add(std::make_unique<FakeMysqlSource>(name))) {
        confirm(name);
        source.plan = scan_of(rows);
        source.tables = {{"orders", {{{"id", "BIGINT"}}, {{"7"}}}}};
    }
    mcp::ToolOutcome query(const json::object& arguments = heavy) {
        return call_once(tools::mysql::query_tool(work()), arguments);
    }
    mcp::NeedsInput asked(const json::object& arguments = heavy) {
        auto outcome = query(arguments);
        auto* needs = std::get_if<mcp::NeedsInput>(&outcome);
        REQUIRE(needs != nullptr);
        return *needs;
    }
    /// What the second call brings: the state, and what the human said.
    void answer(const mcp::NeedsInput& needs, json::object content, const std::string& how = "form",
                mcp::AnswerAction action = mcp::AnswerAction::accept) {
        context.state = needs.state;
        context.answers["cost"] = {.action = action, .content = std::move(content), .how = how};
    }
    /// The plans in the manifest of a call that has to succeed.
    json::array plans(const json::object& arguments = heavy) {
        const auto answer = call(tools::mysql::query_tool(work()), arguments);
        const auto manifest = json::parse(file(answer, "query.manifest.json"));
        const auto* found = manifest.at("details").as_object().if_contains("plans");
        return found == nullptr ? json::array() : found->as_array();
    }
    std::string refused(const json::object& arguments = heavy) {
        return std::string(refusal(tools::mysql::query_tool(work()), arguments).at("message").as_string());
    }

    const std::string env;
    FakeMysqlSource& source;
};

}  // namespace

TEST_CASE("a plan within the limit is noted in the manifest, and asked for once a minute") {
    Bench bench("STAGING", "9000000");

    const auto plans = bench.plans();

    REQUIRE(plans.size() == 1);
    CHECK(plans[0].at("rows_estimated") == 9'000'000);
    CHECK(plans[0].at("rows_max") == 10'000'000);
    CHECK(plans[0].at("tables").at(0).at("table") == "orders");
    CHECK(bench.plans()[0].at("rows_estimated") == 9'000'000);
    CHECK(bench.source.explained.size() == 1);
    bench.clock.advance(std::chrono::minutes(1));
    bench.plans();
    CHECK(bench.source.explained.size() == 2);
    CHECK(bench.source.asked.size() == 3);
}

TEST_CASE("a plan above the limit is put to the human, with the table that is scanned and the index to add") {
    Bench bench;

    const auto needs = bench.asked();

    CHECK(bench.source.asked.empty());
    REQUIRE(needs.questions.size() == 1);
    CHECK(needs.questions[0].message ==
          "This statement would read about 52,000,000 rows of STAGING, by the server's estimate; more than "
          "10,000,000 need a human's word. It reads:\n"
          "- orders: about 52,000,000 rows, the whole table is scanned\n"
          "Instead: an index on orders (status) would help.\n"
          "It ends by itself when its time is over. Run it all the same?");
    CHECK_FALSE(needs.only_at_terminal);
    REQUIRE(needs.when_nobody_can_ask);
    CHECK(needs.when_nobody_can_ask->is_error);
    CHECK_THAT(needs.when_nobody_can_ask->text,
               Catch::Contains("an index on orders (status) would help") &&
                   Catch::Contains("casefile call query_mysql '{\"case\":\"" + bench.case_id) &&
                   Catch::Contains("status = '\\''paid'\\''"));
}

TEST_CASE("the human's word runs the statement once, and the manifest says whose it was") {
    Bench bench;
    const auto needs = bench.asked();
    bench.answer(needs, {{"confirm", true}});

    const auto plans = bench.plans();

    CHECK(bench.source.asked.size() == 1);
    REQUIRE(plans.size() == 1);
    CHECK(plans[0].at("rows_estimated") == 52'000'000);
    CHECK(plans[0].at("accepted").at("how") == "form");
    CHECK(plans[0].at("accepted").at("by").as_string() == bench.principal.c_str());
    CHECK(plans[0].at("accepted").at("at").as_string().starts_with("2026-11-22T14:00:00"));

    bench.context.state = {};
    bench.context.answers.clear();
    bench.asked();
    CHECK(bench.source.asked.size() == 1);
}

TEST_CASE("a human who declines, or does not tick the box, keeps the statement from running") {
    Bench bench;
    const auto needs = bench.asked();
    bench.answer(needs, {}, "form", mcp::AnswerAction::decline);
    CHECK(bench.refused() == "the statement was not run: the human declined");
    bench.answer(needs, {{"confirm", false}});
    CHECK(bench.refused() == "the statement was not run: the box 'confirm' was not ticked");
    CHECK(bench.source.asked.empty());
}

TEST_CASE("an answer without the question's sealed state is none, nor is one to another statement") {
    Bench bench;
    const auto needs = bench.asked();
    bench.answer(needs, {{"confirm", true}});
    bench.context.state = {};
    bench.asked();

    bench.answer(needs, {{"confirm", true}});
    bench.asked({{"sql", "SELECT id FROM orders WHERE status = 'open'"}});

    CHECK(bench.source.asked.empty());
}

TEST_CASE("arguments that claim a confirmation are refused as unknown") {
    Bench bench;
    for (const auto* name : {"confirm", "cost", "accepted", "force", "plan_rows_max"}) {
        auto arguments = heavy;
        arguments[name] = true;
        INFO(name);
        CHECK_THAT(bench.refused(arguments), Catch::Contains(name));
    }
    CHECK(bench.source.asked.empty());
}

TEST_CASE("a plan that has grown since the human saw it is put to them again") {
    Bench bench;
    const auto needs = bench.asked();
    bench.source.plan = scan_of("90000000");
    bench.answer(needs, {{"confirm", true}});

    CHECK_THAT(bench.asked().questions[0].message, Catch::Contains("90,000,000 rows"));
    CHECK(bench.source.asked.empty());
}

TEST_CASE("in a protected environment the limit is lower and the label is typed") {
    Bench bench("PROD", "2000000");
    const auto needs = bench.asked();
    CHECK_THAT(needs.questions[0].message, Catch::Contains("more than 1,000,000 need a human's word") &&
                                               Catch::Contains("PROD is protected: type its label"));
    bench.answer(needs, {{"confirm", true}, {"environment", "prod"}});
    CHECK_THAT(bench.refused(), Catch::Contains("its label was not typed: expected 'PROD', got 'prod'"));

    bench.answer(needs, {{"confirm", true}, {"environment", "PROD"}});
    CHECK(bench.plans()[0].at("accepted").at("env") == "PROD");
}

TEST_CASE("where the configuration demands the terminal, a form runs no costly statement either") {
    Bench bench("PROD");
    bench.rules.protected_need_terminal = true;
    const auto needs = bench.asked();
    CHECK(needs.only_at_terminal);
    CHECK_THAT(needs.when_nobody_can_ask->text, Catch::Contains("demands that it is given at a terminal"));

    bench.answer(needs, {{"confirm", true}, {"environment", "PROD"}}, "form");
    CHECK_THAT(bench.refused(), Catch::Contains("PROD counts only when confirmed at a terminal, got a form"));
    bench.answer(needs, {{"confirm", true}, {"environment", "PROD"}}, "terminal");
    CHECK(bench.plans()[0].at("accepted").at("how") == "terminal");
}

TEST_CASE("the first rows of a large table are read without a question") {
    Bench bench;
    CHECK(bench.plans({{"sql", "SELECT id FROM orders"}})[0].at("rows_estimated") == 1'001);
    CHECK(bench.plans({{"sql", "SELECT id FROM orders LIMIT 10"}})[0].at("rows_estimated") == 10);
}

TEST_CASE("a statement that names no table has no plan asked for") {
    Bench bench;
    CHECK(bench.plans({{"sql", "SELECT 1"}}).empty());
    CHECK(bench.plans({{"sql", "SHOW TABLES"}}).empty());
    CHECK(bench.source.explained.empty());
}

TEST_CASE("a plan that the server keeps to itself is noted, and the statement runs within its time") {
    Bench bench;
    bench.source.plan = denied("EXPLAIN/SHOW can not be issued");

    CHECK(bench.plans()[0].at("not_known") == "EXPLAIN/SHOW can not be issued");
    CHECK(bench.source.asked.size() == 1);
}

TEST_CASE("both sides of a diff are weighed before either is read, and each is asked about") {
    Bench bench;
    bench.source.tables = {{"orders", {{{"id", "BIGINT"}, {"total", "INT"}}, {{"7", "1"}}}}};
    const json::object arguments =
        json::parse(R"({"left":{"mysql":{"sql":"SELECT id, total FROM orders WHERE a = 1"}},
                        "right":{"mysql":{"sql":"SELECT id, total FROM orders WHERE b = 1"}},
                        "key":["id"],"compare":{"settle_ms":0}})")
            .as_object();
    const auto ask = [&] {
        auto outcome = bench.call_once(tools::diff::diff_tool(bench.work()), arguments);
        auto* needs = std::get_if<mcp::NeedsInput>(&outcome);
        REQUIRE(needs != nullptr);
        return *needs;
    };
    const auto left = ask();
    CHECK_THAT(left.questions[0].message, Catch::Contains("an index on orders (a)"));
    bench.answer(left, {{"confirm", true}});

    const auto right = ask();

    CHECK_THAT(right.questions[0].message, Catch::Contains("an index on orders (b)"));
    CHECK(bench.source.asked.empty());
    bench.answer(right, {{"confirm", true}});
    const auto answer = bench.call(tools::diff::diff_tool(bench.work()), arguments);
    CHECK(answer.at("counts").at("match") == 1);
}

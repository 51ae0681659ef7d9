// What comes next, and what should be there before a case goes on.

#include "cases/workflow.h"
#include "cases/gates.h"
#include "cases/inspect_log.h"
#include "cases/plan.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("each severity has its workflow, by any of its names, and an unknown one takes P2's") {
    CHECK(workflow_of("P0").route == "p0_critical");
    CHECK(workflow_of("p1_high").route == "p1_high");
    CHECK(workflow_of("SEV2").route == "p2_medium");
    CHECK(workflow_of("low").route == "p3_low");
    CHECK(workflow_of("").route == "p2_medium");
    CHECK(workflow_of("whatever").route == "p2_medium");
    CHECK(workflow_of("P0").steps.front().how.find("comms_internal_first") != std::string::npos);
}

TEST_CASE("the whole workflow has six, seven and five steps in order, and people do those of code") {
    const auto workflow = workflow_of("P1");
    std::map<std::string, int> by_persona;
    for (const auto& step : workflow.steps) ++by_persona[step.persona];
    CHECK(by_persona == std::map<std::string, int>{{"observability", 6}, {"backend", 7}, {"devops", 5}});
    CHECK(std::is_sorted(workflow.steps.begin(), workflow.steps.end(),
                         [](const auto& one, const auto& other) { return one.id < other.id; }));
    for (const auto& step : workflow.steps) {
        const bool by_people = step.id == "2.2" || step.id == "2.4" || step.id == "2.6" || step.id == "2.7" ||
                               step.id == "3.1" || step.id == "3.2";
        CHECK(step.recorded == by_people);
    }
}

TEST_CASE("a step is done once its evidence is on file, or when the plan says so") {
    CaseHome home;
    Casebook book(*home.store);
    CaseFields fields;
    fields.topic = "errors";
    fields.severity = "p1_high";
    const auto id = book.open(fields, alice).value().id;
    const auto next = [&] { return workflow_of(book.find(id, alice).value()).next()->id; };
    CHECK(next() == "1.1");
    book.write(id, entry_of("note", "error rate", {}, "alert_details"), alice).value();
    CHECK(next() == "1.2");
    auto skipped = entry_of("plan", "no metrics here", {}, "plan.1.2");
    skipped.state = "skipped";
    book.write(id, skipped, alice).value();
    CHECK(next() == "1.3");
}

TEST_CASE("a stage that takes longer than it should is told") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    const auto step = workflow_of("P1").steps[6];
    auto handed = entry_of("handoff", "yours", {}, "handoff.backend");
    handed.value = json::object{{"to", "backend"}};
    home.clock.advance(std::chrono::minutes(10));
    book.write(id, handed, alice).value();
    home.clock.advance(std::chrono::minutes(31));

    const auto time = stage_time(book.find(id, alice).value(), step, home.clock.now());

    CHECK(time.persona == "backend");
    CHECK(time.minutes_so_far == 31);
    CHECK(time.minutes_max == 30);
}

TEST_CASE("resolving asks for a run that checked the symptom again, closing for what a case ends in") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    const auto run = home.run(id, "query_mysql", "as it should be");
    const auto missing = [&](const char* status) {
        return gate_to_status(book.find(id, alice).value(), status);
    };
    CHECK(missing("investigating").empty());
    CHECK(missing("resolved").size() == 1);
    // A word without a run is not a check.
    book.write(id, entry_of("note", "looks right", {}, "recheck"), alice).value();
    CHECK(missing("resolved").size() == 1);
    // Nor is a confirmation, or a read that was refused.
    const auto confirmed = home.run(id, "confirm_environment", "confirmed");
    const auto refused = home.run(id, "query_mysql", "no", "PROD", evidence::Outcome::refused);
    book.write(id, entry_of("note", "looks right", {confirmed, refused}, "recheck"), alice).value();
    CHECK(missing("resolved").size() == 1);
    book.write(id, entry_of("note", "looks right", {run}, "recheck"), alice).value();
    CHECK(missing("resolved").empty());

    book.write(id, entry_of("fix", "larger pool", {}, "fix.pool"), alice).value();
    REQUIRE(missing("resolved").size() == 1);
    CHECK(missing("resolved")[0].find("why did it happen") != std::string::npos);

    CHECK(missing("closed").size() == 5);
    for (const auto* kind : {"teammate", "leader", "learn-project", "learn-global"})
        book.file_draft(id, kind, "text\n", alice).value();
    CHECK(missing("closed").size() == 1);
    CaseFields high;
    high.severity = "P0";
    book.update(id, high, alice).value();
    CHECK(missing("closed").size() == 2);
}

TEST_CASE("a fix without a hypothesis that a run supports is warned of") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    CHECK(gate_to_fix(book.find(id, alice).value()).size() == 1);
    auto hypothesis = entry_of("hypothesis", "pool too small", {}, "h1");
    hypothesis.state = "supported";
    const auto missing = [&](const std::vector<std::string>& runs) {
        hypothesis.evidence = runs;
        book.write(id, hypothesis, alice).value();
        return gate_to_fix(book.find(id, alice).value()).size();
    };
    CHECK(missing({}) == 1);
    CHECK(missing({home.run(id, "query_mysql", "no", "PROD", evidence::Outcome::refused)}) == 1);
    CHECK(gate_to_status(book.find(id, alice).value(), "identified").size() == 1);
    CHECK(missing({home.run(id, "query_mysql", "50 of 50")}) == 0);
    CHECK(gate_to_status(book.find(id, alice).value(), "identified").empty());
}

TEST_CASE("the log shows framing, stage, plan, ranked hypotheses with their history, fixes and overrides") {
    CaseHome home;
    Casebook book(*home.store);
    CaseFields fields;
    fields.topic = "500 errors";
    fields.stage = "narrow";
    fields.framing = json::object{{"since", "Tuesday 14:00"},
                                  {"frequency", "10 %"},
                                  {"reported_by", "payment failed"},
                                  {"changes", {"SDK v2.3 to v2.5", "inventory check"}},
                                  {"error_sample", "asyncio.TimeoutError"},
                                  {"checked", {"database connections"}}};
    fields.symptoms = Symptoms{"orders go through", "500 on POST /api/checkout"};
    const auto id = book.open(fields, alice).value().id;
    auto second = entry_of("hypothesis", "the provider is down", {}, "h2");
    second.value =
        json::object{{"rank", 2}, {"probability", 0.2}, {"refutes", "a payment that went through"}};
    auto first = entry_of("hypothesis", "a call for each item", {}, "h1");
    first.value = json::object{{"rank", 1}, {"probability", 0.7}, {"confirms", "time grows with the cart"}};
    book.write(id, second, alice).value();
    book.write(id, first, alice).value();
    const auto run = home.run(id, "query_mysql", "5 to 7 items");
    auto settled = entry_of("hypothesis", "", {run}, "h1");
    settled.state = "supported";
    book.write(id, settled, alice).value();
    auto step = entry_of("plan", "sizes of carts", {}, "plan.sizes");
    step.state = "doing";
    book.write(id, step, alice).value();
    book.write(id, override_entry("resolved", {"no check"}), alice).value();

    const auto log = render_inspect_log(book.find(id, alice).value(), "key");

    std::size_t at = 0;
    for (const auto* part : {"Stage of the funnel: **narrow**",
                             "## Framing",
                             "**Symptoms:** 500 on POST",
                             "**Since:** Tuesday",
                             "**Frequency:**",
                             "**User reports:**",
                             "**Changes:**",
                             "  - SDK v2",
                             "**Error sample:**",
                             "**Already checked:**",
                             "  - database connections",
                             "## Question",
                             "## Plan",
                             "- [ ] **sizes** sizes of carts _doing_",
                             "Read the database",
                             "Read Redis",
                             "Read Kafka",
                             "- [x] Error logs",
                             "- [x] Recent changes",
                             "## Hypotheses",
                             "**supported** h1: a call for each item (rank 1, probability 0.7)",
                             "Would confirm: time grows",
                             "History: open",
                             "**open** h2",
                             "Would refute: a payment",
                             "## Overrides",
                             "without: no check"}) {
        INFO(part);
        const auto found = log.find(part, at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
    CHECK(book.verify(id, alice).value().ok);
}

TEST_CASE("a step that names a tool is done once that tool has answered after it was set") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    home.run(id, "query_mysql", "before");
    home.clock.advance(std::chrono::minutes(1));
    auto step = entry_of("plan", "sizes of carts", {}, "plan.sizes");
    step.value = json::object{{"tools", {"query_mysql"}}};
    book.write(id, step, alice).value();
    CHECK_FALSE(steps_set(book.find(id, alice).value()).at(0).done);
    home.clock.advance(std::chrono::minutes(1));
    const auto run = home.run(id, "query_mysql", "after");

    const auto set = steps_set(book.find(id, alice).value());

    CHECK(set.at(0).done);
    CHECK(set.at(0).runs == std::vector<std::string>{run});
}

TEST_CASE("a step that many calls did names the first and counts the others") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    auto step = entry_of("plan", "sizes of carts", {}, "plan.sizes");
    step.value = json::object{{"tools", {"query_mysql"}}};
    book.write(id, step, alice).value();
    const auto first = home.run(id, "query_mysql", "first");
    for (std::size_t i = 0; i < step_runs_max + 1; ++i) home.run(id, "query_mysql", "again");

    const auto state = book.find(id, alice).value();
    const auto set = steps_set(state);
    const auto log = render_inspect_log(state, "key");

    CHECK(set.at(0).runs.size() == step_runs_max);
    CHECK(set.at(0).runs.at(0) == first);
    CHECK(set.at(0).runs_more == 2);
    const auto at = log.find("**sizes** sizes of carts");
    CHECK(log.substr(at, log.find('\n', at) - at).ends_with(" and 2 more)"));
}

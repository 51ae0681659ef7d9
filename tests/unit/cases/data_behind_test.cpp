// Which runs a statement stands on: those that show data, and were given for what it says.

#include "cases/draft_writer.h"
#include "cases/inspect_log.h"
#include "cases/plan.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

/// Whether the plan counts its step of a cited finding as done.
bool finding_is_cited(const CaseState& state) {
    const auto steps = plan_of(state);
    return std::any_of(steps.begin(), steps.end(), [](const PlanStep& step) {
        return step.done && step.title == "Write a finding that cites its runs";
    });
}

std::string link(const CaseState& state, std::size_t run) {
    REQUIRE(run <= state.runs.size());
    return "[run " + std::to_string(run) + "](../" + state.runs[run - 1].folder() + "/prices.manifest.json)";
}

}  // namespace

TEST_CASE("a run that refuted a hypothesis does not support it later") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto refuting = home.run(id, "query_mysql", "3 rows");
    const auto supporting = home.run(id, "diff", "2 differ");
    const auto set = [&](const std::string& state, const std::vector<std::string>& runs) {
        auto entry = entry_of("hypothesis", "the cache is stale", runs, "h1");
        entry.state = state;
        book.write(id, entry, alice).value();
        return hypotheses(book.find(id, alice).value()).at(0).evidence;
    };

    CHECK(set("refuted", {refuting}) == std::vector{refuting});
    CHECK(set("supported", {supporting}) == std::vector{supporting});
    CHECK(set("supported", {}) == std::vector{supporting});
    CHECK(set("open", {}).empty());
}

TEST_CASE("a refused run is shown as refused, and no statement stands on it") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "query_mysql", "not allowed", "PROD", evidence::Outcome::refused);
    home.run(id, "confirm_environment", "confirmed");
    home.run(id, "diff", "2 differ");
    CaseFields fields;
    fields.root_cause = "the consumer stopped";
    book.update(id, fields, alice).value();
    book.write(id, entry_of("finding", "the consumer stopped", {"1"}, "root_cause"), alice).value();
    book.write(id, entry_of("finding", "all is well", {"1", "2"}), alice).value();
    const auto draft = [&] { return write_up(book.find(id, alice).value(), "postmortem", "key").value(); };

    auto text = draft().text;
    CHECK_THAT(text, Catch::Contains("the consumer stopped ([run 1, refused](../runs/"));
    CHECK_THAT(text, Catch::Contains("[run 2, a confirmation](../runs/"));
    CHECK_THAT(text, Catch::Contains("manifest.json)) _(no run with data cited)_"));
    CHECK(draft().uncited ==
          std::vector<std::string>{"finding: all is well", "root cause: the consumer stopped"});
    CHECK_FALSE(finding_is_cited(book.find(id, alice).value()));

    // A hypothesis supports it by those of its runs that show data.
    auto hypothesis = entry_of("hypothesis", "it stopped", {"1", "3"}, "h1");
    hypothesis.state = "supported";
    book.write(id, hypothesis, alice).value();
    const auto state = book.find(id, alice).value();
    CHECK_THAT(draft().text, Catch::Contains("hypothesis h1 supported by " + link(state, 3) + ")"));
    CHECK(draft().uncited == std::vector<std::string>{"finding: all is well"});
}

TEST_CASE("a write-up has one clock, that of the case, also for its evidence") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;  // 14:00 UTC
    CaseFields fields;
    fields.time_window = TimeWindow{"2026-11-22T14:50:00+01:00", "", "+01:00"};
    book.update(id, fields, alice).value();
    home.run(id, "diff", "2 differ");

    const auto text = write_up(book.find(id, alice).value(), "postmortem", "key").value().text;

    CHECK_THAT(text, Catch::Contains(") | 2026-11-22 15:00:00 +01:00 | diff |"));
    CHECK(text.find("14:00:00") == std::string::npos);
}

TEST_CASE("a figure tells how it was made, whether it is an estimate or has a run behind it") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "query_mysql", "225 a minute");
    auto figure = entry_of("figure", "money", {"1"}, "figure.money");
    figure.value = json::object{{"name", "money"},
                                {"amount", 12},
                                {"unit", "EUR"},
                                {"estimate", false},
                                {"method", "1.2 per minute for 10 min"}};
    book.write(id, figure, alice).value();
    const auto state = book.find(id, alice).value();

    const auto expected = "money: EUR 12.00 (1.2 per minute for 10 min) (" + link(state, 1) + ")";
    CHECK_THAT(write_up(state, "leader", "key").value().text, Catch::Contains(expected));
    CHECK_THAT(render_inspect_log(state, "key"), Catch::Contains("(1.2 per minute for 10 min)"));
}

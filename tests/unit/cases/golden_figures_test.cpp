// The arithmetic of incidents: figures that are known from examples come out of their inputs, and change with
// them.

#include "cases/figures.h"
#include "cases/milestones.h"
#include "cases/slo.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("an error budget is what the target leaves of the period") {
    struct Row {
        double target, hours, downtime;
        std::string budget, left, used, availability;
    };
    const std::vector<Row> table{
        {99.9, 730, 22, "43.8", "21.8", "50.2", "99.95"},
        {99.9, 720, 22, "43.2", "21.2", "50.9", "99.949"},
        {99.5, 168, 60.5, "50.4", "-10.1", "120", "99.4"},
        {99.99, 8760, 5, "52.56", "47.56", "9.5", "99.999"},
    };
    for (const auto& row : table) {
        const auto budget = error_budget(row.target, row.hours, row.downtime);
        CHECK(number_text(budget.minutes, 2) == row.budget);
        CHECK(number_text(budget.minutes_left, 2) == row.left);
        CHECK(number_text(budget.used_percent, 1) == row.used);
        CHECK(number_text(budget.availability_percent, 3) == row.availability);
    }
}

TEST_CASE("a rate over a duration gives users, requests and money") {
    struct Row {
        double rate, minutes;
        bool per_hour;
        std::string unit, text;
    };
    const std::vector<Row> table{
        {350, 23, false, "users", "8,050 users"},
        {225, 23, false, "requests", "5,175 requests"},
        {450, 23, true, "USD", "USD 172.50"},
        // The same with other rates and durations.
        {350, 8, false, "users", "2,800 users"},
        {35, 23, false, "users", "805 users"},
        {351.5, 120, false, "users", "42,180 users"},
        {225, 61.5, false, "requests", "13,837.5 requests"},
        {225, 8, false, "requests", "1,800 requests"},
        {0.5, 23, false, "requests", "11.5 requests"},
        {1'000, 90, true, "USD", "USD 1,500.00"},
        {450, 8, true, "USD", "USD 60.00"},
        {450, 0, true, "USD", "USD 0.00"},
    };
    for (const auto& row : table)
        CHECK(amount_text({"x", row.unit, "", accumulated(row.rate, row.per_hour, row.minutes), true, {}}) ==
              row.text);
}

TEST_CASE("before and after give a factor") {
    CHECK(number_text(improvement(15, 0.05), 1) == "300");
    CHECK(number_text(improvement(2.5, 0.32), 1) == "7.8");
    // The same with other pairs.
    CHECK(number_text(improvement(2400, 10), 1) == "240");
    CHECK(number_text(improvement(23.7, 0.3), 1) == "79");
    CHECK(number_text(improvement(2, 8), 1) == "-4");
    CHECK(improvement(0, 8) == 0);
}

TEST_CASE("shares are whole percents that sum to a hundred") {
    CHECK(shares({180, 30, 15}) == std::vector<std::int64_t>{80, 13, 7});
    CHECK(shares({1, 1, 1}) == std::vector<std::int64_t>{34, 33, 33});
    CHECK(shares({90, 60, 75}) == std::vector<std::int64_t>{40, 27, 33});
    CHECK(shares({5}) == std::vector<std::int64_t>{100});
    CHECK(shares({0, 0}) == std::vector<std::int64_t>{0, 0});
}

namespace {

/// The minutes to detect, find, fix, deploy and recover, from events at these times.
std::vector<std::string> times(const std::vector<std::pair<std::string, std::string>>& told) {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    for (const auto& [name, at] : told) {
        auto entry = entry_of("event", name, {}, "milestone." + name);
        entry.happened_at = at;
        book.write(id, entry, alice).value();
    }
    const auto all = times_of(book.find(id, alice).value());
    std::vector<std::string> out;
    for (const auto& span : {all.to_detect, all.to_find, all.to_fix, all.to_deploy, all.to_recover})
        out.push_back(span ? duration_text(*span) : "-");
    return out;
}

}  // namespace

TEST_CASE("times to detect, find, fix and recover come from the record, whatever the zones") {
    using Texts = std::vector<std::string>;
    CHECK(times({{"started", "2025-11-14T14:32:00Z"},
                 {"detected", "2025-11-14T14:33:00Z"},
                 {"identified", "2025-11-14T14:40:00Z"},
                 {"fixed", "2025-11-14T14:48:00Z"},
                 {"recovered", "2025-11-14T14:55:00Z"}}) ==
          Texts{"1 min", "7 min", "8 min", "7 min", "23 min"});
    CHECK(times({{"started", "2025-11-14T15:32:00+01:00"},
                 {"detected", "2025-11-14T14:35:30Z"},
                 {"identified", "2025-11-14T16:35:30+01:00"},
                 {"fixed", "2025-11-14T15:50:00Z"},
                 {"recovered", "2025-11-14T17:00:00+01:00"}}) ==
          Texts{"3 min", "1 h", "14 min", "10 min", "1 h 28 min"});
    CHECK(times({{"started", "2025-11-14T14:32:00Z"}, {"recovered", "2025-11-14T14:32:45Z"}}).back() ==
          "45 s");
    CHECK(times({{"started", "2025-11-14T14:32:00Z"}}).back() == "-");
    // Over before it began: nobody's duration.
    CHECK(times({{"started", "2025-11-14T14:32:00Z"}, {"recovered", "2025-11-14T14:00:00Z"}}).back() == "-");
}

TEST_CASE("without events, typed entries and statuses tell the times") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "errors").id;
    auto alert = entry_of("note", "alert", {}, "alert_details");
    alert.value = json::object{{"detected_at", "2025-11-14T14:32:00Z"}};
    auto deployment = entry_of("note", "out", {}, "deployment");
    deployment.value = json::object{{"deployed_at", "2025-11-14T14:50:00Z"}};
    auto recovery = entry_of("note", "over", {}, "recovery");
    recovery.value = json::object{{"recovered_at", "2025-11-14T14:55:00Z"}};
    for (const auto& entry : {alert, deployment, recovery}) book.write(id, entry, alice).value();

    const auto state = book.find(id, alice).value();

    CHECK(duration_text(*times_of(state).to_recover) == "23 min");
    CHECK(milestone(state, "fixed")->source == "deployment.deployed_at");
    CHECK_FALSE(milestone(state, "identified"));
    book.update(id, with_status("identified"), alice).value();
    CHECK(milestone(book.find(id, alice).value(), "identified")->source == "status identified");
}

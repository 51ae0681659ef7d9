#include "tools/kafka/lag_verdict.h"
#include "tests/support/catch.h"

using namespace casefile::tools::kafka;

namespace {

PartitionFacts once(std::optional<std::int64_t> committed, std::int64_t low, std::int64_t end) {
    return {.first = {committed, low, end}, .second = {}, .time_lag_seconds = {}, .error = {}};
}

PartitionFacts twice(std::int64_t committed, std::int64_t end, std::int64_t committed_later,
                     std::int64_t end_later) {
    auto facts = once(committed, 0, end);
    facts.second = Sample{committed_later, 0, end_later};
    facts.commit_seconds = facts.end_seconds = 30;
    return facts;
}

struct Row {
    std::string why;
    PartitionFacts facts;
    LagState state;
    std::string rule;
};

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        INFO(row.why);
        const auto judged = judge_partition(row.facts);
        CHECK(std::string(name_of(judged.state)) == name_of(row.state));
        CHECK_THAT(judged.rule, Catch::Contains(row.rule));
    }
}

PartitionFacts with(PartitionFacts facts, Consumers consumers,
                    std::optional<std::int64_t> time_lag = std::nullopt) {
    facts.consumers = consumers;
    facts.time_lag_seconds = time_lag;
    return facts;
}

}  // namespace

TEST_CASE("one sample says what it honestly can") {
    auto unreadable = once(9, 0, 10);
    unreadable.nothing_readable = true;
    auto failed = once(5, 0, 10);
    failed.error = "not authorised";
    check({
        {"no lag", once(10, 0, 10), LagState::ok, "every message is committed"},
        {"never committed, nothing there", once({}, 4, 4), LagState::empty, "never committed"},
        {"never committed is not offset 0", once({}, 0, 10), LagState::unknown, "although 10 messages"},
        {"committed, and everything deleted since", once(4, 4, 4), LagState::ok,
         "every message is committed"},
        {"offset 0 is a commit", with(once(0, 0, 10), Consumers::none, 90), LagState::stopped,
         "10 messages wait"},
        {"stopped: late and nobody known", with(once(5, 0, 10), Consumers::unknown, 60), LagState::stopped,
         "one sample: 5 messages wait, the oldest for 60 s and no member is known"},
        {"stopped: late and nobody there", with(once(5, 0, 10), Consumers::none, 3600), LagState::stopped,
         "has no members"},
        {"late, but members are there", with(once(5, 0, 10), Consumers::alive, 60), LagState::warning,
         "sample_seconds"},
        {"a little behind", with(once(5, 0, 10), Consumers::alive, 59), LagState::ok, "one sample"},
        {"a little behind, members unknown", with(once(5, 0, 10), Consumers::unknown, 59), LagState::ok,
         "one sample"},
        {"a little behind, nobody there", with(once(5, 0, 10), Consumers::none, 5), LagState::warning,
         "has no members"},
        {"age unknown", with(once(5, 0, 10), Consumers::unknown), LagState::unknown, "sample_seconds"},
        {"age unknown, nobody there", with(once(5, 0, 10), Consumers::none), LagState::warning,
         "has no members"},
        {"only transaction markers are left", unreadable, LagState::unknown, "transaction markers"},
        {"the broker's error is the rule", failed, LagState::unknown, "not authorised"},
        {"committed beyond the end", once(12, 0, 10), LagState::warning, "beyond the end 10"},
        {"deleted before it was read", with(once(5, 8, 10), Consumers::alive, 1), LagState::warning,
         "3 messages were deleted"},
    });
}

TEST_CASE("two samples tell whether commits move") {
    auto first_commit = twice(0, 10, 5, 10);
    first_commit.first.committed.reset();
    auto short_sample = twice(5, 10, 5, 12);
    short_sample.commit_seconds = short_sample.end_seconds = 3;
    auto short_but_late = with(short_sample, Consumers::unknown, 120);
    check({
        {"keeps pace", twice(5, 10, 15, 20), LagState::ok, "lag went from 5 to 5 in 30 s"},
        {"catches up", twice(5, 100, 50, 110), LagState::ok, "lag went from 95 to 60"},
        {"falls behind", twice(5, 10, 6, 100), LagState::warning, "lag went from 5 to 94"},
        {"commits went back", twice(50, 100, 5, 100), LagState::rewound, "went back from 50 to 5"},
        {"alive but still", with(twice(5, 10, 5, 20), Consumers::alive), LagState::stalled,
         "consumers are alive"},
        {"nobody there", with(twice(5, 10, 5, 20), Consumers::none), LagState::stopped, "has no members"},
        {"nobody known, and more came", twice(5, 10, 5, 20), LagState::stopped, "10 more came"},
        {"nobody known, and nothing came", twice(5, 10, 5, 10), LagState::stopped, "no commit in 30 s"},
        {"too short to tell", short_sample, LagState::warning, "too short"},
        {"short, but the oldest waits for long", short_but_late, LagState::stopped, "no commit in 3 s"},
        {"caught up meanwhile", twice(5, 10, 10, 10), LagState::ok, "every message is committed"},
        {"began meanwhile", first_commit, LagState::ok, "first commit"},
    });
}

TEST_CASE("lag is told as it is: null when never committed, negative beyond the end") {
    CHECK_FALSE(once({}, 0, 10).lag());
    CHECK(once(0, 0, 10).lag() == 10);
    CHECK(once(12, 0, 10).lag() == -2);
    CHECK(twice(0, 10, 4, 20).lag() == 16);
    CHECK(once(5, 8, 10).data_loss());
    CHECK_FALSE(once(8, 8, 10).data_loss());
    CHECK_FALSE(once({}, 8, 10).data_loss());
}

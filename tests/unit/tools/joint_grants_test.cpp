// An assistant begins with several calls at once: under --confirm they are one confirmation, not one each.

#include <barrier>
#include <thread>

#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"
#include "tools/environment/grants.h"

using namespace casefile;

TEST_CASE("calls that need the operator's word at once get one grant, from one look at what is there") {
    tools::ToolBench bench;
    bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    auto& word = bench.work().by_operator;
    word.environments = {"STAGING"};
    word.begins_at = bench.clock.now();
    word.ends_at = bench.clock.now() + std::chrono::hours(8);

    constexpr std::size_t calls = 8;
    std::barrier all(static_cast<std::ptrdiff_t>(calls));
    std::vector<Result<cases::GrantPtr>> given(calls, Result<cases::GrantPtr>(cases::GrantPtr()));
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < calls; ++i)
        threads.emplace_back([&, i] {
            mcp::CallContext context;
            context.principal = bench.principal;
            all.arrive_and_wait();
            given[i] = tools::current_grant(bench.work(), bench.case_id, "STAGING", context);
        });
    threads.clear();

    for (const auto& one : given) {
        REQUIRE(one);
        REQUIRE(*one);
        CHECK((*one)->record == (*given.front())->record);
    }
    const auto state = bench.cases().find(bench.case_id, bench.principal).value();
    CHECK(state.grants.size() == 1);
    CHECK(state.runs.size() == 1);
    mcp::CallContext later;
    later.principal = bench.principal;
    CHECK(tools::current_grant(bench.work(), bench.case_id, "STAGING", later).value()->record ==
          state.grants.front()->record);
}

TEST_CASE("a call that waited for another's look fails as that one did, unless it was cancelled") {
    tools::JointGrants joint;
    std::barrier both(2);
    for (const bool cancelled : {false, true}) {
        const auto failed = [&]() -> Result<cases::GrantPtr> {
            both.arrive_and_wait();
            return cancelled ? sources::cancelled_error() : internal("nobody answers");
        };
        const auto good = []() -> Result<cases::GrantPtr> { return std::make_shared<const cases::Grant>(); };
        Result<cases::GrantPtr> first = cases::GrantPtr(), second = cases::GrantPtr();
        {
            const std::jthread thread([&] { first = joint.of("STAGING", {}, failed); });
            both.arrive_and_wait();
            second = joint.of("STAGING", {}, good);
        }
        CHECK_FALSE(first);
        CHECK((second || !cancelled));
        if (!second) CHECK(second.error().message == "nobody answers");
    }
}

TEST_CASE("a call that waits for another's look notices that it is cancelled itself") {
    tools::JointGrants joint;
    std::barrier begun(2), over(2);
    const std::jthread first([&] {
        static_cast<void>(joint.of("STAGING", {}, [&]() -> Result<cases::GrantPtr> {
            begun.arrive_and_wait();
            over.arrive_and_wait();
            return cases::GrantPtr();
        }));
    });
    begun.arrive_and_wait();
    std::stop_source stop;
    stop.request_stop();

    const auto second = joint.of("STAGING", stop.get_token(), [] { return cases::GrantPtr(); });

    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::cancelled);
    over.arrive_and_wait();
}

TEST_CASE("a look that is cut short by a cancelled call gives nobody a grant") {
    tools::ToolBench bench;
    auto& cut = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    bench.add(std::make_unique<sources::redis::FakeRedisSource>("STAGING"));
    cut.no_fingerprint = sources::cancelled_error();
    auto& word = bench.work().by_operator;
    word.environments = {"STAGING"};
    word.begins_at = bench.clock.now();
    word.ends_at = bench.clock.now() + std::chrono::hours(8);
    mcp::CallContext context;
    context.principal = bench.principal;

    const auto given = tools::current_grant(bench.work(), bench.case_id, "STAGING", context);

    REQUIRE_FALSE(given);
    CHECK(given.error().kind == ErrorKind::cancelled);
    const auto state = bench.cases().find(bench.case_id, bench.principal).value();
    CHECK(state.grants.empty());
    CHECK(state.runs[0].outcome == "cancelled");
}

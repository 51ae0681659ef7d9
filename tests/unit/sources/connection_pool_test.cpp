// A few connections for many workers, and none that anybody doubts.

#include "sources/connection_pool.h"

#include <thread>

#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"

namespace casefile::sources {
namespace {

using namespace std::chrono_literals;

struct FakeConnection {
    int number;
    int& closed;
    ~FakeConnection() { ++closed; }
};
using Pool = ConnectionPool<FakeConnection>;

Error silence() { return {ErrorKind::unavailable, "no answer", "", Layer::tunnel}; }

struct Bench {
    int opened = 0;
    int closed = 0;
    ManualClock clock;
    Pool pool;

    explicit Bench(std::int64_t connections_max = 2) : pool("PROD mysql", connections_max, clock) {}

    Result<Pool::Lease> take(std::chrono::milliseconds time = 1s, std::stop_token stop = {}) {
        return pool.take(
            {std::chrono::steady_clock::now() + time, std::move(stop)}, [this] { return open(); },
            [](const FakeConnection&) { return true; });
    }
    Result<Pool::Lease> take_with(const Pool::Open& open) {
        return pool.take({std::chrono::steady_clock::now() + 10s, {}}, open,
                         [](const FakeConnection&) { return true; });
    }
    Result<std::unique_ptr<FakeConnection>> open() {
        return std::unique_ptr<FakeConnection>(new FakeConnection{++opened, closed});
    }
};

}  // namespace

TEST_CASE("a connection that was kept is handed out again") {
    Bench bench;
    {
        auto lease = bench.take();
        REQUIRE(lease);
        CHECK_FALSE(lease->reused());
        lease->keep();
    }

    const auto again = bench.take();

    REQUIRE(again);
    CHECK(again->reused());
    CHECK((*again)->number == 1);
    CHECK(bench.opened == 1);
}

TEST_CASE("a connection that nobody vouched for is closed") {
    Bench bench;

    { const auto lease = bench.take(); }

    CHECK(bench.closed == 1);
    CHECK_FALSE(bench.take()->reused());
}

TEST_CASE("when all connections are in use a call waits until its deadline, then says so") {
    Bench bench(1);
    const auto held = bench.take();

    const auto refused = bench.take(10ms);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::limit_reached);
    CHECK(refused.error().message == "all 1 connections to PROD mysql are in use");
    CHECK(bench.opened == 1);
}

TEST_CASE("a call that waits gets the connection that another gives back") {
    Bench bench(1);
    std::optional<Result<Pool::Lease>> held(bench.take());
    (*held)->keep();
    std::thread other([&] { held.reset(); });

    const auto lease = bench.take(10s);

    other.join();
    REQUIRE(lease);
    CHECK((*lease)->number == 1);
}

TEST_CASE("a stop request ends the wait for a connection") {
    Bench bench(1);
    const auto held = bench.take();
    std::stop_source stop;
    std::thread person([&] { stop.request_stop(); });

    const auto refused = bench.take(10s, stop.get_token());

    person.join();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::cancelled);
}

TEST_CASE("a connection that could not be opened takes up no place") {
    Bench bench(1);
    const Control control{std::chrono::steady_clock::now() + 1s, {}};
    const auto failed = bench.pool.take(
        control, [] { return Result<std::unique_ptr<FakeConnection>>(unavailable("no answer")); },
        [](const FakeConnection&) { return true; });

    CHECK_FALSE(failed);
    CHECK(bench.take());
}

TEST_CASE("an idle connection that does not fit makes room for one that does") {
    Bench bench(1);
    bench.take()->keep();
    REQUIRE(bench.opened == 1);

    const auto lease = bench.pool.take(
        {std::chrono::steady_clock::now() + 1s, {}}, [&] { return bench.open(); },
        [](const FakeConnection&) { return false; });

    REQUIRE(lease);
    CHECK((*lease)->number == 2);
    CHECK(bench.closed == 1);
}

TEST_CASE("after renew() no older connection is handed out, not even one that was in use meanwhile") {
    Bench bench(2);
    bench.take()->keep();
    {
        auto in_use = bench.take();
        bench.pool.renew();
        in_use->keep();
    }

    const auto lease = bench.take();

    REQUIRE(lease);
    CHECK_FALSE(lease->reused());
    CHECK(bench.closed == 1);
}

TEST_CASE("a connection that fails at once is tried again, and the caller hears of none of it") {
    Bench bench;
    int attempts = 0;

    const auto lease = bench.take_with([&]() -> Result<std::unique_ptr<FakeConnection>> {
        if (++attempts < 3) return silence();
        return bench.open();
    });

    CHECK(lease);
    CHECK(attempts == 3);
}

TEST_CASE("what the server itself refused is not tried again") {
    Bench bench;
    int attempts = 0;

    const auto lease = bench.take_with([&]() -> Result<std::unique_ptr<FakeConnection>> {
        ++attempts;
        return Error{ErrorKind::unavailable, "access denied", "", Layer::database};
    });

    CHECK_FALSE(lease);
    CHECK(attempts == 1);
}

TEST_CASE("a source that cannot be reached is left alone after three calls, and tried after the cool-down") {
    Bench bench;
    int attempts = 0;
    const auto denied_once = [&]() -> Result<std::unique_ptr<FakeConnection>> {
        ++attempts;
        return Error{ErrorKind::unavailable, "access denied", "", Layer::database};
    };
    for (int i = 0; i < 3; ++i) CHECK(bench.take_with(denied_once).error().message == "access denied");

    const auto resting = bench.take_with(denied_once);

    REQUIRE_FALSE(resting);
    CHECK_THAT(resting.error().message, Catch::Contains("PROD mysql is not asked until"));
    CHECK(attempts == 3);
    CHECK(bench.pool.resting() == resting.error().message);
    bench.clock.advance(Breaker::cool_down);
    { const auto lease = bench.take(); }
    CHECK(bench.pool.resting().empty());
}

TEST_CASE("a source that connects and then never answers is left alone as well") {
    Bench bench;
    for (int i = 0; i < 3; ++i) {
        auto lease = bench.take();
        REQUIRE(lease);
        lease->unanswered(silence());
    }

    CHECK_FALSE(bench.take());
    CHECK(bench.opened == 3);
}

TEST_CASE("an idle connection that hung up is no answer, and makes up for no failure") {
    Bench bench;
    bench.take()->keep();
    const auto never = [](const FakeConnection&) { return false; };
    const auto fail = [&] {
        const Control control{std::chrono::steady_clock::now() + 10s, {}};
        CHECK_FALSE(bench.pool.take(
            control, []() -> Result<std::unique_ptr<FakeConnection>> { return unavailable("no"); }, never));
    };
    std::optional<Result<Pool::Lease>> idle(bench.take());
    REQUIRE((*idle)->reused());
    fail();
    fail();
    (*idle)->hung_up();
    idle.reset();

    fail();

    CHECK_FALSE(bench.take());
}

TEST_CASE("a caller that is told to stop while it connects is no failure of the source") {
    Bench bench;
    for (int i = 0; i < 5; ++i)
        CHECK(bench.take_with([]() -> Result<std::unique_ptr<FakeConnection>> { return cancelled_error(); })
                  .error()
                  .kind == ErrorKind::cancelled);

    CHECK(bench.take());
}

}  // namespace casefile::sources

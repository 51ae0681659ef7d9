// A few connections for many workers, and none that anybody doubts.

#include "sources/connection_pool.h"

#include <thread>

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

struct Bench {
    int opened = 0;
    int closed = 0;
    Pool pool;

    explicit Bench(std::int64_t connections_max = 2) : pool("PROD mysql", connections_max) {}

    Result<Pool::Lease> take(std::chrono::milliseconds time = 1s, std::stop_token stop = {}) {
        return pool.take(
            {std::chrono::steady_clock::now() + time, std::move(stop)}, [this] { return open(); },
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

}  // namespace casefile::sources

// A source that fails again and again is left alone for a while, and a connection is tried with patience.

#include "sources/breaker.h"

#include <set>

#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"

namespace casefile::sources {
namespace {

using namespace std::chrono_literals;

const Error refused{ErrorKind::unavailable, "no answer from 127.0.0.1:3307 (connection refused)", "",
                    Layer::tunnel};

struct Bench {
    ManualClock clock;
    Breaker breaker{"PROD mysql", clock};

    void fail(int times) {
        for (int i = 0; i < times; ++i) {
            REQUIRE(breaker.admit());
            breaker.failed(refused);
        }
    }
};

Control within(std::chrono::milliseconds time) { return {std::chrono::steady_clock::now() + time, {}}; }

}  // namespace

TEST_CASE("a breaker opens after three failures in a row, and answers at once while it is open") {
    Bench bench;
    bench.fail(2);
    CHECK_FALSE(bench.breaker.refusal());
    CHECK(bench.breaker.state().empty());

    bench.fail(1);

    const auto refusal = bench.breaker.refusal();
    REQUIRE(refusal);
    CHECK(refusal->kind == ErrorKind::unavailable);
    CHECK(refusal->layer == Layer::tunnel);
    CHECK(refusal->message ==
          "PROD mysql is not asked until 14:00:10Z: it failed 3 times in a row; last: no answer from "
          "127.0.0.1:3307 (connection refused)");
    CHECK_THAT(refusal->hint, Catch::Contains("casefile tries again 10 s after a failure"));
    CHECK_FALSE(bench.breaker.admit());
    CHECK(bench.breaker.state() == refusal->message);
}

TEST_CASE("an answer between them makes up for the failures before") {
    Bench bench;
    bench.fail(2);
    REQUIRE(bench.breaker.admit());
    bench.breaker.answered();

    bench.fail(2);

    CHECK_FALSE(bench.breaker.refusal());
}

TEST_CASE("after the cool-down one call tries the source, and the others hear so") {
    Bench bench;
    bench.fail(3);
    bench.clock.advance(Breaker::cool_down - 1ms);
    REQUIRE_FALSE(bench.breaker.admit());
    bench.clock.advance(1ms);
    CHECK_THAT(bench.breaker.state(), Catch::Contains("the next call tries it"));

    REQUIRE(bench.breaker.admit());

    const auto other = bench.breaker.admit();
    REQUIRE_FALSE(other);
    CHECK_THAT(other.error().message, Catch::Contains("is not asked while another call tries it"));

    SECTION("an answer closes it") {
        bench.breaker.answered();
        CHECK(bench.breaker.state().empty());
        bench.fail(2);
        CHECK_FALSE(bench.breaker.refusal());
    }
    SECTION("a failure opens it for another cool-down") {
        bench.breaker.failed(refused);
        CHECK_FALSE(bench.breaker.admit());
        bench.clock.advance(Breaker::cool_down);
        CHECK(bench.breaker.admit());
    }
    SECTION("a connection lets the others in, and one more failure is enough to open it again") {
        bench.breaker.connected();
        CHECK(bench.breaker.admit());
        bench.breaker.failed(refused);
        CHECK(bench.breaker.refusal());
    }
    SECTION("a call that was told to stop leaves the try to the next") {
        bench.breaker.gave_up();
        CHECK(bench.breaker.admit());
    }
}

TEST_CASE("a clock that is set back keeps no breaker open") {
    Bench bench;
    bench.fail(3);
    bench.clock.advance(-1h);

    CHECK(bench.breaker.admit());
}

TEST_CASE("only silence is a failure to answer") {
    CHECK(is_silence(refused));
    CHECK_FALSE(is_silence(unavailable("the server ended the statement")));
    CHECK_FALSE(is_silence({ErrorKind::timed_out, "slow", "", Layer::database}));
    CHECK_FALSE(is_silence({ErrorKind::cancelled, "stopped", "", Layer::tunnel}));
}

TEST_CASE("a connection is tried again where it failed at once, twice at most") {
    CHECK(is_worth_another_attempt(1, refused, 3ms));
    CHECK(is_worth_another_attempt(2, refused, 3ms));
    CHECK_FALSE(is_worth_another_attempt(3, refused, 3ms));
    CHECK_FALSE(is_worth_another_attempt(1, refused, 2s));
    CHECK_FALSE(is_worth_another_attempt(1, unavailable("access denied"), 3ms));
}

TEST_CASE("pauses between attempts grow, differ, and stay within their bounds") {
    std::set<std::int64_t> seen;
    for (int i = 0; i < 200; ++i) {
        const auto first = pause_before_attempt(1), second = pause_before_attempt(2);
        seen.insert(first.count());
        CHECK((first >= 50ms && first <= 150ms));
        CHECK((second >= 150ms && second <= 450ms));
    }
    CHECK(seen.size() > 10);
}

TEST_CASE("a pause that would outlast the deadline, or is stopped, is none") {
    std::stop_source stop;
    CHECK(pause(1ms, within(10s)));
    CHECK_FALSE(pause(10s, within(1s)));
    stop.request_stop();
    CHECK_FALSE(pause(1ms, {std::chrono::steady_clock::now() + 10s, stop.get_token()}));
}

}  // namespace casefile::sources

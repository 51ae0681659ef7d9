#include "mcp/worker_pool.h"

#include <atomic>
#include <latch>

#include "tests/support/catch.h"

using casefile::mcp::WorkerPool;

TEST_CASE("a full queue refuses work, and what is queued still runs") {
    std::atomic<int> done = 0;
    std::latch begun(1), go_on(1);
    {
        WorkerPool pool(1, 2);
        REQUIRE(pool.post([&] {
            begun.count_down();
            go_on.wait();
            ++done;
        }));
        begun.wait();
        CHECK(pool.post([&] { ++done; }));
        CHECK(pool.post([&] { ++done; }));
        CHECK_FALSE(pool.post([&] { ++done; }));
        go_on.count_down();
    }
    CHECK(done == 3);
}

TEST_CASE("each worker says when it ends, after its last work") {
    std::atomic<int> done = 0, ended = 0, ended_early = 0;
    std::latch together(3);
    {
        WorkerPool pool(3, 10, [&] {
            ++ended;
            if (done < 3) ++ended_early;
        });
        for (int i = 0; i < 3; ++i)
            REQUIRE(pool.post([&] {
                ++done;
                together.arrive_and_wait();
            }));
        together.wait();
        CHECK(ended == 0);
    }
    CHECK(ended == 3);
    CHECK(ended_early == 0);
}

TEST_CASE("a thread is begun only for work that no other is free for") {
    std::atomic<int> ended = 0;
    {
        WorkerPool pool(3, 10, [&] { ++ended; });
        CHECK(ended == 0);
    }
    CHECK(ended == 0);
    {
        WorkerPool pool(3, 10, [&] { ++ended; });
        REQUIRE(pool.post([] {}));
        pool.drain();
    }
    CHECK(ended == 1);
}

TEST_CASE("workers run at the same time") {
    std::latch together(2);
    WorkerPool pool(2, 10);
    for (int i = 0; i < 2; ++i) REQUIRE(pool.post([&] { together.arrive_and_wait(); }));
    together.wait();
}

#include "base/late_secret.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

using namespace casefile;

TEST_CASE("a secret is made when it is first asked for, once for all copies and threads") {
    std::atomic<int> made = 0;
    const LateSecret secret([&] {
        ++made;
        return std::string("it");
    });
    const auto copy = secret;
    CHECK(made == 0);

    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] { right += (i % 2 == 0 ? secret : copy).get() == "it" ? 1 : 0; });
    for (auto& thread : threads) thread.join();

    CHECK(right == 8);
    CHECK(made == 1);
    CHECK(LateSecret("known").get() == "known");
}

TEST_CASE("a secret that could not be made is asked for again") {
    bool works = false;
    const LateSecret secret([&] {
        if (!works) throw std::runtime_error("not now");
        return std::string("it");
    });

    CHECK_THROWS(secret.get());
    works = true;
    CHECK(secret.get() == "it");
}

#include "base/loopback.h"

#include "tests/support/catch.h"

using namespace casefile;

TEST_CASE("only addresses of this machine, and the one name for them, are loopback") {
    for (const auto* host : {"127.0.0.1", "127.8.9.1", "::1", "localhost", "LocalHost"}) {
        INFO(host);
        CHECK(is_loopback(host));
    }
    for (const auto* host : {"", "128.0.0.1", "127.0.0.1.example.com", "127.example.com",
                             "localhost.example.com", "0.0.0.0", "::", "[::1]", "127.1"}) {
        INFO(host);
        CHECK_FALSE(is_loopback(host));
    }
}

#include "sources/kafka/assignment.h"

#include "tests/support/catch.h"

using namespace casefile::sources::kafka;
using namespace std::string_view_literals;

namespace {

/// Version 3: two topics, "orders" with partitions 0 and 258, "x" with none; then user data.
constexpr auto two_topics =
    "\0\3"
    "\0\0\0\2"
    "\0\6orders"
    "\0\0\0\2"
    "\0\0\0\0"
    "\0\0\1\2"
    "\0\1x"
    "\0\0\0\0"
    "\0\0\0\4data"sv;
constexpr std::size_t user_data = 8;

}  // namespace

TEST_CASE("an assignment names its partitions") {
    const auto partitions = read_assignment(two_topics);

    REQUIRE(partitions);
    CHECK(*partitions == std::vector<Partition>{{"orders", 0}, {"orders", 258}});
}

TEST_CASE("no bytes are an assignment of nothing") {
    const auto partitions = read_assignment("");

    REQUIRE(partitions);
    CHECK(partitions->empty());
}

TEST_CASE("bytes that end early, or count below zero or beyond their end, are no assignment") {
    const auto whole = two_topics.substr(0, two_topics.size() - user_data);
    REQUIRE(read_assignment(whole));
    for (std::size_t length = 1; length < whole.size(); ++length) {
        INFO(length);
        CHECK_FALSE(read_assignment(whole.substr(0, length)));
    }
    CHECK_FALSE(
        read_assignment("\0\0"
                        "\xff\xff\xff\xff"sv));
    CHECK_FALSE(
        read_assignment("\0\0"
                        "\0\0\0\1"
                        "\xff\xff"sv));
    CHECK_FALSE(
        read_assignment("\0\0"
                        "\0\0\0\1"
                        "\0\1x"
                        "\xff\xff\xff\xff"sv));
    CHECK_FALSE(
        read_assignment("\0\0"
                        "\x7f\xff\xff\xff"
                        "\0\1x"
                        "\x7f\xff\xff\xff"sv));
}

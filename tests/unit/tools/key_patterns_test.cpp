#include "tools/redis/key_patterns.h"
#include "tests/support/catch.h"

using namespace casefile::tools::redis;

TEST_CASE("keys that differ in their identifiers alone share a template") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"product:123:price", "product:{id}:price"},
        {"product:{7}", "product:{{id}}"},
        {"cart-2026-11-22", "cart-{id}-{id}-{id}"},
        {"user7name", "user{id}name"},
        {"session:550e8400-e29b-41d4-a716-446655440000", "session:{id}"},
        {"session:550e8400-e29b-41d4-a716-446655440000x", "session:{id}x"},
        {"token:9f86d081884c7d659a2feaa0c55ad015", "token:{id}"},
        {"feed:cafe", "feed:cafe"},
        {"config", "config"},
        {"", ""},
        {"\xff\x01", "(binary)"},
    };
    for (const auto& [key, expected] : rows) CHECK(template_of(key) == expected);
}

TEST_CASE("templates are counted, the most frequent first") {
    Patterns patterns(10);
    patterns.count("config", 10, false);
    patterns.count("product:1", 100, true);
    patterns.count("product:2", 50, false);

    const auto sorted = patterns.sorted();
    REQUIRE(sorted.size() == 2);
    CHECK(sorted[0].pattern == "product:{id}");
    CHECK(sorted[0].keys == 2);
    CHECK(sorted[0].bytes == 150);
    CHECK(sorted[0].never_expire == 1);
    CHECK(sorted[0].example == "product:1");
    CHECK(sorted[1].pattern == "config");
}

TEST_CASE("templates beyond the limit are counted as others") {
    Patterns patterns(2);
    for (const auto* key : {"a", "b", "c", "d", "a"}) patterns.count(key, 1, true);

    const auto sorted = patterns.sorted();
    REQUIRE(sorted.size() == 3);
    std::int64_t keys = 0;
    for (const auto& pattern : sorted) keys += pattern.keys;
    CHECK(keys == 5);
    CHECK(sorted[0].keys == 2);
}

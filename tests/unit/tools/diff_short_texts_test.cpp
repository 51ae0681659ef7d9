// What diff reads of Redis in one short look, and what it has to ask for twice.

#include "tests/unit/tools/diff_shop.h"

using namespace casefile;
using namespace casefile::tools;

TEST_CASE("short texts are read in one go, and all others in the way of their type") {
    Shop shop;
    const std::string just_short(4'095, 'x'), just_long(4'096, 'x');
    shop.table(
        {{"id", "INT"}, {"value", "VARCHAR"}},
        {{"1", "a"}, {"2", "b"}, {"3", just_short}, {"4", just_long}, {"5", ""}, {"6", "f"}, {"7", "g"}});
    shop.redis.texts = {{"p:1", "a"}, {"p:2", "b"}, {"p:3", just_short}, {"p:4", just_long}, {"p:5", ""}};
    shop.redis.hashes = {{"p:6", {{"value", "f"}}}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, value FROM products"}},
        "right":{"redis":{"key_template":"p:{id}"}},"compare":{"settle_ms":0}})");

    CHECK(counts(answer) == "6 0 0 1");
    CHECK(lines(answer).front().starts_with("7 - missing_right"));
    CHECK(shop.redis.read == std::set<std::string>{"p:4", "p:5", "p:6", "p:7"});
}

TEST_CASE("where few keys hold short texts, none is looked for after the first batch") {
    Shop shop;
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (int i = 0; i < 1'200; ++i) {
        rows.push_back({std::to_string(i), "x"});
        shop.redis.texts["p:" + std::to_string(i)] = std::string(i % 3 == 0 ? 1 : 5'000, 'x');
    }
    shop.table({{"id", "INT"}, {"value", "VARCHAR"}}, std::move(rows));

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, value FROM products"}},
        "right":{"redis":{"key_template":"p:{id}"}},"compare":{"settle_ms":0}})");

    CHECK(counts(answer) == "400 800 0 0");
    CHECK(shop.redis.short_looks == 500);

    for (auto& [key, text] : shop.redis.texts) text = "x";
    for (int i = 0; i < 600; ++i) shop.redis.texts.erase("p:" + std::to_string(i));
    const auto half_missing = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, value FROM products"}},
        "right":{"redis":{"key_template":"p:{id}"}},"compare":{"settle_ms":0}})");
    CHECK(counts(half_missing) == "600 0 0 600");
    CHECK(shop.redis.short_looks == 1'700);
}

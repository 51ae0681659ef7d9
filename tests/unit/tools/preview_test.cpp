#include "tools/preview.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::tools;

TEST_CASE("text is shown as it is, and bytes that are no text as base64") {
    CHECK(shown_bytes("{\"price\": 12345678901234567890.10}") == "{\"price\": 12345678901234567890.10}");
    CHECK(shown_bytes("grün\n") == "grün\n");
    CHECK(shown_bytes("\xff\x00") == json::value{{"base64", "/w=="}});
    CHECK(shown_bytes(std::string_view("\0\0\0\5", 4)) == json::value{{"base64", "AAAABQ=="}});
    CHECK(shown_bytes("") == "");
}

TEST_CASE("a value within the budget is copied whole") {
    const json::value value{{"name", "x"}, {"list", {1, "two", nullptr, true}}};
    std::size_t left = 1000;
    bool cut = false;
    CHECK(shown_within(value, left, cut) == value);
    CHECK_FALSE(cut);
    CHECK(left < 1000);
}

TEST_CASE("a value above the budget ends early, and says so") {
    const json::value long_text(std::string(500, 'x'));
    std::size_t left = 100;
    bool cut = false;
    CHECK(shown_within(long_text, left, cut).as_string().size() <= 100);
    CHECK(cut);
    CHECK(left == 0);

    json::array many(1000, json::value(7));
    left = 100;
    cut = false;
    CHECK(shown_within(many, left, cut).as_array().size() < 100);
    CHECK(cut);
}

TEST_CASE("a list keeps what fits from its start, and always its first item") {
    const json::object item{{"text", "0123456789"}};  // 22 bytes with its comma
    std::vector<json::object> items(10, item);
    std::size_t left = 70;
    CHECK(keep_within(items, left));
    CHECK(items.size() == 3);
    CHECK(left == 4);

    left = 1;
    CHECK(keep_within(items, left));
    CHECK(items.size() == 1);
    CHECK_FALSE(keep_within(items, left));
}

TEST_CASE("a list document is one JSON document with one item a line") {
    const std::vector<json::object> items{{{"a", 1}}, {{"a", 2}}};
    CHECK(list_document({{"head", true}}, "items", items) ==
          "{\"head\":true,\"items\":[\n{\"a\":1},\n{\"a\":2}\n]}\n");
    CHECK(json::parse(list_document({}, "items", items)).at("items").as_array().size() == 2);
    CHECK(json::parse(list_document({}, "items", {})).at("items").as_array().empty());
}

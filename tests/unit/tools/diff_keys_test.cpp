#include "tests/support/catch.h"
#include "tools/diff/key_order.h"
#include "tools/diff/key_template.h"

using namespace casefile;
using namespace casefile::tools::diff;

namespace {

KeyTemplate bound(const char* text, const std::vector<std::string>& fields) {
    auto keys = KeyTemplate::parse(text);
    REQUIRE(keys);
    REQUIRE(keys->bind(fields));
    return *std::move(keys);
}

std::string complaint(const char* text, const std::vector<std::string>& fields) {
    auto keys = KeyTemplate::parse(text);
    if (!keys) return keys.error().message;
    const auto done = keys->bind(fields);
    return done ? "none" : done.error().message;
}

}  // namespace

TEST_CASE("a key template writes Redis keys and reads them back") {
    struct Row {
        const char* text;
        std::vector<std::string> fields;
        Key key;
        const char* redis_key;
        const char* pattern;
    };
    const std::vector<Row> rows = {
        {"order:{id}", {"id"}, {"7"}, "order:7", "order:*"},
        {"{id}:price", {"id"}, {"7"}, "7:price", "*:price"},
        {"p:{sku}:{country}", {"country", "sku"}, {"DE", "A-1"}, "p:A-1:DE", "p:*:*"},
        {"user:{{id}}:cart", {"id"}, {"7"}, "user:{7}:cart", "user:{*}:cart"},
        {"a*[b]:{id}", {"id"}, {"x"}, "a*[b]:x", "a\\*\\[b\\]:*"},
        {"x:{id}/{id}", {"id"}, {"5"}, "x:5/5", "x:*/*"},
        {"p:{name}", {"name"}, {"Käse"}, "p:Käse", "p:*"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto keys = bound(row.text, row.fields);
        CHECK(keys.redis_key(row.key) == row.redis_key);
        CHECK(keys.pattern() == row.pattern);
        CHECK(keys.key_of(row.redis_key, true) == row.key);
    }
}

TEST_CASE("a key with further parts is another thing, unless keys hold colons themselves") {
    const auto keys = bound("order:{id}", {"id"});
    CHECK(keys.key_of("order:7:items", true) == std::nullopt);
    CHECK(keys.key_of("order:7:items", false) == Key{"7:items"});
    CHECK(keys.key_of("orders:7", false) == std::nullopt);
    const auto suffixed = bound("p:{id}:v1", {"id"});
    CHECK(suffixed.key_of("p:a:v1:v1", false) == Key{"a:v1"});
    CHECK(suffixed.key_of("p:a:v2", false) == std::nullopt);
    CHECK(bound("x:{id}/{id}", {"id"}).key_of("x:5/6", true) == std::nullopt);
}

TEST_CASE("a template that cannot work says why") {
    CHECK(complaint("orders", {"id"}) ==
          "key_template: expected a placeholder such as order:{id}, got 'orders'");
    CHECK(complaint("{id}", {"id"}) == "key_template: '{id}' would match every key");
    CHECK(complaint("x:{a}{b}", {"a", "b"}) ==
          "key_template: {a}{b} have nothing between them, so their values cannot be told apart");
    CHECK(complaint("order:{nr}", {"id"}) == "key_template: {nr} is no key field; key has: id");
    CHECK(complaint("order:{id}", {"id", "country"}) == "key: 'country' is not in key_template 'order:{id}'");
}

TEST_CASE("different keys never meet, whatever bytes they hold") {
    CHECK(joined({"a", "bc"}) != joined({"ab", "c"}));
    CHECK(joined({"1:a", ""}) != joined({"", "1:a"}));
    CHECK(joined({"a"}) == "a");
}

TEST_CASE("keys come in the order of their values: numbers first, then texts by their bytes") {
    const std::vector<Key> order = {{"0"},
                                    {"2"},
                                    {"10"},
                                    {"999999999999999999"},
                                    {"18446744073709551615"},
                                    {"99999999999999999999"},
                                    {""},
                                    {"-5"},
                                    {"007"},
                                    {"1.5"},
                                    {"A"},
                                    {"a"},
                                    {"a", "1"},
                                    {"a", "2"},
                                    {"a", "10"},
                                    {"a", "b"},
                                    {"aaaaaaaaaa"},
                                    {"aaaaaaaaab"}};
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t j = 0; j < order.size(); ++j) {
            INFO(shown_key(order[i]) << " and " << shown_key(order[j]));
            const auto came = compare_keys(KeyOrder::by_value, order[i], order[j]);
            CHECK((came < 0) == (i < j));
            CHECK((came == 0) == (i == j));
            CHECK((compare_keys(KeyOrder::by_hash, order[i], order[j]) == 0) == (i == j));
        }
}

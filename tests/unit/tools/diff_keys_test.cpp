#include "tests/support/catch.h"
#include "tools/diff/key_set.h"
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

TEST_CASE("a key set is exact, and says when it is full") {
    KeySet keys(16 * 1024 * 1024);
    for (int i = 0; i < 100'000; ++i) REQUIRE(keys.add("order:" + std::to_string(i)) == KeySet::Added::now);
    CHECK(keys.size() == 100'000);
    CHECK(keys.add("order:5") == KeySet::Added::before);
    CHECK(keys.add("") == KeySet::Added::now);
    CHECK(keys.contains("order:99999"));
    CHECK_FALSE(keys.contains("order:100000"));

    KeySet small(20'000);
    int added = 0;
    while (added < 10'000 && small.add("key " + std::to_string(added)) == KeySet::Added::now) ++added;
    CHECK(added > 100);
    CHECK(added < 2'000);
    CHECK(small.contains("key 0"));
}

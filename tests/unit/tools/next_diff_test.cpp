// Which comparison two reads of the same entity call for.

#include "tools/redis/next_diff.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

using Commands = std::vector<sources::redis::Command>;

const QueriedRows orders{
    "SELECT * FROM orders", {"quantity", "order_id", "code"}, {{"7", "7", "A-1001"}, {"2", "8", ""}}};

std::string template_for(const Commands& commands) {
    const auto proposed = redis::next_diff(orders, commands);
    if (!proposed) return "none";
    CHECK(proposed->at("left").at("mysql").at("sql") == "SELECT * FROM orders");
    return std::string(proposed->at("right").at("redis").at("key_template").as_string());
}

}  // namespace

TEST_CASE("a key that ends in a value of a queried column is compared by that column") {
    CHECK(template_for({{"GET", "order:7"}}) == "order:{order_id}");
    CHECK(template_for({{"DBSIZE"}, {"hgetall", "shop:order:8"}}) == "shop:order:{order_id}");
    CHECK(template_for({{"JSON.GET", "by:A-1001"}}) == "by:{code}");
    CHECK(template_for({{"GET", "user:99"}, {"GET", "order:8"}}) == "order:{order_id}");
}

TEST_CASE("where nothing says that both are the same entity, nothing is proposed") {
    CHECK(template_for({}) == "none");
    CHECK(template_for({{"GET", "order:9"}}) == "none");
    CHECK(template_for({{"GET", "stock:2"}}) == "none");  // a quantity, and a small number
    CHECK(template_for({{"TTL", "order:7"}}) == "none");
    CHECK(template_for({{"GET", "order"}, {"GET", "order:"}, {"GET", "{order}:7"}}) == "none");
    CHECK_FALSE(redis::next_diff({}, Commands{{"GET", "order:7"}}));
}

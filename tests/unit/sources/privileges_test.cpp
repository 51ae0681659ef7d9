// Whoever is not known to be harmless counts as able to write.

#include "sources/privileges.h"

#include "tests/support/catch.h"

namespace casefile::sources {
namespace {

struct GrantCase {
    std::vector<std::string> lines;
    bool can_write;
    const char* reason;
};

redis::Reply text(std::string value) {
    return {.kind = redis::Reply::Kind::text, .text = std::move(value), .items = {}};
}

redis::Reply list(std::vector<redis::Reply> items) {
    return {.kind = redis::Reply::Kind::array, .text = {}, .items = std::move(items)};
}

redis::Reply user_with(const std::string& rules) {
    return list({text("flags"), list({text("on")}), text("passwords"), list({text(std::string(64, 'a'))}),
                 text("commands"), text(rules), text("keys"), text("~*")});
}

}  // namespace

TEST_CASE("grants are judged by what they let an account change") {
    const std::vector<GrantCase> cases = {
        {{"GRANT SELECT ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*0123456789ABCDEF'"},
         false,
         "the account has SELECT ON *.*"},
        {{"GRANT USAGE ON *.* TO `r`@`%`", "GRANT SELECT, SHOW VIEW ON `shop`.* TO `r`@`%`"},
         false,
         "the account has USAGE ON *.*; SELECT, SHOW VIEW ON `shop`.*"},
        {{"GRANT SELECT (`id`, `insert, update`) ON `shop`.`users` TO `r`@`%`"},
         false,
         "the account has SELECT (`id`, `insert, update`) ON `shop`.`users`"},
        {{"GRANT SELECT ON `odd ON name`.* TO `r TO x`@`%`"},
         false,
         "the account has SELECT ON `odd ON name`.*"},
        {{"GRANT PROCESS, SLAVE MONITOR, BINLOG MONITOR ON *.* TO `r`@`%`"},
         false,
         "the account has PROCESS, SLAVE MONITOR, BINLOG MONITOR ON *.*"},
        {{"GRANT SELECT, INSERT ON `shop`.* TO `r`@`%`"}, true, "the account has INSERT ON `shop`.*"},
        {{"GRANT SELECT, UPDATE (`name`) ON `shop`.`users` TO `r`@`%`"},
         true,
         "the account has UPDATE (`name`) ON `shop`.`users`"},
        {{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"},
         true,
         "the account has ALL PRIVILEGES, GRANT OPTION ON *.*"},
        {{"GRANT INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON `a`.* TO `r`@`%`"},
         true,
         "the account has INSERT, UPDATE, DELETE, CREATE and 2 more ON `a`.*"},
        {{"GRANT SELECT ON *.* TO `r`@`%` WITH GRANT OPTION"}, true, "the account has GRANT OPTION ON *.*"},
        {{"GRANT SELECT, FILE ON *.* TO `r`@`%`"}, true, "the account has FILE ON *.*"},
        {{"GRANT EXECUTE ON `shop`.* TO `r`@`%`"}, true, "the account has EXECUTE ON `shop`.*"},
        {{"GRANT PROXY ON ''@'%' TO 'root'@'localhost'"}, true, "the account has PROXY ON ''@'%'"},
        {{"GRANT SOME_NEW_PRIVILEGE ON *.* TO `r`@`%`"}, true, "the account has SOME_NEW_PRIVILEGE ON *.*"},
        {{"GRANT `auditor` TO `r`@`%`", "GRANT USAGE ON *.* TO `r`@`%`", "GRANT SELECT ON *.* TO `auditor`",
          "SET DEFAULT ROLE `auditor` FOR `r`@`%`"},
         false,
         "the account has USAGE ON *.*; SELECT ON *.*"},
        {{"GRANT `writer`@`%` TO `r`@`%`", "GRANT USAGE ON *.* TO `r`@`%`"},
         true,
         "the account has the role writer, whose privileges the server does not list"},
        {{}, true, "not known: the server listed no grants; taken as able to write"},
    };
    for (const auto& one : cases) {
        INFO(one.reason);
        const auto judged = judge_grants(one.lines);
        CHECK(judged.can_write == one.can_write);
        CHECK(judged.reason == one.reason);
    }
}

TEST_CASE("a judgement of grants holds neither grantee nor password hash") {
    const auto judged = judge_grants(
        {"GRANT SELECT ON *.* TO `reader`@`10.0.0.1` IDENTIFIED BY PASSWORD '*0123456789ABCDEF'"});

    CHECK(judged.list == std::vector<std::string>{"SELECT ON *.*"});
}

TEST_CASE("Redis rules are judged from left to right, as the server reads them") {
    const std::vector<std::tuple<const char*, bool, const char*>> cases = {
        {"+@all", true, "the account has +@all"},
        {"-@all", false, "the account has only -@all"},
        {"-@all +@read +info", false, "the account has only -@all +@read +info"},
        {"-@all +@read +set", true, "the account has +set"},
        {"-@all +@read +set -set", false, "the account has only -@all +@read +set -set"},
        {"+set -@all +@read", false, "the account has only +set -@all +@read"},
        {"+@all -@write", true, "the account has +@all"},
        {"+@all -@write -@admin", false, "the account has only +@all -@write -@admin"},
        {"+@all -@write -@dangerous +set", true, "the account has +set"},
        {"-@write -@admin +@all", true, "the account has +@all"},
        {"-@all +@string", true, "the account has +@string"},
        {"-@all +@string -@write", false, "the account has only -@all +@string -@write"},
        {"-@all +@read +config|set", true, "the account has +config|set"},
        {"-@all +@read +config|get", false, "the account has only -@all +@read +config|get"},
        {"-@all +@scripting", true, "the account has +@scripting"},
        {"-@all +@read +GET +EVAL", true, "the account has +get +eval"},
        {"-@all +@read +@connection", true,
         "the account has +client|kill +client|no-evict +client|pause +client|unblock +client|unpause"},
        {"-@all +@connection -@dangerous", false, "the account has only -@all +@connection -@dangerous"},
        {"-@all +@connection -client", false, "the account has only -@all +@connection -client"},
        {"-@all +@connection -client|kill -client|pause -client|unpause -client|no-evict", true,
         "the account has +client|unblock"},
        {"-@all -@dangerous +@connection -@admin +client|kill", true, "the account has +client|kill"},
        {"-@all -@dangerous +@connection", true,
         "the account has +client|kill +client|no-evict +client|pause +client|unblock +client|unpause"},
    };
    for (const auto& [rules, can_write, reason] : cases) {
        INFO(rules);
        const auto judged = judge_acl(user_with(rules));
        CHECK(judged.can_write == can_write);
        CHECK(judged.reason == reason);
        CHECK(judged.list == std::vector<std::string>{rules});
    }
}

TEST_CASE("a selector that may write counts as well") {
    auto user = user_with("-@all +@read");
    user.items.push_back(text("selectors"));
    user.items.push_back(list({list({text("commands"), text("-@all +set"), text("keys"), text("~tmp:*")})}));

    CHECK(judge_acl(user).can_write);
}

TEST_CASE("what is not known of a Redis account is said, and counts as able to write") {
    using Kind = redis::Reply::Kind;
    const redis::Reply refused{
        .kind = Kind::error, .text = "NOPERM this user has no permissions", .items = {}};
    const redis::Reply older{.kind = Kind::error, .text = "ERR unknown command `ACL`", .items = {}};

    CHECK(judge_acl(refused).can_write);
    CHECK(judge_acl(refused).reason ==
          "not known: the account may not ask ACL GETUSER; taken as able to write");
    CHECK(judge_acl(older).can_write);
    CHECK(judge_acl(older).reason == "this server has no access lists: every client that gets in can write");
    CHECK(judge_acl({}).can_write);
}

}  // namespace casefile::sources

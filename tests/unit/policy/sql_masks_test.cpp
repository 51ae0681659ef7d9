#include "policy/sql_masks.h"

#include <set>

#include "policy/sql_statement.h"
#include "policy/sql_views.h"
#include "tests/unit/policy/corpus.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

/// What a server says of the tables of mask_schema.sql and schema.sql.
std::vector<KnownTable> known_tables(const std::string& sql) {
    static const std::map<std::string, std::map<std::string, std::string>> masked = {
        {"users",
         {{"PASSWORD", "secret"},
          {"API_KEY", "secret"},
          {"PIN", "secret"},
          {"CARD_NUMBER", "card"},
          {"PASSWORD_START", "computed"}}},
        {"agents", {{"CLé_SECRET", "secret"}}},
        {"sessions", {{"TOKEN", "secret"}, {"API_KEY", "secret"}}}};
    static const std::set<std::string> reaching = {"open_secrets", "nested_secrets", "filtered_users"};
    // As MariaDB prints their definitions.
    static const std::map<std::string, std::string> harmful = {
        {"locking", "select get_lock('job',0) AS `got`"},
        {"nested_locking", "select get_lock('job',0) AS `got`"},
        {"noting", "select `note_it`(`shop`.`orders`.`id`) AS `noted` from `shop`.`orders`"},
        {"drawing", "select nextval(`shop`.`invoice_numbers`) AS `number`"},
        {"opening", "select load_file('/etc/hostname') AS `content`"},
        {"server_accounts", "select `mysql`.`user`.`User` AS `User` from `mysql`.`user`"}};
    static const std::set<std::string> none = {"w", "WITH"};
    const auto names = tables_of(sql);
    INFO(sql);
    REQUIRE(names);
    std::vector<KnownTable> out;
    for (const auto& name : *names) {
        KnownTable table{.name = name, .exists = !none.contains(name.table)};
        if (const auto found = masked.find(name.table); found != masked.end()) table.masked = found->second;
        if (reaching.contains(name.table)) {
            table.refused = "the view " + name.table + " reaches the masked column users.password";
            table.hint = "name the tables behind it";
        }
        if (const auto found = harmful.find(name.table); found != harmful.end()) {
            table.refused = "the view " + name.table + " " + why_view_is_not_read("shop", found->second);
            table.hint = "read the tables behind it";
        }
        out.push_back(std::move(table));
    }
    return out;
}

MaskVerdict judged(const std::string& sql) { return judge_masks(sql, MaskRules(), known_tables(sql)); }

}  // namespace

TEST_CASE("the corpus of masks holds more than 60 attacks and 40 questions, each a reading statement") {
    const auto attacks = read_corpus("mask_refuse.tsv");
    const auto questions = read_corpus("mask_allow.tsv");
    CHECK(attacks.size() >= 60);
    CHECK(questions.size() >= 40);
    for (const auto* lines : {&attacks, &questions})
        for (const auto& line : *lines) {
            const auto verdict = judge_sql(decoded(line.text));
            INFO(line.text << "\n  " << verdict.reason);
            CHECK(verdict.allowed);
        }
}

TEST_CASE("every attack on a masked column is refused for the reason given, with what to ask instead") {
    for (const auto& line : read_corpus("mask_refuse.tsv")) {
        const auto verdict = judged(decoded(line.text)).verdict;
        INFO("mask_refuse.tsv:" << line.number << ": " << line.text << "\n  reason: " << verdict.reason);
        CHECK_FALSE(verdict.allowed);
        CHECK(verdict.reason.find(line.mark) != std::string::npos);
        CHECK(!verdict.hint.empty());
    }
}

TEST_CASE("every honest question of the corpus of masks is allowed") {
    for (const auto& line : read_corpus("mask_allow.tsv")) {
        const auto verdict = judged(decoded(line.text)).verdict;
        INFO("mask_allow.tsv:" << line.number << ": " << line.text << "\n  reason: " << verdict.reason);
        CHECK(verdict.allowed);
    }
}

TEST_CASE(
    "the shape of every statement that may be asked can be told, so that none is refused for its shape") {
    for (const auto* table : {"sql_allow.tsv", "sql_allow_mysql.tsv"})
        for (const auto& line : read_corpus(table)) {
            const auto names = tables_of(decoded(line.text));
            INFO(table << ":" << line.number << ": " << line.text);
            CHECK(names);
            if (!names) continue;
            const auto verdict = judged(decoded(line.text)).verdict;
            INFO(verdict.reason);
            CHECK(verdict.allowed);
        }
}

TEST_CASE("the tables of a statement are found wherever they stand") {
    const auto tables = [](const char* sql) {
        const auto names = tables_of(sql);
        REQUIRE(names);
        std::string out;
        for (const auto& name : *names)
            out += (out.empty() ? "" : " ") + (name.schema.empty() ? "" : name.schema + ".") + name.table;
        return out;
    };
    CHECK(tables("SELECT 1").empty());
    CHECK(tables("SELECT * FROM a, `b` x JOIN c.d AS y ON 1, (e JOIN f) WHERE 1") == "a b c.d e f");
    CHECK(tables("SELECT (SELECT 1 FROM a) FROM b WHERE EXISTS (SELECT 1 FROM c)") == "b a c");
    CHECK(tables("WITH w AS (SELECT 1 FROM a) SELECT 1 FROM w") == "w a");
    CHECK(tables("SELECT 1 FROM a UNION (SELECT 1 FROM b) UNION SELECT 1 FROM (SELECT 1 FROM c) d") ==
          "a b c");
    CHECK(tables("SELECT EXTRACT(DAY FROM x) FROM a PARTITION (p0) b USE INDEX (i), c") == "a c");
    CHECK(tables("SELECT 1 FROM a FOR SYSTEM_TIME AS OF NOW() b JOIN c USING (x)") == "a c");
    CHECK(tables("TABLE a") == "a");
    CHECK(tables("SHOW TABLES").empty());
    CHECK(tables("EXPLAIN FORMAT=JSON SELECT 1 FROM a") == "a");
}

TEST_CASE("a statement that ends where a table's name should be has no shape") {
    for (const auto* sql :
         {"TABLE", "TABLE;", "SELECT 1 UNION TABLE", "(SELECT 1) EXCEPT (TABLE)", "TABLE 'a'",
          "WITH w AS (SELECT 1) TABLE", "SELECT 1 FROM", "SELECT 1 FROM a JOIN"}) {
        INFO(sql);
        CHECK_FALSE(tables_of(sql));
    }
}

TEST_CASE("a view reaches a masked column when its definition names one") {
    const std::vector<KnownTable> known = {{.name = {"", "users"}, .masked = {{"PASSWORD", "secret"}}}};
    CHECK(why_view_reaches("select `users`.`password` AS `x` from `users`", known).find("users.password") !=
          std::string::npos);
    CHECK_FALSE(
        why_view_reaches("select `users`.`id` AS `id` from `users` where `users`.`Password` like 'a%'", known)
            .empty());
    CHECK(why_view_reaches("select `users`.`id` AS `id` from `users`", known).empty());
    CHECK_FALSE(why_view_reaches("select 'open", known).empty());
}

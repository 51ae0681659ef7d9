#include "policy/sql_statement.h"

#include "policy/sql_lexer.h"
#include "tests/unit/policy/corpus.h"

#include <algorithm>
#include <set>

using namespace casefile;
using namespace casefile::policy;

namespace {

std::ptrdiff_t count_proved(const std::vector<CorpusLine>& lines) {
    return std::ranges::count(lines, "proved", &CorpusLine::mark);
}

/// What the lines say, each once.
std::size_t count_different(const std::vector<CorpusLine>& lines) {
    std::set<std::string> texts;
    for (const auto& line : lines) texts.insert(line.text);
    return texts.size();
}

}  // namespace

TEST_CASE("the corpus holds 500 refusals, 350 of them proved, and 300 questions, every one proved to run") {
    const auto refused = read_corpus("sql_refuse.tsv");
    CHECK(count_different(refused) == refused.size());
    CHECK(refused.size() >= 500);
    CHECK(count_proved(refused) >= 350);
    const auto allowed = read_corpus("sql_allow.tsv");
    CHECK(count_different(allowed) == allowed.size());
    CHECK(allowed.size() >= 300);
    CHECK(count_proved(allowed) == static_cast<std::ptrdiff_t>(allowed.size()));
}

TEST_CASE("what only MySQL 8 can read is counted apart: documented by its manual, proved nowhere") {
    const auto allowed = read_corpus("sql_allow_mysql.tsv");
    CHECK(count_different(allowed) == allowed.size());
    CHECK(allowed.size() == 27);
    CHECK(std::ranges::count(allowed, "documented", &CorpusLine::mark) ==
          static_cast<std::ptrdiff_t>(allowed.size()));
}

TEST_CASE("every proved refusal names the harm that was seen, and no other one does") {
    const std::set<std::string> harms = {"writes", "file",        "locks",   "waits",
                                         "leaks",  "transaction", "settings"};
    for (const auto& line : read_corpus("sql_refuse.tsv")) {
        INFO("sql_refuse.tsv:" << line.number << ": " << line.text);
        CHECK(harms.contains(line.harm) == (line.mark == "proved"));
    }
}

TEST_CASE(
    "every statement of the table of refusals is refused, for the reason given, with something to ask "
    "instead") {
    for (const auto& line : read_corpus("sql_refuse.tsv")) {
        const auto verdict = judge_sql(decoded(line.text));
        INFO("sql_refuse.tsv:" << line.number << ": " << line.text << "\n  reason: " << verdict.reason);
        CHECK_FALSE(verdict.allowed);
        CHECK(is_mark(line.mark));
        CHECK(!line.reason.empty());
        CHECK(verdict.reason.find(line.reason) != std::string::npos);
        CHECK(verdict.reason.starts_with("statement not allowed: "));
        CHECK(!verdict.hint.empty());
    }
}

TEST_CASE("every statement of the table of legitimate questions is allowed") {
    for (const auto* table : {"sql_allow.tsv", "sql_allow_mysql.tsv"})
        for (const auto& line : read_corpus(table)) {
            const auto verdict = judge_sql(decoded(line.text));
            INFO(table << ":" << line.number << ": " << line.text << "\n  reason: " << verdict.reason);
            CHECK(verdict.allowed);
            CHECK(verdict.reason.empty());
        }
}

TEST_CASE("a refused statement stays refused in other letters and with comments between its words") {
    for (const auto& line : read_corpus("sql_refuse.tsv")) {
        const auto sql = decoded(line.text);
        INFO("sql_refuse.tsv:" << line.number << ": " << line.text);
        CHECK_FALSE(judge_sql(lower(sql)).allowed);
        CHECK_FALSE(judge_sql(sql + " ").allowed);
        CHECK_FALSE(judge_sql("/* first */" + sql).allowed);
        CHECK_FALSE(judge_sql("(" + sql + ")").allowed);
    }
}

TEST_CASE("a statement that is cut off anywhere is judged without reading past its end") {
    int misjudged = 0;
    for (const auto* table : {"sql_refuse.tsv", "sql_allow.tsv", "sql_allow_mysql.tsv"})
        for (const auto& line : read_corpus(table)) {
            const auto sql = decoded(line.text);
            for (std::size_t length = 0; length < sql.size(); ++length) {
                // A copy of exactly this length, so that a sanitizer sees a read beyond it.
                const std::vector<char> cut(sql.begin(), sql.begin() + static_cast<std::ptrdiff_t>(length));
                const auto verdict = judge_sql({cut.data(), cut.size()});
                if (verdict.allowed != verdict.reason.empty()) ++misjudged;
            }
        }
    CHECK(misjudged == 0);
}

TEST_CASE("a statement beyond the limit of its length is refused, one at the limit is not") {
    const std::string start = "SELECT 1 -- ";
    CHECK(judge_sql(start + std::string(sql_bytes_max - start.size(), 'x')).allowed);
    const auto verdict = judge_sql(start + std::string(sql_bytes_max - start.size() + 1, 'x'));
    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.reason == "statement not allowed: expected at most 1048576 bytes, got 1048577");
}

TEST_CASE("the forms of SHOW that a refusal names are allowed") {
    const auto hint = judge_sql("SHOW NOTHING").hint;
    const std::string_view begin = "ask SHOW ", end = ", or read";
    REQUIRE(hint.starts_with(begin));
    auto forms = hint.substr(begin.size(), hint.find(end) - begin.size());
    forms.replace(forms.find(" or "), 4, ", ");
    std::size_t named = 0;
    for (std::size_t at = 0; at < forms.size(); ++named) {
        const auto next = std::min(forms.find(", ", at), forms.size());
        INFO(forms.substr(at, next - at));
        CHECK(judge_sql("SHOW " + forms.substr(at, next - at)).allowed);
        at = next + 2;
    }
    CHECK(named > 5);
}

TEST_CASE("long repetitions are judged without exhausting the stack or the reader's patience") {
    const auto repeated = [](std::string_view text, std::size_t times) {
        std::string out;
        for (std::size_t i = 0; i < times; ++i) out += text;
        return out;
    };
    CHECK(judge_sql("SELECT " + repeated("ALL ", 200'000) + "SQL_CACHE (1)").allowed);
    CHECK_FALSE(judge_sql("SELECT 1, " + repeated("ALL ", 200'000) + "SQL_CACHE (1)").allowed);
    CHECK(judge_sql("SELECT MATCH " + repeated("a, ", 200'000) + "a AGAINST ('x')").allowed);
    CHECK(judge_sql("SELECT " + repeated("performance_schema.threads.name, ", 20'000) + "1").allowed);
    CHECK_FALSE(judge_sql("SELECT " + repeated("performance_schema.threads.name, ", 20'000) + "*").allowed);
}

TEST_CASE("a refused statement is shown with nothing that a terminal would obey") {
    const auto verdict = judge_sql("SELECT `\x1B[31m`(1)");
    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.reason.find('\x1B') == std::string::npos);
}

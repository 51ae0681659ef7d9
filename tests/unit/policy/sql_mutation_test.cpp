// Every statement of the corpora, rewritten some dozens of times: what was refused stays refused, what was
// allowed stays allowed, and the lexer sees the same tokens in other clothes.

#include "policy/sql_lexer.h"
#include "policy/sql_statement.h"
#include "tests/unit/policy/corpus.h"
#include "tests/unit/policy/sql_mutator.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

constexpr int chains = 24;
constexpr std::size_t links_max = 4;

/// Hands `judge` every mutation of `sql` alone, and chains of several. Returns how many there were.
template <class Judge>
int mutate(const std::string& sql, int number, const std::vector<const std::vector<Mutation>*>& lists,
           Judge judge) {
    Choices choices(static_cast<std::uint32_t>(number));
    int made = 0;
    const auto tell = [&](const std::string& mutant, const std::string& how) {
        if (mutant.empty()) return;
        ++made;
        judge(mutant, how);
    };
    std::vector<const Mutation*> all;
    for (const auto* list : lists)
        for (const auto& mutation : *list) all.push_back(&mutation);
    for (const auto* mutation : all) tell(mutation->rewrite(sql, choices), mutation->name);
    for (int chain = 0; chain < chains; ++chain) {
        auto mutant = sql;
        std::string how;
        for (auto links = 2 + choices.below(links_max - 1); links > 0; --links) {
            const auto* mutation = choices.one_of(all);
            auto next = mutation->rewrite(mutant, choices);
            if (next.empty()) continue;
            mutant = std::move(next);
            how += (how.empty() ? "" : ", then ") + std::string(mutation->name);
        }
        if (!how.empty()) tell(mutant, how);
    }
    return made;
}

/// X'41' and x'41' are the same.
std::string token_text(const SqlToken& token) {
    return token.kind == SqlToken::Kind::number ? upper(token.text) : std::string(token.text);
}

std::string token_stream(const std::string& sql) {
    const auto tokens = lex_sql(sql);
    if (!tokens) return "refused: " + tokens.error().message;
    std::string out;
    for (const auto& token : *tokens)
        out += std::to_string(static_cast<int>(token.kind)) +
               (token.name.empty() ? token_text(token) : token.name) + (token.after_dot ? ".\n" : "\n");
    return out;
}

}  // namespace

TEST_CASE("a refused statement stays refused however it is rewritten") {
    int made = 0, allowed = 0;
    for (const auto& line : read_corpus("sql_refuse.tsv"))
        made += mutate(decoded(line.text), line.number,
                       {&lexical_mutations(), &meaning_mutations(), &executable_mutations()},
                       [&](const std::string& mutant, const std::string& how) {
                           if (!judge_sql(mutant).allowed) return;
                           UNSCOPED_INFO("sql_refuse.tsv:" << line.number << ", " << how << ": " << mutant);
                           ++allowed;
                       });
    CHECK(allowed == 0);
    CHECK(made >= 20'000);
}

TEST_CASE("an allowed statement stays allowed however it is rewritten") {
    int made = 0;
    for (const auto* table : {"sql_allow.tsv", "sql_allow_mysql.tsv"}) {
        int refused = 0;
        for (const auto& line : read_corpus(table))
            made += mutate(decoded(line.text), line.number, {&lexical_mutations(), &meaning_mutations()},
                           [&](const std::string& mutant, const std::string& how) {
                               const auto verdict = judge_sql(mutant);
                               if (verdict.allowed) return;
                               UNSCOPED_INFO(table << ":" << line.number << ", " << how << ": " << mutant
                                                   << "\n  " << verdict.reason);
                               ++refused;
                           });
        CHECK(refused == 0);
    }
    CHECK(made >= 10'000);
}

TEST_CASE("an allowed statement is refused once any of it stands in an executable comment") {
    int allowed = 0;
    for (const auto& line : read_corpus("sql_allow.tsv"))
        mutate(decoded(line.text), line.number, {&executable_mutations()},
               [&](const std::string& mutant, const std::string&) {
                   if (!judge_sql(mutant).allowed) return;
                   UNSCOPED_INFO("sql_allow.tsv:" << line.number << ": " << mutant);
                   ++allowed;
               });
    CHECK(allowed == 0);
}

TEST_CASE("white space, comments and letters of the other case leave the tokens as they were") {
    int made = 0, other = 0;
    for (const auto& line : read_corpus("sql_allow.tsv")) {
        const auto sql = decoded(line.text);
        const auto expected = token_stream(sql);
        made += mutate(sql, line.number, {&lexical_mutations()},
                       [&](const std::string& mutant, const std::string& how) {
                           if (token_stream(mutant) == expected) return;
                           UNSCOPED_INFO("sql_allow.tsv:" << line.number << ", " << how << ": " << mutant);
                           ++other;
                       });
    }
    CHECK(other == 0);
    CHECK(made >= 5'000);
}

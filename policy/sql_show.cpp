#include "policy/sql_show.h"

#include <algorithm>

#include "base/text.h"
#include "policy/sql_literals.h"
#include "policy/sql_private.h"
#include "policy/sql_scan.h"

namespace casefile::policy {
namespace {

/// The words after SHOW, up to the name or the filter; "[X]" may be left out, "A|B" is either.
constexpr std::string_view allowed_forms[] = {
    "[EXTENDED] [FULL] TABLES",
    "[EXTENDED] [FULL] COLUMNS|FIELDS",
    "[EXTENDED] INDEX|INDEXES|KEYS",
    "OPEN TABLES",
    "TABLE STATUS",
    "DATABASES|SCHEMAS",
    "CREATE TABLE|VIEW|SEQUENCE|DATABASE|SCHEMA|TRIGGER|PROCEDURE|FUNCTION|EVENT",
    "TRIGGERS",
    "EVENTS",
    "CREATE PACKAGE [BODY]",
    "PROCEDURE|FUNCTION|PACKAGE STATUS",
    "PACKAGE BODY STATUS",
    "[GLOBAL|SESSION|LOCAL] STATUS|VARIABLES",
    "[STORAGE] ENGINES",
    "ENGINE INNODB MUTEX",
    "ENGINE PERFORMANCE_SCHEMA STATUS",
    "CLIENT_STATISTICS|INDEX_STATISTICS|TABLE_STATISTICS|USER_STATISTICS",
    "AUTHORS|CONTRIBUTORS",
    "COLLATION",
    "CHARSET",
    "CHARACTER SET",
    "PLUGINS",
    "PRIVILEGES",
    "ALL REPLICAS|SLAVES STATUS",
    "REPLICA|SLAVE STATUS",
    "MASTER|BINLOG STATUS",
    "BINARY LOG STATUS",
    "BINARY|MASTER LOGS",
};

struct Refused {
    std::string_view words;
    std::string_view reason;
    std::string_view hint;
};

constexpr std::string_view hashes = "prints password hashes";
constexpr std::string_view statements = "prints what other sessions are asking, with their values";
// Connections are shared, and a warning quotes the values that it is about.
constexpr std::string_view earlier = "tells of an earlier statement, perhaps another case's, with its values";
constexpr std::string_view ask_values = "select the values in question themselves";
constexpr std::string_view ask_user = "ask SELECT CURRENT_USER(), or information_schema.USER_PRIVILEGES";
constexpr std::string_view ask_status = "ask SHOW GLOBAL STATUS LIKE 'Threads%', or SHOW OPEN TABLES";

constexpr Refused refused_forms[] = {
    {"GRANTS", hashes, ask_user},
    {"CREATE USER", hashes, ask_user},
    {"SLAVE HOSTS", hashes, "ask SHOW REPLICA STATUS"},
    {"REPLICAS", hashes, "ask SHOW REPLICA STATUS"},
    {"[FULL] PROCESSLIST", statements, ask_status},
    {"EXPLAIN", statements, ask_status},
    {"ANALYZE", statements, ask_status},
    {"PROFILE|PROFILES", statements, ask_status},
    {"ENGINE INNODB|ALL STATUS", statements, "ask SHOW GLOBAL STATUS LIKE 'Innodb%'"},
    {"WARNINGS", earlier, ask_values},
    {"ERRORS", earlier, ask_values},
    {"COUNT ( * )", earlier, ask_values},
    {"PLUGINS SONAME", "loads plugin libraries of the server", "ask SHOW PLUGINS"},
    {"BINLOG EVENTS", "prints other sessions' writes", "ask SHOW MASTER STATUS for the position"},
    {"RELAYLOG EVENTS", "prints other sessions' writes", "ask SHOW REPLICA STATUS for the position"},
};

bool matches(const SqlToken& token, std::string_view choices) {
    const auto& word = token.kind == SqlToken::Kind::word ? token.name : std::string(token.text);
    const auto list = split(choices, '|');
    return std::ranges::find(list, word) != list.end();
}

/// How many tokens `form` takes from the start, or 0 when it does not match.
std::size_t length_of_match(SqlTokens tokens, std::string_view form) {
    std::size_t taken = 0;
    for (const auto& part : split(form, ' ')) {
        const bool optional = part.front() == '[';
        const auto choices =
            optional ? std::string_view(part).substr(1, part.size() - 2) : std::string_view(part);
        if (taken < tokens.size() && matches(tokens[taken], choices))
            ++taken;
        else if (!optional)
            return 0;
    }
    return taken;
}

/// MariaDB names the connection between the words: SHOW REPLICA 'name' STATUS.
std::size_t length_of_named_replica(SqlTokens tokens) {
    const bool named = tokens.size() >= 3 && matches(tokens[0], "REPLICA|SLAVE") &&
                       tokens[1].kind == SqlToken::Kind::string && tokens[2].is_word("STATUS");
    return named ? 3 : 0;
}

/// MySQL names the channel at the end: SHOW REPLICA STATUS FOR CHANNEL 'name'.
bool is_channel(SqlTokens rest) {
    return rest.size() == 3 && rest[0].is_word("FOR") && rest[1].is_word("CHANNEL") &&
           rest[2].kind == SqlToken::Kind::string;
}

bool is_symbol_at(SqlTokens tokens, std::size_t i, char symbol) {
    return i < tokens.size() && tokens[i].is_symbol(symbol);
}

bool is_harmless_name(SqlTokens tokens, std::size_t i) {
    return i < tokens.size() && tokens[i].kind == SqlToken::Kind::string &&
           !may_mean_private_variable(literal_bytes(tokens[i]));
}

/// The end of `Variable_name = 'a'`, `LIKE 'a%'` or `IN ('a', 'b')` at the start, where none of these is the
/// name of a variable that can hold passwords; 0 otherwise.
std::size_t end_of_harmless_names(SqlTokens tokens) {
    if (tokens.size() < 3 || !tokens[0].is_name() || tokens[0].name != "VARIABLE_NAME") return 0;
    if (tokens[1].is_symbol('=') || tokens[1].is_word("LIKE")) return is_harmless_name(tokens, 2) ? 3 : 0;
    if (!tokens[1].is_word("IN") || !tokens[2].is_symbol('(')) return 0;
    for (std::size_t i = 3; is_harmless_name(tokens, i); i += 2) {
        if (is_symbol_at(tokens, i + 1, ')')) return i + 2;
        if (!is_symbol_at(tokens, i + 1, ',')) return 0;
    }
    return 0;
}

/// Some word that AND binds closer than: then the condition before it does not hold for what is after it.
bool has_alternative(SqlTokens tokens) {
    int depth = 0;
    for (const auto& token : tokens) {
        if (token.is_symbol('(')) ++depth;
        if (token.is_symbol(')')) --depth;
        if (depth == 0 && (token.is_word("OR") || token.is_word("XOR") || token.is_symbol('|'))) return true;
    }
    return false;
}

/// A filter on the value of a variable tells the value, though it is shown masked.
Verdict judge_value_filter(SqlTokens filter) {
    const bool asks_value = std::ranges::any_of(
        filter, [](const SqlToken& token) { return token.is_name() && fold_name(token.name) == "VALUE"; });
    if (!asks_value) return Verdict::yes();
    if (!filter.empty() && filter[0].is_word("WHERE")) {
        const auto condition = filter.subspan(1);
        const auto end = end_of_harmless_names(condition);
        const bool goes_on = end > 0 && end < condition.size() && condition[end].is_word("AND");
        if (goes_on && !has_alternative(condition.subspan(end))) return Verdict::yes();
    }
    return refuse_sql("SHOW VARIABLES filtered by Value could tell the passwords that some variables hold",
                      "begin with the names, as in WHERE Variable_name LIKE '%timeout%' AND Value > 10, or "
                      "leave Value out");
}

}  // namespace

Verdict judge_show(SqlTokens tokens) {
    const auto after_show = tokens.subspan(1);
    for (const auto& form : refused_forms)
        if (length_of_match(after_show, form.words) > 0)
            return refuse_sql("SHOW " + std::string(form.words) + " " + std::string(form.reason),
                              std::string(form.hint));
    auto taken = length_of_named_replica(after_show);
    for (const auto& form : allowed_forms) taken = std::max(taken, length_of_match(after_show, form));
    if (taken == 0)
        return refuse_sql(
            "this form of SHOW is not one of those allowed",
            "ask SHOW TABLES, COLUMNS, INDEX, CREATE TABLE, TABLE STATUS, STATUS, VARIABLES, ENGINES, "
            "TRIGGERS, EVENTS or REPLICA STATUS, or read information_schema");
    const auto rest = after_show.subspan(taken);
    if (taken > 0 && after_show[taken - 1].is_word("VARIABLES"))
        if (auto verdict = judge_value_filter(rest); !verdict.allowed) return verdict;
    return is_channel(rest) ? Verdict::yes() : scan_sql(rest);
}

}  // namespace casefile::policy

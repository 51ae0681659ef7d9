#include "policy/sql_hints.h"

#include <algorithm>

#include "base/text.h"
#include "policy/sql_lexer.h"
#include "policy/sql_scan.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

constexpr WordList plan_hints =
    "BKA BNL DERIVED_CONDITION_PUSHDOWN GROUP_INDEX HASH_JOIN INDEX INDEX_MERGE JOIN_FIXED_ORDER "
    "JOIN_INDEX JOIN_ORDER JOIN_PREFIX JOIN_SUFFIX MERGE MRR NO_BKA NO_BNL "
    "NO_DERIVED_CONDITION_PUSHDOWN NO_GROUP_INDEX NO_HASH_JOIN NO_ICP NO_INDEX NO_INDEX_MERGE "
    "NO_JOIN_INDEX NO_MERGE NO_MRR NO_ORDER_INDEX NO_RANGE_OPTIMIZATION NO_SEMIJOIN NO_SKIP_SCAN "
    "ORDER_INDEX QB_NAME SEMIJOIN SKIP_SCAN SUBQUERY";

// The longest that a query may run unless the operator says otherwise. Whatever the hint allows, casefile
// ends the statement when the call's own time is over.
constexpr int time_limit_max = 30'000;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The word that ends before `end`, blanks left out; in upper case.
std::string word_before(std::string_view text, std::size_t end) {
    while (end > 0 && is_blank(text[end - 1])) --end;
    auto start = end;
    while (start > 0 && is_name_character(text[start - 1])) --start;
    return upper(text.substr(start, end - start));
}

/// `rest` begins after the bracket: digits for 1 to the longest time, and the bracket's end.
bool is_time_limit(std::string_view rest) {
    const auto skip_blanks = [&] {
        while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    };
    int millis = 0;
    skip_blanks();
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9' && millis <= time_limit_max) {
        millis = millis * 10 + (rest.front() - '0');
        rest.remove_prefix(1);
    }
    skip_blanks();
    return millis > 0 && millis <= time_limit_max && rest.starts_with(')');
}

}  // namespace

Verdict judge_hint(std::string_view hint) {
    // Between backticks a server would read over the */ that ended the comment here.
    if (hint.find_first_of("'\"") != std::string_view::npos || std::ranges::count(hint, '`') % 2 != 0)
        return refuse_sql("an optimizer hint holds quotes", "name tables and indexes plainly in hints");
    const auto text = hint.substr(3, hint.size() - 5);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '(') continue;
        const auto name = word_before(text, i);
        if (name == "MAX_EXECUTION_TIME" && is_time_limit(text.substr(i + 1))) continue;
        if (!lists(plan_hints, name))
            return refuse_sql(
                "the optimizer hint " + shorten(name, 64) + "( is not one that only chooses a plan",
                "leave out the hint; limits of time and memory are casefile's");
    }
    return Verdict::yes();
}

}  // namespace casefile::policy

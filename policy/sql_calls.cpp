#include "policy/sql_calls.h"

#include <algorithm>

#include "policy/sql_functions.h"
#include "policy/sql_lexer.h"

namespace casefile::policy {

std::vector<std::string> functions_not_everywhere(std::string_view sql) {
    std::vector<std::string> out;
    const auto tokens = lex_sql(sql);
    if (!tokens) return out;
    for (std::size_t i = 0; i + 1 < tokens->size(); ++i) {
        const auto& token = (*tokens)[i];
        if (!token.is_name() || !(*tokens)[i + 1].is_symbol('(')) continue;
        if (!is_harmless_function(token.name) || is_built_in_everywhere(token.name)) continue;
        if (std::ranges::find(out, token.name) == out.end()) out.push_back(token.name);
    }
    return out;
}

}  // namespace casefile::policy

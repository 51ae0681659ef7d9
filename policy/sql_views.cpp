#include "policy/sql_views.h"

#include "policy/sql_literals.h"
#include "policy/sql_scan.h"
#include "policy/sql_statement.h"

namespace casefile::policy {

std::string why_view_is_not_read(std::string_view schema, std::string_view definition) {
    // The server's own views call functions of that schema, which every account may see.
    if (compare_name(schema) == "SYS") return {};
    const auto verdict = judge_sql(definition);
    if (verdict.allowed) return {};
    const auto reason = std::string_view(verdict.reason);
    return "does what no statement may: " + std::string(reason.substr(reason.find(": ") + 2));
}

std::string why_view_reaches(std::string_view definition, const std::vector<KnownTable>& known) {
    const auto tokens = lex_sql(definition);
    if (!tokens) return "has a definition that casefile cannot read";
    for (const auto& table : known) {
        if (!table.refused.empty()) return "reads " + table.name.table + ", which " + table.refused;
        for (std::size_t i = 0; i < tokens->size(); ++i) {
            const auto& token = (*tokens)[i];
            const bool qualifies = i + 1 < tokens->size() && (*tokens)[i + 1].is_symbol('.');
            if (token.is_name() && !qualifies && table.masked.contains(compare_name(token.name)))
                return "reaches the masked column " + table.name.table + "." + written_name(token);
        }
    }
    return {};
}

}  // namespace casefile::policy

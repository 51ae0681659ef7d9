#include "tools/mysql/stored_functions.h"

#include "base/text.h"
#include "policy/sql_calls.h"
#include "policy/sql_statement.h"

namespace casefile::tools::mysql {
namespace {

class NameSink : public sources::mysql::RowSink {
  public:
    Result<void> columns(const std::vector<sources::mysql::Column>&) override { return {}; }
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override {
        if (!cells.empty()) names.insert(upper(cells[0].bytes));
        return true;
    }
    std::set<std::string> names;
};

/// The account sees the functions that it may call, and the server refuses the others by itself.
Result<std::set<std::string>> ask_stored(const std::vector<std::string>& names,
                                         sources::mysql::MysqlSource& source, const Call& call) {
    json::array params(names.begin(), names.end());
    std::vector<std::string> marks(names.size(), "?");
    const auto sql = policy::bind_parameters(
        "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND "
        "ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_NAME IN (" +
            join(marks, ", ") + ")",
        params);
    if (!sql) return sql.error();
    if (const auto verdict = policy::judge_sql(*sql); !verdict.allowed)
        return denied(verdict.reason, verdict.hint);
    NameSink sink;
    if (auto end = source.query(*sql, sink, call.control()); !end) return end.error();
    return std::move(sink.names);
}

Error refusal(const std::string& name) {
    return denied(
        "statement not allowed: " + name +
            "() is stored in the schema, and a server without a built-in function of that name calls it",
        "write the question without " + name + "(); stored functions are not called");
}

}  // namespace

Result<void> refuse_stored_functions(std::string_view sql, sources::mysql::MysqlSource& source,
                                     const Call& call) {
    // Asked each time: a function may be stored between two questions.
    const auto names = policy::functions_not_everywhere(sql);
    if (names.empty()) return {};
    const auto stored = ask_stored(names, source, call);
    if (!stored) return stored.error();
    for (const auto& name : names)
        if (stored->contains(name)) return refusal(name);
    return {};
}

}  // namespace casefile::tools::mysql

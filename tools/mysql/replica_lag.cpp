#include "tools/mysql/replica_lag.h"

#include "tools/mysql/small_table.h"

namespace casefile::tools::mysql {
namespace {

constexpr std::chrono::seconds asked_again_after{10};

json::object ask(Call& call, sources::mysql::MysqlSource& source) {
    json::object out{{"asked_at", rfc3339(call.bench.clock.now())}};
    SmallTable table(16);
    if (const auto end = source.query(replica_statement, table, call.control()); !end) {
        out["unknown"] = end.error().message;
        return out;
    }
    out["unknown"] = table.lines.empty() ? "the server is no replica any more" : "replication does not run";
    for (const auto& line : table.lines)
        for (const auto* name : {"Seconds_Behind_Source", "Seconds_Behind_Master"})
            if (const auto seconds = string_or(line, name); !seconds.empty()) {
                out["seconds_behind"] = seconds;
                out.erase("unknown");
            }
    return out;
}

}  // namespace

bool is_replica(const cases::CaseState& state, const std::string& env) {
    for (auto grant = state.grants.rbegin(); grant != state.grants.rend(); ++grant) {
        if ((*grant)->env != env) continue;
        for (const auto& one : (*grant)->fingerprints) {
            const auto& fingerprint = one.as_object();
            if (string_or(fingerprint, "source") != name_of(SourceKind::mysql)) continue;
            const auto* facts = member(fingerprint, "facts");
            return facts != nullptr && facts->is_object() &&
                   string_or(facts->get_object(), "role") == "replica";
        }
    }
    return false;
}

std::optional<json::object> replica_lag(Call& call, sources::mysql::MysqlSource& source) {
    if (!is_replica(call.state, call.env)) return std::nullopt;
    if (auto lag = call.bench.states.lag_of(source.endpoint(), asked_again_after)) return lag;
    auto lag = ask(call, source);
    call.run.log(std::string("replica probe: ") + replica_statement);
    call.bench.states.note_lag(source.endpoint(), lag);
    return lag;
}

}  // namespace casefile::tools::mysql

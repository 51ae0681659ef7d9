#include "tools/environment/mysql_health.h"

#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "sources/identity_probe.h"
#include "tools/environment/health.h"
#include "tools/mysql/small_table.h"

namespace casefile::tools::environment {
namespace {

constexpr std::size_t rows_max = 1'000;
constexpr std::size_t text_bytes_max = 300;  // of a statement's digest

constexpr const char* status_sql =
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Threads_running', "
    "'Max_used_connections', 'Connection_errors_max_connections', 'Aborted_connects', 'Uptime', "
    "'Slow_queries', 'Questions')";
constexpr const char* variables_sql =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'performance_schema')";
constexpr const char* sessions_sql =
    "SELECT USER AS user, SUBSTRING_INDEX(HOST, ':', 1) AS host, COUNT(*) AS sessions, SUM(COMMAND <> "
    "'Sleep') AS running, MAX(IF(COMMAND = 'Sleep', 0, TIME)) AS longest_s, SUM(STATE LIKE 'Waiting "
    "for%metadata lock') AS waiting FROM information_schema.PROCESSLIST WHERE USER NOT IN ('system user', "
    "'event_scheduler') GROUP BY USER, SUBSTRING_INDEX(HOST, ':', 1) ORDER BY sessions DESC, user, host";
constexpr const char* transactions_sql =
    "SELECT t.trx_id, t.trx_mysql_thread_id AS session, t.trx_state AS state, t.trx_started AS started, "
    "t.trx_rows_locked AS rows_locked, t.trx_rows_modified AS rows_modified, p.USER AS user, p.HOST AS host, "
    "p.COMMAND AS command, t.trx_mysql_thread_id = CONNECTION_ID() AS own FROM "
    "information_schema.INNODB_TRX t LEFT JOIN information_schema.PROCESSLIST p ON p.ID = "
    "t.trx_mysql_thread_id ORDER BY t.trx_started";
/// MariaDB, and MySQL before 8.
constexpr const char* waits_sql =
    "SELECT requesting_trx_id, blocking_trx_id FROM information_schema.INNODB_LOCK_WAITS";
constexpr const char* new_waits_sql =
    "SELECT REQUESTING_ENGINE_TRANSACTION_ID AS requesting_trx_id, BLOCKING_ENGINE_TRANSACTION_ID AS "
    "blocking_trx_id FROM performance_schema.data_lock_waits";
constexpr const char* statements_sql =
    "SELECT SCHEMA_NAME AS schema_name, DIGEST AS digest, DIGEST_TEXT AS text, COUNT_STAR AS calls, "
    "SUM_TIMER_WAIT AS total_ps, MAX_TIMER_WAIT AS max_ps, SUM_ROWS_EXAMINED AS rows_examined FROM "
    "performance_schema.events_statements_summary_by_digest WHERE DIGEST IS NOT NULL ORDER BY "
    "SUM_TIMER_WAIT DESC LIMIT 200";

/// The rule of what was counted where only the account's own sessions are shown.
constexpr std::string_view needs_process = "needs PROCESS: other accounts' sessions are not seen";

double number(const json::object& line, std::string_view name) {
    const auto text = string_or(line, name);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Milliseconds with three decimals at most: whoever reads it wants no more.
double rounded(double ms) { return std::round(ms * 1000) / 1000; }

using Lines = std::vector<json::object>;

/// Asks the questions in turn. A statement that the server refuses is a problem told, and no list.
class Asker {
  public:
    Asker(Call& call, sources::mysql::MysqlSource& source, Health& out)
        : call_(call), source_(source), out_(out) {}

    Result<Lines> ask(const char* sql) {
        mysql::SmallTable table(rows_max);
        call_.run.log(std::string("mysql health: ") + sql);
        if (const auto end = source_.query(sql, table, call_.control()); !end) return end.error();
        return std::move(table.lines);
    }

    /// `needs` is what the account lacks when the server says no.
    Result<std::optional<Lines>> ask_if_allowed(const char* sql, const std::string& what,
                                                const std::string& needs) {
        auto lines = ask(sql);
        if (lines) return {*std::move(lines)};
        const auto kind = lines.error().kind;
        if (kind != ErrorKind::denied && kind != ErrorKind::invalid_argument) return lines.error();
        out_.problems.push_back("mysql " + what + ": not told, " + needs + " (" + lines.error().message +
                                ")");
        return {std::nullopt};
    }

  private:
    Call& call_;
    sources::mysql::MysqlSource& source_;
    Health& out_;
};

std::map<std::string, std::string> named_values(const Lines& lines) {
    std::map<std::string, std::string> out;
    for (const auto& line : lines) out[lower(string_or(line, "Variable_name"))] = string_or(line, "Value");
    return out;
}

double value_in(const std::map<std::string, std::string>& values, const std::string& name) {
    const auto found = values.find(name);
    double value = 0;
    if (found != values.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

void check_connections(const std::map<std::string, std::string>& status,
                       const std::map<std::string, std::string>& variables, Health& out) {
    const auto text = [](const auto& values, const std::string& name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string("?") : found->second;
    };
    const double allowed = std::max(1.0, value_in(variables, "max_connections"));
    const double used = value_in(status, "threads_connected") / allowed;
    const double peak = value_in(status, "max_used_connections") / allowed;
    const auto limit = text(variables, "max_connections");
    out.check(SourceKind::mysql, "connections", text(status, "threads_connected") + " of " + limit,
              verdict_at(used, 0.8, 0.95), "of max_connections: warning from 80 %, critical from 95 %");
    out.check(SourceKind::mysql, "connections_peak", text(status, "max_used_connections") + " of " + limit,
              verdict_at(peak, 0.8, 1.0), "since the server started: warning from 80 %, critical when all");
    out.check(SourceKind::mysql, "connections_refused", text(status, "connection_errors_max_connections"),
              verdict_at(value_in(status, "connection_errors_max_connections"), 1, 1e18),
              "for want of a free connection, since the server started: warning from 1");
    out.check(SourceKind::mysql, "running", text(status, "threads_running"),
              verdict_at(value_in(status, "threads_running"), 32, 128),
              "statements at once: warning from 32, critical from 128");
}

void check_replica(const sources::Fingerprint& fingerprint, Health& out) {
    const auto role = string_or(fingerprint.facts, "role");
    if (role == "not known") {
        out.problems.push_back(
            "mysql replication: not told, the account needs REPLICA MONITOR or REPLICATION "
            "CLIENT (" +
            string_or(fingerprint.facts, "role_reason") + ")");
        return;
    }
    if (role != "replica") return;
    const auto behind = string_or(fingerprint.facts, "replica_seconds_behind");
    out.check(
        SourceKind::mysql, "replica_lag_s", behind.empty() ? "unknown" : behind,
        behind.empty() ? "CRITICAL" : verdict_at(number(fingerprint.facts, "replica_seconds_behind"), 10, 60),
        "warning from 10 s, critical from 60 s, or when replication does not run");
}

void check_blocked(const Lines& transactions, Health& out) {
    const auto blocked = std::count_if(transactions.begin(), transactions.end(), [](const auto& one) {
        return !member(one, "blocked_by")->as_array().empty();
    });
    out.check(SourceKind::mysql, "transactions_blocked", std::to_string(blocked),
              verdict_at(static_cast<double>(blocked), 1, 10),
              "waiting for a row lock: warning from 1, critical from 10");
}

void check_oldest(const Lines& transactions, Health& out) {
    std::int64_t oldest = 0;
    for (const auto& one : transactions)
        if (const auto* age = member(one, "age_s"); age->is_int64())
            oldest = std::max(oldest, age->get_int64());
    out.check(SourceKind::mysql, "transaction_oldest_s", std::to_string(oldest),
              verdict_at(static_cast<double>(oldest), 60, 600), "warning from 60 s, critical from 600 s");
}

/// `sees_all`: the account was told what needs PROCESS.
void take_sessions(Lines lines, double connected, bool sees_all, const std::string& account, Health& out) {
    double waiting = 0, seen = 0;
    std::set<std::string> users;
    for (auto& line : lines) {
        waiting += number(line, "waiting");
        seen += number(line, "sessions");
        users.insert(string_or(line, "user"));
        line.erase("waiting");
        out.sessions.push_back(std::move(line));
    }
    // Somebody may have gone between the two questions; whoever sees another user sees them all.
    const bool own_alone = !sees_all && seen < connected && users.size() < 2;
    const auto verdict = verdict_at(waiting, 1, 10);
    const bool unknown = own_alone && verdict == "OK";
    const auto count = std::to_string(static_cast<std::int64_t>(waiting));
    out.check(SourceKind::mysql, "metadata_lock_waits", unknown ? "unknown" : count,
              unknown ? "UNKNOWN" : verdict,
              unknown ? needs_process
                      : "sessions that wait for an ALTER or before one: warning from 1, critical from 10");
    if (own_alone)
        out.problems.push_back("mysql sessions: " + account +
                               " sees its own alone; with PROCESS it would see all of them");
}

/// Whether the account may see them, which takes PROCESS.
Result<bool> take_transactions(Asker& asker, bool mariadb, Health& out) {
    const std::string needs = "the account needs PROCESS";
    auto rows = asker.ask_if_allowed(transactions_sql, "transactions", needs);
    if (!rows) return rows.error();
    if (!*rows) {
        for (const auto* name : {"transactions_blocked", "transaction_oldest_s"})
            out.check(SourceKind::mysql, name, "unknown", "UNKNOWN", needs_process);
        return false;
    }
    if ((*rows)->empty()) return true;
    const std::string waits_need = mariadb ? needs : "the account needs SELECT on performance_schema";
    auto waits = asker.ask_if_allowed(mariadb ? waits_sql : new_waits_sql, "lock waits", waits_need);
    if (!waits) return waits.error();
    std::string own;
    for (const auto& row : **rows)
        if (string_or(row, "own") == "1") own = string_or(row, "session");
    out.transactions = transactions_of(**rows, waits->value_or(Lines{}), own);
    if (*waits)
        check_blocked(out.transactions, out);
    else
        out.check(SourceKind::mysql, "transactions_blocked", "unknown", "UNKNOWN", waits_need);
    check_oldest(out.transactions, out);
    return true;
}

Result<void> take_statements(Call& call, Asker& asker, bool collected, Health& out) {
    if (!collected) {
        out.problems.emplace_back(
            "mysql statements: not told, performance_schema is off; performance_schema=ON in the server's "
            "configuration and a restart turn it on");
        return {};
    }
    auto rows =
        asker.ask_if_allowed(statements_sql, "statements", "the account needs SELECT on performance_schema");
    if (!rows) return rows.error();
    const auto holds_statements = [](const json::object& content) {
        const auto* list = member(content, "statements");
        return list != nullptr && list->is_array() && !list->get_array().empty();
    };
    Lines before;
    if (const auto earlier = earlier_file(call, "fingerprint", "health.", holds_statements)) {
        for (const auto& one : earlier->content.at("statements").as_array())
            if (one.is_object()) before.push_back(one.get_object());
        call.run.log("statements are compared with those of run " + earlier->run_id);
    }
    out.statements = statements_of(rows->value_or(Lines{}), before);
    return {};
}

}  // namespace

std::vector<json::object> transactions_of(const std::vector<json::object>& rows,
                                          const std::vector<json::object>& waits,
                                          const std::string& own_session) {
    std::map<std::string, std::string> sessions;  // by transaction
    std::optional<WallTime> now;
    const auto time_of = [](const json::object& row) {
        auto text = string_or(row, "started") + "Z";
        if (const auto space = text.find(' '); space != std::string::npos) text[space] = 'T';
        const auto time = parse_rfc3339(text);
        return time ? std::optional(*time) : std::nullopt;
    };
    for (const auto& row : rows) {
        sessions[string_or(row, "trx_id")] = string_or(row, "session");
        if (string_or(row, "session") == own_session) now = time_of(row);
    }
    std::map<std::string, json::array> blockers;  // by transaction
    for (const auto& wait : waits) {
        const auto found = sessions.find(string_or(wait, "blocking_trx_id"));
        const auto session =
            found == sessions.end() ? "trx " + string_or(wait, "blocking_trx_id") : found->second;
        auto& list = blockers[string_or(wait, "requesting_trx_id")];
        if (std::find(list.begin(), list.end(), json::value(session)) == list.end())
            list.emplace_back(session);
    }
    std::vector<json::object> out;
    for (const auto& row : rows) {
        if (!own_session.empty() && string_or(row, "session") == own_session) continue;
        const auto started = time_of(row);
        json::object line;
        for (const auto* name : {"session", "user", "host", "command", "state"}) line[name] = row.at(name);
        if (now && started)
            line["age_s"] = std::chrono::duration_cast<std::chrono::seconds>(*now - *started).count();
        else
            line["age_s"] = nullptr;
        for (const auto* name : {"rows_locked", "rows_modified"}) line[name] = row.at(name);
        line["blocked_by"] = blockers[string_or(row, "trx_id")];
        out.push_back(std::move(line));
    }
    return out;
}

std::vector<json::object> statements_of(const std::vector<json::object>& rows,
                                        const std::vector<json::object>& before) {
    const auto name_of = [](const json::object& line) {
        return string_or(line, "schema") + "\n" + string_or(line, "digest");
    };
    std::map<std::string, const json::object*> earlier;
    for (const auto& line : before) earlier[name_of(line)] = &line;
    std::vector<json::object> out;
    for (const auto& row : rows) {
        const double calls = number(row, "calls"), total = number(row, "total_ps") / 1e9;
        json::object line{{"schema", string_or(row, "schema_name")},
                          {"digest", string_or(row, "digest")},
                          {"text", shorten(trim(string_or(row, "text")), text_bytes_max)},
                          {"calls", string_or(row, "calls")},
                          {"avg_ms", rounded(total / std::max(1.0, calls))},
                          {"max_ms", rounded(number(row, "max_ps") / 1e9)},
                          {"total_ms", rounded(total)},
                          {"rows_examined", string_or(row, "rows_examined")}};
        const auto found = earlier.find(name_of(line));
        if (found != earlier.end()) {
            const double calls_then = number(*found->second, "calls");
            const auto* total_then = member(*found->second, "total_ms");
            const double more = calls - calls_then;
            if (more > 0 && calls_then > 0 && total_then != nullptr && total_then->is_number()) {
                const double then = total_then->to_number<double>();
                const double mean = (total - then) / more, mean_then = then / calls_then;
                line["calls_since"] = std::to_string(static_cast<std::int64_t>(more));
                line["avg_ms_since"] = rounded(mean);
                if (mean_then > 0) line["times_slower"] = std::round(mean / mean_then * 100) / 100;
            }
        }
        out.push_back(std::move(line));
    }
    return out;
}

Result<void> mysql_health(Call& call, const sources::Fingerprint& fingerprint, Health& out) {
    auto source = call.bench.sources.mysql(call.env);
    if (!source) return source.error();
    Asker asker(call, **source, out);
    const auto status = asker.ask(status_sql);
    if (!status) return status.error();
    const auto variables = asker.ask(variables_sql);
    if (!variables) return variables.error();
    const auto counters = named_values(*status);
    auto settings = named_values(*variables);
    check_connections(counters, settings, out);
    check_replica(fingerprint, out);

    auto sessions = asker.ask(sessions_sql);
    if (!sessions) return sessions.error();
    const bool mariadb = string_or(fingerprint.facts, "product") == "MariaDB";
    const auto sees_all = take_transactions(asker, mariadb, out);
    if (!sees_all) return sees_all.error();
    take_sessions(*std::move(sessions), value_in(counters, "threads_connected"), *sees_all,
                  string_or(fingerprint.facts, "account"), out);
    return take_statements(call, asker, upper(settings["performance_schema"]) == "ON", out);
}

void add_mysql_intents(policy::Intent& intent) {
    for (const auto* sql : {status_sql, variables_sql, sessions_sql, transactions_sql, waits_sql,
                            new_waits_sql, statements_sql})
        intent.sql.push_back({sql});
}

}  // namespace casefile::tools::environment

#include "sources/identity_probe.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hash.h"
#include "base/text.h"
#include "sources/mysql/dialect.h"
#include "sources/privileges.h"

namespace casefile::sources::probe {
namespace {

// The statements for MySQL. SHOW VARIABLES leaves out what a server does not have (MariaDB has no
// server_uuid), where a SELECT of it would fail.
constexpr const char* variables_statement =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'hostname', 'port', "
    "'datadir', "
    "'server_id', 'server_uuid', 'read_only', 'super_read_only', 'time_zone', 'system_time_zone')";
constexpr const char* session_state_statement =
    "SELECT CURRENT_USER(), DATABASE(), UTC_TIMESTAMP(6), @@session.time_zone";
constexpr const char* grants_statement = "SHOW GRANTS";
constexpr const char* schemas_statement = "SHOW DATABASES";
/// A copy of a server has the names of the original, but its tables were made later.
constexpr const char* oldest_tables_statement =
    "SELECT TABLE_SCHEMA, MIN(CREATE_TIME) FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN "
    "('information_schema', 'performance_schema') GROUP BY TABLE_SCHEMA ORDER BY TABLE_SCHEMA";
constexpr const char* replica_statement = "SHOW REPLICA STATUS";
constexpr const char* old_replica_statement = "SHOW SLAVE STATUS";

/// So many schema names are kept one by one; the hash covers all.
constexpr std::size_t schemas_shown_max = 100;

Fingerprint begun(const Endpoint& endpoint, const Clock& clock) {
    Fingerprint out;
    out.kind = endpoint.kind;
    out.env = endpoint.env;
    out.variable = endpoint.variable;
    out.endpoint = endpoint.address();
    out.taken_at = rfc3339(clock.now());
    return out;
}

/// True when only this statement was refused: the probe goes on without it.
bool refused(const Error& error) {
    return error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::denied;
}

std::string cell(const Table& table, std::size_t row, std::size_t column) {
    if (row >= table.rows.size() || column >= table.rows[row].size()) return {};
    return table.rows[row][column].value_or("");
}

/// By column name, first row.
std::string named_cell(const Table& table, std::string_view name) {
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (equals_ignoring_case(table.columns[i], name)) return cell(table, 0, i);
    return {};
}

std::vector<std::string> first_column(const Table& table) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < table.rows.size(); ++i) out.push_back(cell(table, i, 0));
    return out;
}

void put(json::object& to, std::string_view name, const std::string& value) {
    if (!value.empty()) to[name] = value;
}

json::object may_move(const json::object& facts) {
    json::object out;
    for (const auto* name : {"product", "version", "role"}) put(out, name, string_or(facts, name));
    return out;
}

/// How far the server's clock is ahead of ours, taken halfway between question and answer.
void put_clock_skew(json::object& facts, WallTime server, WallTime asked, WallTime answered) {
    const auto halfway = asked + (answered - asked) / 2;
    facts["clock_skew_ms"] = (server - halfway).count();
}

class MysqlProbe {
  public:
    MysqlProbe(Fingerprint begun, const Clock& clock, const AskMysql& ask)
        : out_(std::move(begun)), clock_(clock), ask_(ask) {}

    Result<Fingerprint> run() {
        for (const auto step : {&MysqlProbe::variables, &MysqlProbe::session_state, &MysqlProbe::grants,
                                &MysqlProbe::schemas, &MysqlProbe::oldest_tables, &MysqlProbe::role})
            if (auto done = (this->*step)(); !done) return done.error();
        return std::move(out_);
    }

    Result<Known> run_identity() {
        for (const auto step : {&MysqlProbe::variables, &MysqlProbe::session_state, &MysqlProbe::schemas,
                                &MysqlProbe::role, &MysqlProbe::oldest_tables})
            if (auto done = (this->*step)(); !done) return done.error();
        return Known{std::move(out_.identity), may_move(out_.facts)};
    }

  private:
    Result<Table> ask(const std::string& statement) {
        out_.statements.push_back(statement);
        return ask_(statement);
    }

    Result<void> variables() {
        const auto answer = ask(variables_statement);
        if (!answer) return answer.error();
        std::map<std::string, std::string> found;
        for (std::size_t i = 0; i < answer->rows.size(); ++i)
            found[lower(cell(*answer, i, 0))] = cell(*answer, i, 1);
        for (const auto* name : {"hostname", "port", "datadir", "server_id", "server_uuid"})
            put(out_.identity, name, found[name]);
        for (const auto* name :
             {"version", "version_comment", "read_only", "super_read_only", "system_time_zone"})
            put(out_.facts, name, found[name]);
        put(out_.facts, "server_time_zone", found["time_zone"]);
        out_.facts["product"] = mysql::product_name(mysql::dialect_of(found["version"]));
        return {};
    }

    Result<void> session_state() {
        const auto asked = clock_.now();
        const auto answer = ask(session_state_statement);
        if (!answer) return answer.error();
        put(out_.facts, "account", cell(*answer, 0, 0));
        put(out_.identity, "database", cell(*answer, 0, 1));
        auto time = cell(*answer, 0, 2) + "Z";
        if (const auto space = time.find(' '); space != std::string::npos) time[space] = 'T';
        out_.facts["server_time"] = time;
        if (const auto server = parse_rfc3339(time)) put_clock_skew(out_.facts, *server, asked, clock_.now());
        put(out_.facts, "time_zone", cell(*answer, 0, 3));
        return {};
    }

    /// The lines hold password hashes, so only what judge_grants() makes of them is kept.
    Result<void> grants() {
        const auto answer = ask(grants_statement);
        if (!answer && !refused(answer.error())) return answer.error();
        const auto judged = judge_grants(answer ? first_column(*answer) : std::vector<std::string>{});
        out_.can_write = judged.can_write;
        out_.can_write_reason = judged.reason;
        out_.facts["privileges"] = json::array(judged.list.begin(), judged.list.end());
        return {};
    }

    Result<void> schemas() {
        const auto answer = ask(schemas_statement);
        if (!answer && !refused(answer.error())) return answer.error();
        if (!answer) {
            out_.facts["schemas"] = "not known: " + answer.error().message;
            return {};
        }
        auto names = first_column(*answer);
        std::sort(names.begin(), names.end());
        const auto shown = static_cast<std::ptrdiff_t>(std::min(schemas_shown_max, names.size()));
        out_.identity["schemas"] = json::array(names.begin(), names.begin() + shown);
        if (names.size() > schemas_shown_max) out_.identity["schemas_sha256"] = sha256_hex(join(names, "\n"));
        return {};
    }

    Result<void> oldest_tables() {
        const auto answer = ask(oldest_tables_statement);
        if (!answer && !refused(answer.error())) return answer.error();
        if (!answer) return {};
        json::object oldest;
        std::string all;
        for (std::size_t i = 0; i < answer->rows.size(); ++i) {
            all += cell(*answer, i, 0) + "\t" + cell(*answer, i, 1) + "\n";
            if (i < schemas_shown_max) oldest[cell(*answer, i, 0)] = cell(*answer, i, 1);
        }
        if (!oldest.empty()) out_.identity["oldest_tables"] = std::move(oldest);
        if (answer->rows.size() > schemas_shown_max) out_.identity["oldest_tables_sha256"] = sha256_hex(all);
        return {};
    }

    Result<void> role() {
        auto answer = ask(replica_statement);
        if (!answer && answer.error().kind == ErrorKind::invalid_argument)
            answer = ask(old_replica_statement);
        if (!answer && !refused(answer.error())) return answer.error();
        if (!answer) {
            out_.facts["role"] = "not known";
            out_.facts["role_reason"] = answer.error().message;
            return {};
        }
        out_.facts["role"] = answer->rows.empty() ? "primary or alone" : "replica";
        for (const auto& [ours, theirs, older] : std::array<std::array<const char*, 3>, 2>{
                 {{"replica_of", "Source_Host", "Master_Host"},
                  {"replica_seconds_behind", "Seconds_Behind_Source", "Seconds_Behind_Master"}}}) {
            put(out_.facts, ours, named_cell(*answer, theirs));
            put(out_.facts, ours, named_cell(*answer, older));
        }
        return {};
    }

    Fingerprint out_;
    const Clock& clock_;
    const AskMysql& ask_;
};

using Fields = std::map<std::string, std::string, std::less<>>;

/// The "name:value" lines of INFO.
Fields fields_of(const redis::Reply& info) {
    Fields out;
    for (const auto& line : split(info.text, '\n')) {
        const auto text = trim(line);
        if (text.empty() || text.starts_with('#')) continue;
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) continue;
        out.emplace(text.substr(0, colon), text.substr(colon + 1));
    }
    return out;
}

/// The command as a line, for the record. Nothing secret is among the probe's commands.
std::string line_of(const redis::Command& command) { return join(command, " "); }

std::optional<WallTime> redis_time(const redis::Reply& reply) {
    if (reply.items.size() != 2) return std::nullopt;
    std::int64_t seconds = 0, micros = 0;
    const auto read = [](const std::string& text, std::int64_t& value) {
        return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
    };
    if (!read(reply.items[0].text, seconds) || !read(reply.items[1].text, micros)) return std::nullopt;
    return WallTime(std::chrono::milliseconds(seconds * 1000 + micros / 1000));
}

/// "db0:keys=3,expires=1,avg_ttl=0" becomes {"db0": "keys=3,expires=1"}.
json::object keyspace_of(const Fields& fields) {
    json::object out;
    for (const auto& [name, value] : fields)
        if (name.starts_with("db")) out[name] = value.substr(0, value.find(",avg_ttl"));
    return out;
}

std::string value_of(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

void put_version_and_role(json::object& facts, const Fields& server, const Fields& replication) {
    put(facts, "version", value_of(server, "redis_version"));
    const auto role = value_of(replication, "role");
    put(facts, "role", role == "master" ? "primary" : role == "slave" ? "replica" : role);
}

/// A restart changes the run_id alone.
json::object redis_identity(const Endpoint& endpoint, const Fields& server, const Fields& keyspace,
                            const redis::Reply& whoami) {
    json::object out;
    for (const auto* name : {"tcp_port", "config_file", "executable", "redis_mode", "os", "run_id"})
        put(out, name, value_of(server, name));
    out["database"] = endpoint.database.empty() ? "0" : endpoint.database;
    json::array databases;
    for (const auto& [name, value] : keyspace)
        if (name.starts_with("db")) databases.emplace_back(name);
    out["databases"] = std::move(databases);
    if (whoami.kind != redis::Reply::Kind::error) out["account"] = whoami.text;
    return out;
}

}  // namespace

std::vector<std::string> connector_statements() {
    return {"SET autocommit=1", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SHOW SESSION VARIABLES LIKE 'lower_case_table_names'"};
}

Result<Fingerprint> ask_mysql(const Endpoint& endpoint, const Clock& clock, std::vector<std::string> sent,
                              const AskMysql& ask) {
    auto begun_probe = begun(endpoint, clock);
    begun_probe.statements = std::move(sent);
    return MysqlProbe(std::move(begun_probe), clock, ask).run();
}

Result<Known> ask_mysql_identity(const AskMysql& ask) {
    return MysqlProbe({}, SystemClock(), ask).run_identity();
}

std::vector<redis::Command> redis_login(const Endpoint& endpoint) {
    std::vector<redis::Command> out;
    if (!endpoint.password.empty()) {
        redis::Command auth = {"AUTH"};
        if (!endpoint.user.empty()) auth.push_back(endpoint.user);
        auth.push_back(endpoint.password.reveal());
        out.push_back(std::move(auth));
    }
    if (!endpoint.database.empty() && endpoint.database != "0") out.push_back({"SELECT", endpoint.database});
    return out;
}

Result<Fingerprint> ask_redis(const Endpoint& endpoint, const Clock& clock, const AskRedis& ask) {
    auto out = begun(endpoint, clock);
    if (!endpoint.password.empty()) out.statements.emplace_back("AUTH ***");
    if (auto login = redis_login(endpoint); !login.empty() && login.back()[0] == "SELECT")
        out.statements.push_back(line_of(login.back()));

    const auto account = endpoint.user.empty() ? std::string("default") : endpoint.user;
    const std::vector<redis::Command> commands = {
        {"TIME"},          {"INFO", "server"},         {"INFO", "replication"}, {"INFO", "keyspace"},
        {"ACL", "WHOAMI"}, {"ACL", "GETUSER", account}};
    for (const auto& command : commands) out.statements.push_back(line_of(command));
    const auto asked = clock.now();
    const auto replies = ask(commands);
    if (!replies) return replies.error();
    if (replies->size() != commands.size())
        return internal("the Redis probe got the wrong number of replies");

    if (const auto server_time = redis_time((*replies)[0])) {
        out.facts["server_time"] = rfc3339(*server_time);
        put_clock_skew(out.facts, *server_time, asked, clock.now());
    }
    if ((*replies)[1].kind == redis::Reply::Kind::error)
        out.facts["problem"] =
            "INFO is refused, so this server cannot be told from another: " + (*replies)[1].text;
    const auto server = fields_of((*replies)[1]);
    const auto replication = fields_of((*replies)[2]);
    out.identity = redis_identity(endpoint, server, fields_of((*replies)[3]), (*replies)[4]);
    put(out.facts, "uptime_seconds", value_of(server, "uptime_in_seconds"));
    put_version_and_role(out.facts, server, replication);
    put(out.facts, "replica_of", value_of(replication, "master_host"));
    put(out.facts, "replica_link", value_of(replication, "master_link_status"));
    put(out.facts, "replicas", value_of(replication, "connected_slaves"));
    put(out.facts, "replication_id", value_of(replication, "master_replid"));
    out.facts["keyspace"] = keyspace_of(fields_of((*replies)[3]));
    const auto& whoami = (*replies)[4];
    out.facts["account"] = whoami.kind == redis::Reply::Kind::error ? account : whoami.text;

    const auto judged = judge_acl((*replies)[5]);
    out.can_write = judged.can_write;
    out.can_write_reason = judged.reason;
    out.facts["privileges"] = json::array(judged.list.begin(), judged.list.end());
    return out;
}

Result<Known> ask_redis_identity(const Endpoint& endpoint, const AskRedis& ask) {
    const auto replies =
        ask({{"INFO", "server"}, {"INFO", "keyspace"}, {"ACL", "WHOAMI"}, {"INFO", "replication"}});
    if (!replies) return replies.error();
    if (replies->size() != 4) return internal("the Redis probe got the wrong number of replies");
    const auto server = fields_of((*replies)[0]);
    Known out{redis_identity(endpoint, server, fields_of((*replies)[1]), (*replies)[2]), {}};
    put_version_and_role(out.may_move, server, fields_of((*replies)[3]));
    return out;
}

Fingerprint describe_kafka(const Endpoint& endpoint, const Clock& clock, const KafkaCluster& cluster) {
    auto out = begun(endpoint, clock);
    out.statements = {"Metadata of the cluster and all topics (topics are counted, their names not kept)"};
    put(out.identity, "cluster_id", cluster.id);
    if (cluster.id.empty()) out.identity["brokers"] = join(cluster.brokers, " ");
    out.facts["controller"] = std::to_string(cluster.controller);
    out.facts["brokers"] = json::array(cluster.brokers.begin(), cluster.brokers.end());
    out.facts["broker_names"] = join(cluster.brokers, " ");
    out.facts["topics"] = std::to_string(cluster.topics);
    out.can_write = true;
    out.can_write_reason = "not known: Kafka does not tell an account its rights; taken as able to write";
    return out;
}

}  // namespace casefile::sources::probe

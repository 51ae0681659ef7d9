#pragma once
// The identity probe: everything that may be sent to a source before a human confirmed it, and nothing else.
// All of its statements are in identity_probe.cpp, with those that a MySQL connection begins with. They read
// no table, key or message. What they answer becomes a fingerprint here, so that the drivers only carry it.

#include <functional>
#include <optional>

#include "base/clock.h"
#include "sources/redis/source.h"
#include "sources/source.h"

namespace casefile::sources::probe {

// MySQL and MariaDB.

/// What the connector sends by itself when it connects, for the record.
std::vector<std::string> connector_statements();

/// The first statement on a connection: gives the version and the number by which KILL QUERY knows the
/// connection.
inline constexpr const char* greeting_statement = "SELECT VERSION(), CONNECTION_ID()";

/// Empty value: the connection is in plain text.
inline constexpr const char* tls_statement = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
};
/// Sends one statement. An Error of kind invalid_argument or denied is the server's refusal of that statement
/// alone.
using AskMysql = std::function<Result<Table>(const std::string& statement)>;

/// `sent` holds what the connection has sent so far; the rest is added to it.
Result<Fingerprint> ask_mysql(const Endpoint& endpoint, const Clock& clock, std::vector<std::string> sent,
                              const AskMysql& ask);

/// What a new connection is asked, with fewer statements: the identity, and what may move beside it.
struct Known {
    json::object identity;
    json::object may_move;  ///< product, version, role
};

/// Its session has to be in UTC. A statement that was refused is followed by one that was not: the server's
/// error list holds nothing.
Result<Known> ask_mysql_identity(const AskMysql& ask);

// Redis.

/// AUTH and SELECT, as the endpoint wants them: what a connection begins with.
std::vector<redis::Command> redis_login(const Endpoint& endpoint);

using AskRedis =
    std::function<Result<std::vector<redis::Reply>>(const std::vector<redis::Command>& commands)>;
Result<Fingerprint> ask_redis(const Endpoint& endpoint, const Clock& clock, const AskRedis& ask);
Result<Known> ask_redis_identity(const Endpoint& endpoint, const AskRedis& ask);

// Kafka: one metadata request. Topic names come with it and are counted, not kept.

struct KafkaCluster {
    std::string id;  ///< empty when the broker is too old to have one
    std::int32_t controller = -1;
    std::vector<std::string> brokers;  ///< "1@broker-1.internal:9092", as advertised
    std::int64_t topics = 0;
};
Fingerprint describe_kafka(const Endpoint& endpoint, const Clock& clock, const KafkaCluster& cluster);

}  // namespace casefile::sources::probe

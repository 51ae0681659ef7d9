#pragma once
// What every source can do: say who it is. Connections are made on first use, never at start.
// A source is safe to call from any worker; it hands out at most `connections_max` connections and waits for
// a free one until the call's deadline. Third-party exceptions never leave a driver file.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/source_kind.h"

namespace casefile::sources {

/// Where a source is, as its variable said. `host` and `port` are always loopback unless the operator allowed
/// more.
struct Endpoint {
    SourceKind kind = SourceKind::mysql;
    std::string env;       ///< "PROD"
    std::string variable;  ///< "MYSQL_PROD_URL"
    std::string host;      ///< mysql and redis
    std::uint16_t port = 0;
    std::string user;
    Secret password;
    std::string database;                        ///< schema name, or Redis database number
    bool tls = false;                            ///< mysql only: encrypted and verified, or refused
    std::string tls_ca;                          ///< PEM file of the certificate authority
    std::vector<std::string> brokers;            ///< kafka: "host:port"
    std::map<std::string, std::string> tunnels;  ///< kafka: advertised "host:port" to loopback "host:port"
    std::vector<std::string> groups;  ///< kafka: consumer groups to ask for where the broker cannot list them

    /// "127.0.0.1:3307", or the brokers joined with commas. Never holds the password.
    std::string address() const;
};

/// Whether what stands behind a connection is who it has to be: its endpoint, and what Fingerprint::identity
/// would hold. An error ends the call before anything was asked.
using Admission = std::function<Result<void>(const Endpoint&, const json::object& identity)>;

/// The two ways in which a call ends early, and whom it may ask. A deadline is data, cancellation a signal;
/// both reach the server.
struct Control {
    std::chrono::steady_clock::time_point deadline;
    std::stop_token stop;
    Admission admit = {};  ///< asked for every connection before it is used; none for probes
    /// Hears what may move of an admitted server, such as its version and role, as its connection found it.
    std::function<void(const Endpoint&, const json::object& may_move)> hear = {};
    /// Takes a line for the record of the call, on the thread of the caller.
    std::function<void(const std::string&)> tell = {};

    Result<void> check(const Endpoint& endpoint, const json::object& identity,
                       const json::object& may_move = {}) const {
        if (!admit) return {};
        auto admitted = admit(endpoint, identity);
        if (admitted && hear) hear(endpoint, may_move);
        return admitted;
    }
    bool stopped() const { return stop.stop_requested(); }
    /// What is left until the deadline, never negative.
    std::chrono::milliseconds left() const;
};

/// Who a source is. `identity` holds what has to stay the same while a grant lasts; `facts` what may move.
struct Fingerprint {
    SourceKind kind = SourceKind::mysql;
    std::string env;
    std::string variable;
    std::string endpoint;
    std::string taken_at;                 ///< RFC 3339, our clock
    json::object identity;                ///< for example hostname, port, server_id, schemas
    json::object facts;                   ///< version, account, role, clock_skew_ms …
    bool can_write = false;               ///< what the account may do, not what casefile does
    std::string can_write_reason;         ///< the grant or rule that says so, or why it is unknown
    std::vector<std::string> statements;  ///< exactly what was sent
};

/// One line for the question that a human answers: product, version, host, database, account, whether it can
/// write.
std::string describe(const Fingerprint& fingerprint);

class Source {
  public:
    virtual ~Source() = default;
    virtual const Endpoint& endpoint() const = 0;
    /// Why it is left alone for now, after it failed again and again; empty while it is asked.
    virtual std::string resting() const { return {}; }

    /// The identity probe: the fixed statements of identity_probe.h and nothing else, allowed before a grant.
    virtual Result<Fingerprint> fingerprint(const Control& control) = 0;
};

/// "no answer from 127.0.0.1:3307 (connection refused)", hint "is the tunnel on 127.0.0.1:3307 up? …".
Error tunnel_error(const Endpoint& endpoint, const std::string& what);
Error timed_out_error(const Endpoint& endpoint, const std::string& what);
/// The same where nothing came at all: not slow, but silent, which counts for the breaker.
Error silent_error(const Endpoint& endpoint, const std::string& what);
Error cancelled_error();

/// The same error, told as the word of the server rather than of casefile. What the tunnel or the caller
/// caused stays so.
Error by_server(Error error);

}  // namespace casefile::sources

#include "sources/mysql/server_error.h"

#include "base/text.h"

namespace casefile::sources::mysql {
namespace {

/// The server's words may hold bytes of our query and of its data.
std::string quoted(const std::string& message) { return shorten(printable(message), 500); }

std::string place(const Endpoint& endpoint) { return name_of_source(endpoint.env, endpoint.kind); }

std::string account(const Endpoint& endpoint) {
    return "account '" + endpoint.user + "' on " + endpoint.address();
}

Error explain_connect(const Endpoint& endpoint, int code, const std::string& message) {
    const auto password_hint = "check user and password in " + endpoint.variable;
    switch (code) {
        case 2002:  // no socket
        case 2003:  // no host
            // 115 (in progress) is what the library reports of a refusal when a connect timeout is set.
            if (message.find("(111)") != std::string::npos || message.find("(115)") != std::string::npos)
                return tunnel_error(endpoint, "connection refused");
            return tunnel_error(endpoint, quoted(message));
        case 2005:
            return tunnel_error(endpoint, "the host name is not known");
        case 2006:
        case 2013:  // hung up, or silent, before the server's greeting
            return tunnel_error(endpoint, "the connection was made, but no MySQL server greeted in time");
        case 2026:
            return unavailable(
                place(endpoint) + ": no verified TLS connection: " + quoted(message),
                "the certificate has to name this host and be signed by the configured authority");
        case 1044:
            return unavailable(
                account(endpoint) + " may not use database '" + endpoint.database + "'",
                "check the database in " + endpoint.variable + ", or have the account granted SELECT on it");
        case 1045:
        case 1698:
            return unavailable("access denied for " + account(endpoint), password_hint);
        case 1049:
            return unavailable(place(endpoint) + ": there is no database '" + endpoint.database + "'",
                               "check the database in " + endpoint.variable);
        case 1040:
        case 1203:
        case 1226:
            return {ErrorKind::limit_reached,
                    place(endpoint) + ": the server takes no more connections: " + quoted(message),
                    "ask again later; the server's connections are used up"};
        default:
            return unavailable(place(endpoint) + ": cannot connect: " + quoted(message), password_hint);
    }
}

Error explain_statement(const Endpoint& endpoint, int code, const std::string& message, bool killed) {
    switch (code) {
        case 0:
            return invalid(place(endpoint) + ": the statement gave no rows: " + quoted(message),
                           "send one SELECT, SHOW, DESCRIBE or EXPLAIN");
        case 1317:
        case 1927:
            if (killed) return cancelled_error();
            return unavailable(place(endpoint) + ": the server ended the statement: " + quoted(message),
                               "somebody or something killed it; ask again");
        case 1969:
        case 3024:
            return timed_out_error(endpoint, "the statement");
        case 2006:
        case 2013:
        case 2055:
        case 4031:
            if (killed) return cancelled_error();
            return {ErrorKind::unavailable,
                    place(endpoint) + ": the connection was lost during the statement",
                    "check the tunnel on " + endpoint.address() + " and ask again", Layer::tunnel};
        case 1792:
        case 1290:
        case 1207:
            return denied(
                place(endpoint) + " refused the statement on a read-only session: " + quoted(message),
                "read the rows with SELECT; casefile never writes");
        case 1044:
        case 1142:
        case 1143:
        case 1227:
        case 1370:
        case 1410:
            return denied(
                place(endpoint) + " refused the statement to " + account(endpoint) + ": " + quoted(message),
                "ask for something the account may read, or have it granted by whoever owns the database");
        case 1205:
        case 1213:
            return unavailable(place(endpoint) + ": " + quoted(message),
                               "ask again; other transactions were in the way");
        default:
            return invalid(place(endpoint) + " did not accept the statement: " + quoted(message) +
                               " (error " + std::to_string(code) + ")",
                           "correct the statement; describe_mysql tells tables and columns");
    }
}

}  // namespace

Error connect_error(const Endpoint& endpoint, int code, const std::string& message) {
    return by_server(explain_connect(endpoint, code, message));
}

Error statement_error(const Endpoint& endpoint, int code, const std::string& message, bool killed) {
    return by_server(explain_statement(endpoint, code, message, killed));
}

}  // namespace casefile::sources::mysql

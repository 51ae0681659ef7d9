// What the errors of all sources have in common, and what a connection's failure means.

#include "sources/source.h"

#include "sources/mysql/server_error.h"
#include "tests/support/catch.h"

namespace casefile::sources {
namespace {

using namespace std::chrono_literals;

Endpoint orders() {
    Endpoint out;
    out.env = "PROD";
    out.variable = "MYSQL_PROD_URL";
    out.host = "127.0.0.1";
    out.port = 3307;
    out.user = "reader";
    out.password = Secret("hunter2");
    out.database = "shop";
    return out;
}

}  // namespace

TEST_CASE("an address holds host and port, or the brokers, and never the password") {
    auto kafka = orders();
    kafka.kind = SourceKind::kafka;
    kafka.brokers = {"127.0.0.1:1", "127.0.0.1:2"};

    CHECK(orders().address() == "127.0.0.1:3307");
    CHECK(kafka.address() == "127.0.0.1:1,127.0.0.1:2");
}

TEST_CASE("what is left of a deadline is never negative") {
    const auto now = std::chrono::steady_clock::now();

    CHECK(Control{now - 1s, {}}.left() == 0ms);
    CHECK(Control{now + 1h, {}}.left() > 59min);
}

TEST_CASE("a tunnel that is down is asked for by its address and variable") {
    const auto error = tunnel_error(orders(), "connection refused");

    CHECK(error.kind == ErrorKind::unavailable);
    CHECK(error.message == "no answer from 127.0.0.1:3307 (connection refused)");
    CHECK(error.hint ==
          "is the tunnel on 127.0.0.1:3307 up? start it and ask again; MYSQL_PROD_URL says where it is "
          "expected");
}

TEST_CASE("each failure of a connection or statement says what the caller should do next") {
    struct Case {
        int code;
        const char* message;
        ErrorKind kind;
        const char* part;  ///< of message and hint
    };
    const std::vector<Case> connecting = {
        {2002, "Can't connect to server on '127.0.0.1' (115)", ErrorKind::unavailable,
         "(connection refused); is the tunnel"},
        {2003, "Can't connect to server on '127.0.0.1' (111)", ErrorKind::unavailable,
         "(connection refused); is the tunnel"},
        {2002, "Can't connect to server on '127.0.0.1' (101)", ErrorKind::unavailable,
         "(101)); is the tunnel"},
        {2013, "Lost connection", ErrorKind::unavailable, "no MySQL server greeted in time"},
        {1045, "Access denied", ErrorKind::unavailable,
         "account 'reader' on 127.0.0.1:3307; check user and password"},
        {1049, "Unknown database", ErrorKind::unavailable, "there is no database 'shop'"},
        {1040, "Too many connections", ErrorKind::limit_reached, "takes no more connections"},
        {2026, "certificate", ErrorKind::unavailable, "no verified TLS connection"},
    };
    const std::vector<Case> running = {
        {1064, "syntax", ErrorKind::invalid_argument, "syntax (error 1064); correct the statement"},
        {1146, "no such table", ErrorKind::invalid_argument, "describe_mysql"},
        {1142, "SELECT command denied", ErrorKind::denied, "to account 'reader'"},
        {1792, "READ ONLY", ErrorKind::denied, "casefile never writes"},
        {1969, "max_statement_time", ErrorKind::timed_out, "the statement ran out of time"},
        {3024, "max_execution_time", ErrorKind::timed_out, "narrow the question"},
        {1317, "interrupted", ErrorKind::unavailable, "killed it"},
        {2013, "lost", ErrorKind::unavailable, "the connection was lost during the statement"},
        {0, "No result available", ErrorKind::invalid_argument, "gave no rows"},
    };

    for (const auto& one : connecting) {
        INFO(one.code);
        const auto error = mysql::connect_error(orders(), one.code, one.message);
        CHECK(error.kind == one.kind);
        CHECK_THAT(describe(error), Catch::Contains(one.part));
        CHECK(describe(error).find("hunter2") == std::string::npos);
    }
    for (const auto& one : running) {
        INFO(one.code);
        const auto error = mysql::statement_error(orders(), one.code, one.message, false);
        CHECK(error.kind == one.kind);
        CHECK_THAT(describe(error), Catch::Contains(one.part));
    }
    CHECK(mysql::statement_error(orders(), 1317, "interrupted", true).kind == ErrorKind::cancelled);
    CHECK(mysql::statement_error(orders(), 2013, "lost", true).kind == ErrorKind::cancelled);
}

}  // namespace casefile::sources

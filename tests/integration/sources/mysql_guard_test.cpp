// What a session refuses beneath the policy, what a failed connection says, and what the identity probe
// sends.

#include "tests/integration/sources/servers.h"
#include "tests/support/tcp_proxy.h"

namespace casefile::sources::mysql {

TEST_CASE("a session refuses every write beneath the policy, even for an account that may write") {
    mariadb().as_admin("CREATE OR REPLACE TABLE shop.guarded (id INT PRIMARY KEY, name VARCHAR(20))");
    mariadb().as_admin("INSERT INTO shop.guarded VALUES (1, 'kept')");
    const auto source = make_mysql_source(mariadb().endpoint("admin"), {});

    for (const std::string statement : {
             "UPDATE guarded SET name = 'changed'",
             "INSERT INTO guarded VALUES (2, 'new') RETURNING id",
             "DELETE FROM guarded",
             "DROP TABLE guarded",
             "CREATE TABLE other (id INT)",
             "ALTER TABLE guarded ADD COLUMN more INT",
             "TRUNCATE TABLE guarded",
             "SELECT * FROM guarded FOR UPDATE",
         }) {
        INFO(statement);
        Collected got;
        const auto end = source->query(statement, got, within(5s));
        REQUIRE_FALSE(end);
        CHECK(end.error().kind == ErrorKind::denied);
        CHECK(end.error().message.starts_with("PROD mysql refused the statement on a read-only session: "));
    }
    CHECK(mariadb().ask("SELECT GROUP_CONCAT(id, name) FROM shop.guarded") == "1kept");
    CHECK(mariadb().ask("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop' AND "
                        "table_name = 'other'") == "0");
}

TEST_CASE("a session that reads statements with other eyes than the policy asks nothing") {
    // What sjis takes for one character hides a quote from whoever reads utf8mb4.
    mariadb().as_admin("SET GLOBAL init_connect = 'SET NAMES sjis'");
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;
    const auto end = source->query("SELECT 1", got, within(5s));
    mariadb().as_admin("SET GLOBAL init_connect = ''");

    REQUIRE_FALSE(end);
    CHECK_THAT(end.error().message,
               Catch::Contains("expected 1 REPEATABLE-READ +00:00 STRICT_TRANS_TABLES utf8mb4 utf8mb4, got 1 "
                               "REPEATABLE-READ +00:00 STRICT_TRANS_TABLES sjis sjis"));
    CHECK(got.rows.empty());
}

TEST_CASE("a second statement in one text is not sent") {
    mariadb().as_admin("CREATE OR REPLACE TABLE shop.guarded (id INT)");
    const auto source = make_mysql_source(mariadb().endpoint("admin"), {});
    Collected got;

    const auto end = source->query("SELECT 1; DROP TABLE guarded", got, within(5s));

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::invalid_argument);
}

TEST_CASE("what the server says of a statement is told, with what to do next") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected got;

    const auto missing = source->query("SELECT 1 FROM no_such_table", got, within(5s));
    const auto wrong = source->query("SELEKT 1", got, within(5s));
    const auto forbidden = source->query("SHOW REPLICA STATUS", got, within(5s));

    CHECK(missing.error().kind == ErrorKind::invalid_argument);
    CHECK(missing.error().message ==
          "PROD mysql did not accept the statement: Table 'shop.no_such_table' doesn't exist (error 1146)");
    CHECK(wrong.error().kind == ErrorKind::invalid_argument);
    CHECK(forbidden.error().kind == ErrorKind::denied);
}

TEST_CASE("a refused connection asks for the tunnel") {
    auto endpoint = mariadb().endpoint();
    endpoint.port = sandbox::free_port().value();
    const auto place = "127.0.0.1:" + std::to_string(endpoint.port);
    const auto source = make_mysql_source(endpoint, {});
    Collected got;

    const auto end = source->query("SELECT 1", got, within(5s));

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::unavailable);
    CHECK(end.error().message == "no answer from " + place + " (connection refused)");
    CHECK(end.error().hint.starts_with("is the tunnel on " + place + " up? start it and ask again"));
}

TEST_CASE("a tunnel that leads nowhere is told apart from one that is down, within the deadline") {
    const SilentListener nowhere;
    auto endpoint = mariadb().endpoint();
    endpoint.port = nowhere.port;
    const auto start = Steady::now();
    Collected got;

    const auto end = make_mysql_source(endpoint, {})->query("SELECT 1", got, within(1s));

    CHECK(Steady::now() - start < 10s);
    REQUIRE_FALSE(end);
    CHECK(end.error().message == "no answer from " + endpoint.address() +
                                     " (the connection was made, but no MySQL server greeted in time)");
}

TEST_CASE("a wrong password names the account and never the password") {
    auto endpoint = mariadb().endpoint();
    endpoint.password = Secret("hunter2-is-wrong");
    const auto source = make_mysql_source(endpoint, {});

    const auto fingerprint = source->fingerprint(within(5s));

    REQUIRE_FALSE(fingerprint);
    CHECK(fingerprint.error().kind == ErrorKind::unavailable);
    CHECK(fingerprint.error().message == "access denied for account 'reader' on " + endpoint.address());
    CHECK(fingerprint.error().hint == "check user and password in MYSQL_PROD_URL");
    CHECK(describe(fingerprint.error()).find("hunter2") == std::string::npos);
}

TEST_CASE("an unknown database is named") {
    auto endpoint = mariadb().endpoint();
    endpoint.database = "shopp";

    const auto fingerprint = make_mysql_source(endpoint, {})->fingerprint(within(5s));

    REQUIRE_FALSE(fingerprint);
    CHECK(fingerprint.error().message == "PROD mysql: there is no database 'shopp'");
}

TEST_CASE("a server without TLS is refused where TLS is asked for") {
    auto endpoint = mariadb().endpoint();
    endpoint.tls = true;

    const auto fingerprint = make_mysql_source(endpoint, {})->fingerprint(within(5s));

    REQUIRE_FALSE(fingerprint);
    CHECK(fingerprint.error().message.starts_with("PROD mysql: no verified TLS connection: "));
}

TEST_CASE("a fingerprint says who the server is and what the account may do") {
    const auto reader = make_mysql_source(mariadb().endpoint(), {})->fingerprint(within(5s));
    const auto admin = make_mysql_source(mariadb().endpoint("admin"), {})->fingerprint(within(5s));

    REQUIRE(reader);
    CHECK(string_or(reader->identity, "port") == std::to_string(mariadb().server.port));
    CHECK(string_or(reader->identity, "hostname") == mariadb().ask("SELECT @@hostname"));
    CHECK(string_or(reader->identity, "datadir") == mariadb().ask("SELECT @@datadir"));
    CHECK(string_or(reader->identity, "database") == "shop");
    CHECK(string_or(reader->facts, "product") == "MariaDB");
    CHECK(string_or(reader->facts, "account").starts_with("reader@"));
    CHECK(std::abs(reader->facts.at("clock_skew_ms").as_int64()) < 2000);
    CHECK_FALSE(reader->can_write);
    INFO(reader->can_write_reason);
    CHECK(reader->can_write_reason.find("SELECT") != std::string::npos);

    REQUIRE(admin);
    CHECK(admin->can_write);
    CHECK(admin->identity == reader->identity);
    CHECK(describe(*admin).find("can write: the account has ALL PRIVILEGES") != std::string::npos);
}

TEST_CASE("a fingerprint holds no password and no password hash") {
    const auto hash = mariadb().ask("SELECT authentication_string FROM mysql.user WHERE user = 'reader'");
    REQUIRE(hash.starts_with("*"));

    const auto fingerprint = make_mysql_source(mariadb().endpoint(), {})->fingerprint(within(5s));

    REQUIRE(fingerprint);
    const auto all = json::serialize(fingerprint->identity) + json::serialize(fingerprint->facts) +
                     fingerprint->can_write_reason + describe(*fingerprint);
    CHECK(all.find(hash) == std::string::npos);
    CHECK(all.find("PASSWORD") == std::string::npos);
    CHECK(all.find(mariadb().server.reader_password) == std::string::npos);
}

TEST_CASE("the identity probe sends exactly the statements that it lists") {
    mariadb().as_admin("SET GLOBAL log_output = 'TABLE'");
    mariadb().as_admin("TRUNCATE TABLE mysql.general_log");
    mariadb().as_admin("SET GLOBAL general_log = 1");

    const auto fingerprint = make_mysql_source(mariadb().endpoint(), {})->fingerprint(within(5s));

    mariadb().as_admin("SET GLOBAL general_log = 0");
    REQUIRE(fingerprint);
    std::vector<std::string> seen;
    for (const auto& row :
         mariadb()
             .admin()
             .query("SELECT argument FROM mysql.general_log WHERE command_type = 'Query' AND "
                    "user_host LIKE 'reader%' ORDER BY event_time")
             .value())
        seen.push_back(row[0].value());
    CHECK(seen == fingerprint->statements);
}

TEST_CASE("a server that greets and is silent at the probe has not answered") {
    TcpProxy tunnel(sandbox::free_port().value());
    auto endpoint = mariadb().endpoint();
    endpoint.port = tunnel.port;
    const auto source = make_mysql_source(endpoint, {});
    for (int i = 0; i < 2; ++i) CHECK_FALSE(source->fingerprint(within(5s)));
    CHECK(source->resting().empty());
    // More than the handshake, less than the answers to the probe.
    tunnel.lead_to(mariadb().endpoint().port);
    tunnel.freeze_after(1'500);

    const auto silent = source->fingerprint(within(300ms));

    REQUIRE_FALSE(silent);
    CHECK(silent.error().message == "PROD mysql: the connection was lost during the statement");
    CHECK_THAT(source->resting(), Catch::Contains("PROD mysql is not asked until"));
}

TEST_CASE("a fingerprint is taken on a new connection, and later queries use none that is older") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected before, after;
    REQUIRE(source->query("SELECT CONNECTION_ID()", before, within(5s)));

    REQUIRE(source->fingerprint(within(5s)));

    REQUIRE(source->query("SELECT CONNECTION_ID()", after, within(5s)));
    CHECK(std::stoi(after.first()) > std::stoi(before.first()));
}

}  // namespace casefile::sources::mysql

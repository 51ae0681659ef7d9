// What is asked before a human confirmed a source, and what is kept of the answers.

#include "sources/identity_probe.h"

#include "base/text.h"
#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"

namespace casefile::sources::probe {
namespace {

using namespace std::chrono_literals;

Endpoint endpoint(SourceKind kind) {
    Endpoint out;
    out.kind = kind;
    out.env = "PROD";
    out.variable = "SOME_PROD_URL";
    out.host = "127.0.0.1";
    out.port = 3307;
    out.user = "reader";
    out.password = Secret("hunter2");
    return out;
}

/// Answers by the first words of a statement.
struct FakeServer {
    std::map<std::string, Table> answers;
    std::map<std::string, Error> errors;

    Result<Table> operator()(const std::string& statement) const {
        for (const auto& [start, error] : errors)
            if (statement.starts_with(start)) return error;
        for (const auto& [start, answer] : answers)
            if (statement.starts_with(start)) return answer;
        return Table{};
    }
};

FakeServer mariadb() {
    FakeServer out;
    out.answers["SHOW GLOBAL VARIABLES"] = {{"Variable_name", "Value"},
                                            {{"version", "10.11.19-MariaDB-log"},
                                             {"hostname", "db-7"},
                                             {"port", "3306"},
                                             {"datadir", "/srv/mysql/"},
                                             {"server_id", "7"},
                                             {"read_only", "OFF"}}};
    out.answers["SELECT CURRENT_USER"] = {{"a", "b", "c", "d"},
                                          {{"reader@%", "shop", "2026-11-22 14:00:00.500000", "+00:00"}}};
    out.answers["SHOW GRANTS"] = {
        {"Grants"}, {{"GRANT SELECT ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*SECRETHASH'"}}};
    out.answers["SHOW DATABASES"] = {{"Database"}, {{"shop"}, {"information_schema"}}};
    return out;
}

}  // namespace

TEST_CASE("a MySQL fingerprint keeps who the server is apart from what may change") {
    const ManualClock clock;

    const auto out = ask_mysql(endpoint(SourceKind::mysql), clock, {"SET autocommit=1"}, mariadb());

    REQUIRE(out);
    CHECK(json::serialize(out->identity) ==
          R"({"hostname":"db-7","port":"3306","datadir":"/srv/mysql/","server_id":"7","database":"shop",)"
          R"("schemas":["information_schema","shop"]})");
    CHECK(string_or(out->facts, "account") == "reader@%");
    CHECK(string_or(out->facts, "server_time") == "2026-11-22T14:00:00.500000Z");
    CHECK(out->facts.at("clock_skew_ms") == 500);
    CHECK(string_or(out->facts, "role") == "primary or alone");
    CHECK_FALSE(out->can_write);
    CHECK(out->taken_at == "2026-11-22T14:00:00.000Z");
    CHECK(out->statements.front() == "SET autocommit=1");
    CHECK(out->statements.size() == 7);
    CHECK(describe(*out) ==
          "MariaDB 10.11.19-MariaDB-log, host db-7:3306, database shop, role primary or alone, account "
          "reader@%, "
          "clock 500 ms ahead of ours, cannot write: the account has SELECT ON *.*");
}

TEST_CASE("no password hash of SHOW GRANTS is kept") {
    const ManualClock clock;

    const auto out = ask_mysql(endpoint(SourceKind::mysql), clock, {}, mariadb());

    REQUIRE(out);
    CHECK(json::serialize(out->facts).find("SECRETHASH") == std::string::npos);
    CHECK(out->can_write_reason.find("SECRETHASH") == std::string::npos);
}

TEST_CASE("a refused statement leaves a gap that is told, a lost connection ends the probe") {
    const ManualClock clock;
    auto server = mariadb();
    server.errors["SHOW REPLICA STATUS"] = denied("you need SLAVE MONITOR");
    server.errors["SHOW GRANTS"] = denied("no grants for you");

    const auto told = ask_mysql(endpoint(SourceKind::mysql), clock, {}, server);
    server.errors["SHOW DATABASES"] = unavailable("the connection was lost");
    const auto lost = ask_mysql(endpoint(SourceKind::mysql), clock, {}, server);

    REQUIRE(told);
    CHECK(string_or(told->facts, "role") == "not known");
    CHECK(string_or(told->facts, "role_reason") == "you need SLAVE MONITOR");
    CHECK(told->can_write);
    CHECK(told->can_write_reason.starts_with("not known"));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().message == "the connection was lost");
}

TEST_CASE("an older server is asked for its role in older words") {
    const ManualClock clock;
    auto server = mariadb();
    server.errors["SHOW REPLICA STATUS"] = invalid("syntax error");
    server.answers["SHOW SLAVE STATUS"] = {{"Master_Host", "Seconds_Behind_Master"}, {{"db-1", "12"}}};

    const auto out = ask_mysql(endpoint(SourceKind::mysql), clock, {}, server);

    REQUIRE(out);
    CHECK(string_or(out->facts, "role") == "replica");
    CHECK(string_or(out->facts, "replica_of") == "db-1");
    CHECK(string_or(out->facts, "replica_seconds_behind") == "12");
}

TEST_CASE("a server with very many schemas is told by a hash") {
    const ManualClock clock;
    auto server = mariadb();
    for (int i = 0; i < 150; ++i)
        server.answers["SHOW DATABASES"].rows.push_back({"tenant_" + std::to_string(i)});

    const auto before = ask_mysql(endpoint(SourceKind::mysql), clock, {}, server);
    server.answers["SHOW DATABASES"].rows.back() = {"zz_another"};
    const auto after = ask_mysql(endpoint(SourceKind::mysql), clock, {}, server);

    REQUIRE(before);
    REQUIRE(after);
    CHECK(before->identity.at("schemas").as_array().size() == 100);
    CHECK(before->identity != after->identity);
}

TEST_CASE("a Redis login is sent, and shown without the password") {
    auto to = endpoint(SourceKind::redis);
    to.database = "2";
    std::vector<redis::Command> sent;
    const ManualClock clock;

    CHECK(redis_login(to) == std::vector<redis::Command>{{"AUTH", "reader", "hunter2"}, {"SELECT", "2"}});
    const auto out = ask_redis(to, clock, [&](const std::vector<redis::Command>& commands) {
        sent = commands;
        return Result<std::vector<redis::Reply>>(std::vector<redis::Reply>(commands.size()));
    });

    REQUIRE(out);
    CHECK(sent.size() == 6);
    CHECK(join(out->statements, "; ") ==
          "AUTH ***; SELECT 2; TIME; INFO server; INFO replication; INFO keyspace; ACL WHOAMI; ACL GETUSER "
          "reader");
}

TEST_CASE("a Redis login sends nothing that the endpoint does not ask for") {
    auto to = endpoint(SourceKind::redis);
    to.user = "";
    to.database = "0";
    CHECK(redis_login(to) == std::vector<redis::Command>{{"AUTH", "hunter2"}});
    to.password = Secret();
    CHECK(redis_login(to).empty());
}

TEST_CASE("a Redis server that tells nothing of itself is said to be indistinguishable") {
    const ManualClock clock;
    const redis::Reply refused{
        .kind = redis::Reply::Kind::error, .text = "NOPERM this user has no permissions", .items = {}};

    const auto out =
        ask_redis(endpoint(SourceKind::redis), clock, [&](const std::vector<redis::Command>& commands) {
            return Result<std::vector<redis::Reply>>(std::vector<redis::Reply>(commands.size(), refused));
        });

    REQUIRE(out);
    CHECK(string_or(out->facts, "problem")
              .starts_with("INFO is refused, so this server cannot be told from another"));
    CHECK(out->can_write);
}

TEST_CASE("a Kafka cluster is known by its id, or by its brokers where it has none") {
    const ManualClock clock;
    auto to = endpoint(SourceKind::kafka);
    to.brokers = {"127.0.0.1:9092"};

    const auto named =
        describe_kafka(to, clock, {.id = "abc", .controller = 1, .brokers = {"1@b:9092"}, .topics = 3});
    const auto old =
        describe_kafka(to, clock, {.id = "", .controller = -1, .brokers = {"1@b:9092"}, .topics = 3});

    CHECK(json::serialize(named.identity) == R"({"cluster_id":"abc"})");
    CHECK(json::serialize(old.identity) == R"({"brokers":"1@b:9092"})");
    CHECK(describe(named) ==
          "Kafka cluster abc, brokers 1@b:9092, 3 topics, can write: not known: Kafka does not tell an "
          "account its "
          "rights; taken as able to write");
}

}  // namespace casefile::sources::probe

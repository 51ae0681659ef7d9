#include "app/environments.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;
using namespace casefile::app;

namespace {

std::string problem_of(const char* name, const char* value, const Config& config = {}) {
    const auto found = find_environments({{name, value}}, config);
    return found.problems.empty() ? "none" : found.problems.front().reason;
}

}  // namespace

TEST_CASE("environments are found in variables, with every part of a URL decoded") {
    Config config;
    config.kafka["EU_WEST_2"].groups = {"billing"};
    config.kafka["EU_WEST_2"].tunnels = {{"broker-1.internal:9092", "127.0.0.1:19092"}};
    const auto found = find_environments(
        {{"MYSQL_DEV_URL", "mysql://ro_app:p%40ss%2Fw@127.0.0.1:3307/shop?ssl-mode=VERIFY_CA&ssl-ca=/ca.pem"},
         {"REDIS_DEV_URL", "redis://:secret@localhost:6380/3"},
         {"KAFKA_EU_WEST_2_BROKERS", "127.0.0.1:9092, 127.0.0.1:9093"},
         {"HOME", "/nowhere"}},
        config);
    CHECK(found.problems.empty());
    REQUIRE(found.endpoints.size() == 3);
    const auto& kafka = found.endpoints[0];
    CHECK(kafka.env == "EU_WEST_2");
    CHECK(kafka.brokers == std::vector<std::string>{"127.0.0.1:9092", "127.0.0.1:9093"});
    CHECK(kafka.groups == std::vector<std::string>{"billing"});
    CHECK(kafka.tunnels.at("broker-1.internal:9092") == "127.0.0.1:19092");
    const auto& mysql = found.endpoints[1];
    CHECK(mysql.user == "ro_app");
    CHECK(mysql.password.reveal() == "p@ss/w");
    CHECK(mysql.port == 3307);
    CHECK(mysql.database == "shop");
    CHECK(mysql.tls);
    CHECK(mysql.tls_ca == "/ca.pem");
    const auto& redis = found.endpoints[2];
    CHECK(redis.password.reveal() == "secret");
    CHECK(redis.database == "3");
}

TEST_CASE("a variable that cannot be used is named with its reason, never with its value") {
    struct Row {
        const char* name;
        const char* value;
        const char* reason;
    };
    const Row rows[] = {
        {"MYSQL_URL", "mysql://u:hush@127.0.0.1:1/x", "the environment is missing from its name"},
        {"MYSQL_dev_URL", "mysql://u:hush@127.0.0.1:1/x", "with a label of A-Z"},
        {"MYSQL_DEV_URL", "postgres://u:hush@127.0.0.1:1/x", "got the scheme 'postgres'"},
        {"MYSQL_DEV_URL", "mysql://u:hu#sh@127.0.0.1:1/x", "expected the form mysql://"},
        {"MYSQL_DEV_URL", "mysql://u:hush@127.0.0.1/x", "no host or no port"},
        {"MYSQL_DEV_URL", "mysql://:hush@127.0.0.1:1/x", "got no user"},
        {"MYSQL_DEV_URL", "mysql://u:hush@db.internal:1/x", "its host is not loopback"},
        {"MYSQL_DEV_URL", "mysql://u:hush@127.0.0.1:1/mysql", "the server's own"},
        {"MYSQL_DEV_URL", "mysql://u:hush@127.0.0.1:1/x?ssl-mode=MAYBE", "ssl-mode: expected"},
        {"REDIS_DEV_URL", "rediss://:hush@127.0.0.1:1/0", "rediss:// needs TLS"},
        {"REDIS_DEV_URL", "redis://:hush@127.0.0.1:1/cache", "the database is a number"},
        {"REDIS_DEV_URL", "redis://:hush@127.0.0.1:6379abc/0", "expected the form redis://"},
        {"REDIS_DEV_URL", "redis://:hush@127.0.0.1:65536/0", "no host or no port"},
        {"KAFKA_DEV_BROKERS", "127.0.0.1", "expected the form 127.0.0.1:9092"},
        {"KAFKA_DEV_BROKERS", "127.0.0.1:9092abc", "no port of 1..65535"},
        {"KAFKA_DEV_BROKERS", "127.0.0.1:65536", "no port of 1..65535"},
        {"KAFKA_DEV_BROKERS", "127.0.0.1:0", "no port of 1..65535"},
        {"KAFKA_DEV_BROKERS", "127.0.0.1:-1", "no port of 1..65535"},
        {"KAFKA_DEV_BROKERS", "127.0.0.1:9092,hush.internal:9092", "its host is not loopback"},
    };
    for (const auto& row : rows) {
        const auto reason = problem_of(row.name, row.value);
        INFO(row.name << " = " << row.value);
        CHECK_THAT(reason, Catch::Contains(row.reason));
        CHECK_THAT(reason, !Catch::Contains("hush"));
    }
}

TEST_CASE("a host that is not loopback is used only when the configuration allows it") {
    Config config;
    config.hosts_allowed = {"db.internal"};
    CHECK(problem_of("MYSQL_DEV_URL", "mysql://u:p@db.internal:3306/x", config) == "none");
}

TEST_CASE("an env file is read only when nobody else can read it") {
    TemporaryFolder folder;
    const auto file = folder.path() / "vars.env";
    std::ofstream(file)
        << "# tunnels\nexport MYSQL_DEV_URL='mysql://u:p@127.0.0.1:1/x'\n\nKAFKA_DEV_BROKERS=127.0.0.1:2\n";
    chmod(file.c_str(), 0644);
    const auto refused = read_env_file(file);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().hint, Catch::Contains("chmod 600"));
    chmod(file.c_str(), 0600);
    const auto read = read_env_file(file);
    REQUIRE(read);
    CHECK(read->at("MYSQL_DEV_URL") == "mysql://u:p@127.0.0.1:1/x");
    CHECK(read->at("KAFKA_DEV_BROKERS") == "127.0.0.1:2");
}

TEST_CASE("an env file that cannot be read is an error that names the option, never an empty one") {
    TemporaryFolder folder;
    chmod(folder.path().c_str(), 0700);
    for (const auto& file : {folder.path(), folder.path() / "missing.env"}) {
        const auto refused = read_env_file(file);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::invalid_argument);
        CHECK_THAT(refused.error().message, Catch::StartsWith("--env-file: cannot read " + file.string()));
        CHECK_THAT(refused.error().hint, Catch::Contains("MYSQL_DEV_URL="));
    }
}

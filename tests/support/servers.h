#pragma once
// Real servers of this test program, started on first use and ended with it, and the variables that name
// them.

#include <unistd.h>

#include "sandbox/mariadb_client.h"
#include "sandbox/servers.h"
#include "tests/support/program.h"

namespace casefile {

class TestServers {
  public:
    static TestServers& get() {
        static TestServers servers;
        return servers;
    }

    sandbox::MariadbServer mariadb;
    sandbox::RedisServer redis;
    std::optional<sandbox::KafkaMock> kafka;

    /// MYSQL_<env>_URL and the others; the account of MySQL only reads.
    std::map<std::string, std::string> variables(const std::string& env,
                                                 const std::string& database = "casefile_test") const {
        return {{"MYSQL_" + env + "_URL", "mysql://reader:" + mariadb.reader_password +
                                              "@127.0.0.1:" + std::to_string(mariadb.port) + "/" + database},
                {"REDIS_" + env + "_URL",
                 "redis://:" + redis.password + "@127.0.0.1:" + std::to_string(redis.port) + "/0"},
                {"KAFKA_" + env + "_BROKERS", kafka->brokers()}};
    }

    /// Everything that must never show up anywhere.
    std::vector<std::string> secrets() const {
        return {mariadb.admin_password, mariadb.reader_password, redis.password};
    }

  private:
    TestServers() {
        auto database = sandbox::MariadbServer::start(folder_.path() / "mariadb");
        REQUIRE(database);
        mariadb = *std::move(database);
        auto admin = sandbox::MariadbClient::connect(mariadb.port, "admin", mariadb.admin_password);
        REQUIRE(admin);
        REQUIRE(admin->execute("CREATE DATABASE casefile_test"));
        auto cache = sandbox::RedisServer::start(folder_.path() / "redis");
        REQUIRE(cache);
        redis = *std::move(cache);
        auto queue = sandbox::KafkaMock::start();
        REQUIRE(queue);
        kafka.emplace(*std::move(queue));
    }

    TemporaryFolder folder_;
};

}  // namespace casefile

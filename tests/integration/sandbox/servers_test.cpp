#include "sandbox/servers.h"

#include <signal.h>

#include <cerrno>

#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "tests/integration/sandbox/kafka_reader.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace casefile::sandbox {
namespace {

bool is_running(pid_t pid) { return ::kill(pid, 0) == 0 || errno != ESRCH; }

TEST_CASE("a mariadb of one's own starts in any folder, however long its name, and ends with its object") {
    const TemporaryFolder folder;
    const auto deep = folder.path() / std::string(100, 'x') / std::string(100, 'y');
    pid_t pid = 0;
    {
        const auto server = MariadbServer::start(deep);
        REQUIRE(server);
        pid = server->process.pid();

        auto admin = MariadbClient::connect(server->port, "admin", server->admin_password);
        REQUIRE(admin);
        CHECK(admin->execute("CREATE DATABASE shop"));
        CHECK(admin->execute("CREATE TABLE shop.things (name VARCHAR(40))"));
        CHECK(admin->execute("INSERT INTO shop.things VALUES (" + sql_text("Caf\xc3\xa9 'x'") + ")"));

        auto reader = MariadbClient::connect(server->port, "reader", server->reader_password, "shop");
        REQUIRE(reader);
        const auto rows = reader->query("SELECT name FROM things");
        REQUIRE(rows);
        CHECK(rows->at(0).at(0) == "Caf\xc3\xa9 'x'");
        CHECK_FALSE(reader->execute("DELETE FROM things"));
        CHECK_FALSE(std::filesystem::exists(deep / "init.sql"));
    }
    CHECK_FALSE(is_running(pid));
}

TEST_CASE("a mariadb cannot be installed where its own script would stumble, and the error says so") {
    const TemporaryFolder folder;
    const auto server = MariadbServer::start(folder.path() / "my files");
    REQUIRE_FALSE(server);
    CHECK(server.error().kind == ErrorKind::invalid_argument);
    CHECK(server.error().message.find("expected a path without spaces") != std::string::npos);
}

TEST_CASE("a mariadb that cannot start says why, with the end of its log") {
    const TemporaryFolder folder;
    const auto server = MariadbServer::start(folder.path());
    REQUIRE(server);

    const auto second = MariadbServer::start(folder.path() / "second", server->port);

    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("mariadbd ended while it was starting") == 0);
    CHECK(second.error().message.find("Address already in use") != std::string::npos);
}

TEST_CASE("a redis of one's own wants its password and ends with its object") {
    const TemporaryFolder folder;
    pid_t pid = 0;
    {
        const auto server = RedisServer::start(folder.path());
        REQUIRE(server);
        pid = server->process.pid();

        auto client = RedisClient::connect(server->port, server->password);
        REQUIRE(client);
        CHECK(client->run({"SET", "key", "value"}));
        CHECK(*client->run({"GET", "key"}) == RedisClient::Reply{"value"});
        CHECK_FALSE(RedisClient::connect(server->port, "wrong"));

        auto reader = RedisClient::connect(server->port, server->reader_password, "reader");
        REQUIRE(reader);
        CHECK(*reader->run({"GET", "key"}) == RedisClient::Reply{"value"});
        CHECK(reader->run({"ACL", "GETUSER", "reader"}));
        CHECK_FALSE(reader->run({"SET", "key", "other"}));
    }
    CHECK_FALSE(is_running(pid));
}

TEST_CASE("a kafka of one's own keeps messages with their times, and what groups committed") {
    auto kafka = KafkaMock::start();
    REQUIRE(kafka);
    REQUIRE(kafka->create_topic("prices", 2));

    REQUIRE(kafka->produce(
        {{.topic = "prices", .partition = 1, .key = "a", .value = "1", .timestamp_ms = 1'700'000'000'123},
         {.topic = "prices", .partition = 1, .key = "b", .value = "2"}}));
    REQUIRE(kafka->commit("readers", {{"prices", {{1, 1}}}}));

    KafkaReader reader(kafka->brokers(), "readers");
    CHECK(reader.committed("prices", 1) == 1);
    CHECK(reader.end("prices", 1) == 2);
    CHECK(reader.end("prices", 0) == 0);
    const auto messages = reader.messages("prices", 1);
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].timestamp_ms == 1'700'000'000'123);
    CHECK(messages[0].key == "a");
    CHECK(messages[1].value == "2");
}

TEST_CASE("a released process outlives its object and is ended by its id") {
    const TemporaryFolder folder;
    pid_t pid = 0;
    {
        auto server = RedisServer::start(folder.path());
        REQUIRE(server);
        pid = server->process.release();
    }
    CHECK(is_running(pid));
    ServerProcess(pid).stop();
    CHECK_FALSE(is_running(pid));
}

}  // namespace
}  // namespace casefile::sandbox

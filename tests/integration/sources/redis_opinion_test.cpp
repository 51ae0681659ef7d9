// Redis: what the server says of a command is heard before the command is sent, and costs next to nothing.

#include "base/text.h"
#include "tests/integration/sources/servers.h"

namespace casefile::sources::redis {
namespace {

std::optional<Error> object_to_writing(const Command& command, const ServerOpinion& opinion) {
    for (const auto& flag : opinion.flags)
        if (flag == "write") return denied(command[0] + " is " + opinion.name, "ask something else");
    return std::nullopt;
}

/// How often COMMAND INFO was asked of the server.
std::string questions(const sandbox::RedisServer& server) {
    const auto stats = sandbox::RedisClient::connect(server.port, server.password)
                           .value()
                           .run({"INFO", "commandstats"})
                           .value()[0];
    const std::string line = "cmdstat_command|info:calls=";
    const auto at = stats.find(line);
    if (at == std::string::npos) return "0";
    return stats.substr(at + line.size(), stats.find(',', at) - at - line.size());
}

/// A server of its own, so that nobody else's questions are counted.
struct OwnServer {
    TemporaryFolder folder;
    sandbox::RedisServer server;
    Endpoint endpoint = redis_server().endpoint();

    explicit OwnServer(const std::string& configuration = {})
        : server(sandbox::RedisServer::start(folder.path() / "redis", 0, configuration).value()) {
        endpoint.port = server.port;
        endpoint.password = Secret(server.password);
    }
    std::unique_ptr<RedisSource> source() const { return make_redis_source(endpoint, {}, object_to_writing); }
    std::vector<std::string> as_admin(const sandbox::RedisClient::Command& command) const {
        return sandbox::RedisClient::connect(server.port, server.password).value().run(command).value();
    }
};

}  // namespace

TEST_CASE("a reading command that a server runs as a writing one is not sent to it") {
    const OwnServer renamed("rename-command GET \"\"\nrename-command INCR GET\n");
    const auto source = renamed.source();

    const auto refused = source->pipeline({{"STRLEN", "counter"}, {"GET", "counter"}}, within(5s));
    const auto other = source->pipeline({{"STRLEN", "counter"}}, within(5s));

    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(refused.error().message == "GET is incr");
    REQUIRE(other);
    CHECK((*other)[0].integer == 0);
    CHECK(renamed.as_admin({"EXISTS", "counter"}) == std::vector<std::string>{"0"});
}

TEST_CASE("a server is asked once for each new name on a connection, not once a call") {
    const OwnServer own;
    const auto source = own.source();

    for (int i = 0; i < 20; ++i)
        REQUIRE(source->pipeline({{"GET", "a"}, {"MEMORY", "USAGE", "a"}, {"TTL", "a"}}, within(5s)));
    CHECK(questions(own.server) == "1");

    REQUIRE(source->pipeline({{"LLEN", "l"}, {"GET", "a"}}, within(5s)));
    CHECK(questions(own.server) == "2");
}

TEST_CASE("behind a new connection there may be another server, so it is asked again") {
    const OwnServer own;
    const auto source = own.source();
    const auto first = source->pipeline({{"CLIENT", "ID"}}, within(5s));
    REQUIRE(first);
    own.as_admin({"CLIENT", "KILL", "ID", std::to_string((*first)[0].integer)});

    REQUIRE(source->pipeline({{"CLIENT", "ID"}}, within(5s)));

    CHECK(questions(own.server) == "2");
}

TEST_CASE("a server that tells nothing of its commands is read all the same, and that is known") {
    const OwnServer own;
    own.as_admin({"ACL", "SETUSER", "quiet", "on", ">quiet-password", "~*", "+@read", "-command"});
    auto endpoint = own.endpoint;
    endpoint.user = "quiet";
    endpoint.password = Secret("quiet-password");
    const auto source = make_redis_source(endpoint, {}, object_to_writing);
    CHECK(source->opinion_withheld().empty());

    const auto replies = source->pipeline({{"GET", "nothing"}}, within(5s));

    REQUIRE(replies);
    CHECK((*replies)[0].kind == Reply::Kind::nil);
    CHECK_THAT(source->opinion_withheld(), Catch::Contains("NOPERM"));

    const OwnServer renamed("rename-command COMMAND \"\"\n");
    const auto other = renamed.source();
    REQUIRE(other->pipeline({{"GET", "nothing"}}, within(5s)));
    CHECK_THAT(other->opinion_withheld(), Catch::Contains("unknown command"));
}

TEST_CASE("a wrong password is told as such, whether or not the server is asked for its opinion") {
    auto endpoint = redis_server().endpoint();
    endpoint.password = Secret();

    const auto without =
        make_redis_source(endpoint, {}, object_to_writing)->pipeline({{"GET", "a"}}, within(5s));

    REQUIRE_FALSE(without);
    CHECK(without.error().message == endpoint.address() + " wants a password");
}

}  // namespace casefile::sources::redis

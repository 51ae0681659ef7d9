// Redis: every reply belongs to its command, whatever happens to the connection.

#include "base/text.h"
#include "tests/integration/sources/servers.h"

namespace casefile::sources::redis {
namespace {

using namespace std::string_literals;

void plant(const std::vector<sandbox::RedisClient::Command>& commands) {
    redis_server().admin().run_all(commands).value();
}

}  // namespace

TEST_CASE("hundreds of commands in one pipeline give one reply each, in order") {
    plant({{"SET", "counted", "0"}});
    const auto source = make_redis_source(redis_server().endpoint(), {});
    std::vector<Command> commands;
    for (int i = 0; i < 1700; ++i) commands.push_back({"ECHO", std::to_string(i)});

    const auto replies = source->pipeline(commands, within(10s));

    REQUIRE(replies);
    REQUIRE(replies->size() == 1700);
    for (std::size_t i = 0; i < replies->size(); ++i) REQUIRE((*replies)[i].text == std::to_string(i));
}

TEST_CASE("values and keys keep every byte") {
    const auto bytes = "\0\r\n\xff$5\r\n"s;
    plant({{"SET", "binary:" + bytes, bytes}});
    const auto source = make_redis_source(redis_server().endpoint(), {});

    const auto replies =
        source->pipeline({{"GET", "binary:" + bytes}, {"STRLEN", "binary:" + bytes}}, within(5s));

    REQUIRE(replies);
    CHECK((*replies)[0].kind == Reply::Kind::text);
    CHECK((*replies)[0].text == bytes);
    CHECK((*replies)[1].integer == static_cast<std::int64_t>(bytes.size()));
}

TEST_CASE("each kind of reply is told as it is, and an error of one command leaves the others alone") {
    plant({{"DEL", "hash", "list", "none", "text"},
           {"HSET", "hash", "a", "1"},
           {"RPUSH", "list", "x", ""},
           {"SET", "text", ""}});
    const auto source = make_redis_source(redis_server().endpoint(), {});

    const auto replies = source->pipeline({{"GET", "none"},
                                           {"GET", "text"},
                                           {"HGETALL", "hash"},
                                           {"LRANGE", "list", "0", "-1"},
                                           {"GET", "hash"},
                                           {"PING"},
                                           {"LLEN", "list"}},
                                          within(5s));

    REQUIRE(replies);
    using Kind = Reply::Kind;
    CHECK((*replies)[0].kind == Kind::nil);
    CHECK((*replies)[1].kind == Kind::text);
    CHECK((*replies)[1].text.empty());
    CHECK((*replies)[2].items.size() == 2);
    CHECK((*replies)[3].items[1].kind == Kind::text);
    CHECK((*replies)[4].kind == Kind::error);
    CHECK((*replies)[4].text.starts_with("WRONGTYPE"));
    CHECK((*replies)[5].kind == Kind::status);
    CHECK((*replies)[6].integer == 2);
}

TEST_CASE("after a timeout the connection is thrown away, so no reply is ever another command's") {
    const auto source = make_redis_source(redis_server().endpoint(), {});
    REQUIRE(source->pipeline({{"PING"}}, within(5s)));

    const auto late = source->pipeline({{"BLPOP", "nobody-pushes-here", "1"}}, within(100ms));
    const auto next = source->pipeline({{"ECHO", "mine"}}, within(5s));

    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::timed_out);
    CHECK(late.error().message == "PROD redis: the pipeline ran out of time");
    REQUIRE(next);
    CHECK((*next)[0].text == "mine");
}

TEST_CASE("a stop request ends a waiting pipeline quickly") {
    const auto source = make_redis_source(redis_server().endpoint(), {});
    std::stop_source stop;
    const auto start = Steady::now();
    std::thread person([&] {
        while (redis_server().admin().run({"CLIENT", "LIST"}).value()[0].find("cmd=blpop") ==
               std::string::npos)
            if (Steady::now() - start > 9s) break;
        stop.request_stop();
    });

    const auto replies =
        source->pipeline({{"BLPOP", "nobody-pushes-here", "60"}}, within(60s, stop.get_token()));

    person.join();
    CHECK(Steady::now() - start < 10s);
    REQUIRE_FALSE(replies);
    CHECK(replies.error().kind == ErrorKind::cancelled);
}

TEST_CASE("a Redis connection that was closed while it lay idle is replaced without a word") {
    const auto source = make_redis_source(redis_server().endpoint(), {});
    const auto first = source->pipeline({{"CLIENT", "ID"}}, within(5s));
    REQUIRE(first);
    redis_server().admin().run({"CLIENT", "KILL", "ID", std::to_string((*first)[0].integer)}).value();

    const auto second = source->pipeline({{"CLIENT", "ID"}}, within(5s));

    REQUIRE(second);
    CHECK((*second)[0].integer != (*first)[0].integer);
}

TEST_CASE("replies that would fill the memory are refused") {
    plant({{"SETRANGE", "huge", "40000000", "x"}});
    const auto source = make_redis_source(redis_server().endpoint(), {});

    const auto replies = source->pipeline({{"GET", "huge"}, {"GET", "huge"}}, within(20s));

    plant({{"DEL", "huge"}});
    REQUIRE_FALSE(replies);
    CHECK(replies.error().kind == ErrorKind::limit_reached);
    CHECK(replies.error().message == "PROD redis: the replies are larger than 64 MiB");
}

TEST_CASE("the database number of the endpoint is used") {
    plant({{"SELECT", "3"}, {"SET", "where", "three"}, {"SELECT", "0"}});
    auto endpoint = redis_server().endpoint();
    endpoint.database = "3";

    const auto there = make_redis_source(endpoint, {})->pipeline({{"GET", "where"}}, within(5s));
    endpoint.database = "99";
    const auto nowhere = make_redis_source(endpoint, {})->pipeline({{"GET", "where"}}, within(5s));

    REQUIRE(there);
    CHECK((*there)[0].text == "three");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().hint == "check the database number in REDIS_PROD_URL");
}

TEST_CASE("a refused connection asks for the Redis tunnel") {
    auto endpoint = redis_server().endpoint();
    endpoint.port = sandbox::free_port().value();

    const auto replies = make_redis_source(endpoint, {})->pipeline({{"PING"}}, within(5s));

    REQUIRE_FALSE(replies);
    CHECK(replies.error().message == "no answer from " + endpoint.address() + " (connection refused)");
    CHECK(replies.error().hint.starts_with("is the tunnel on " + endpoint.address() + " up?"));
}

TEST_CASE("a server that never answers ends at the deadline") {
    const SilentListener nowhere;
    auto endpoint = redis_server().endpoint();
    endpoint.port = nowhere.port;
    const auto start = Steady::now();

    const auto replies = make_redis_source(endpoint, {})->pipeline({{"PING"}}, within(300ms));

    CHECK(Steady::now() - start < 10s);
    REQUIRE_FALSE(replies);
    CHECK(replies.error().kind == ErrorKind::timed_out);
}

TEST_CASE("a server that accepts and stays silent is left alone after three calls") {
    const SilentListener nowhere;
    auto endpoint = redis_server().endpoint();
    endpoint.port = nowhere.port;
    // Without a login to answer, the connection is made, and the question is the first that stays open.
    endpoint.password = Secret();
    const auto source = make_redis_source(endpoint, {});
    const auto silent =
        "PROD redis: the pipeline ran out of time, and nothing came from " + endpoint.address();
    for (int i = 0; i < 2; ++i) CHECK(source->fingerprint(within(600ms)).error().message == silent);
    const auto replies = source->pipeline({{"PING"}}, within(600ms));
    CHECK(replies.error().message == silent);
    CHECK(replies.error().kind == ErrorKind::timed_out);
    CHECK(replies.error().layer == Layer::tunnel);

    const auto start = Steady::now();
    const auto resting = source->fingerprint(within(5s));

    CHECK(Steady::now() - start < 2s);
    CHECK_THAT(resting.error().message, Catch::Contains("PROD redis is not asked until"));
    CHECK(source->resting() == resting.error().message);
}

TEST_CASE("a living server that is slow, or was given no time, is asked on") {
    const auto source = make_redis_source(redis_server().endpoint(), {});
    REQUIRE(source->pipeline({{"PING"}}, within(5s)));
    for (int i = 0; i < 4; ++i) {
        const auto late = source->pipeline({{"BLPOP", "nobody-pushes-here", "1"}}, within(20ms));
        CHECK(late.error().layer == Layer::database);
    }
    for (int i = 0; i < 4; ++i) {
        // The connection is a new one each time, and its login was answered.
        const auto late = source->pipeline({{"BLPOP", "nobody-pushes-here", "5"}}, within(600ms));
        CHECK(late.error().layer == Layer::database);
    }
    CHECK(source->resting().empty());
}

TEST_CASE("something else than Redis at the other end is said to be that") {
    auto endpoint = redis_server().endpoint();
    endpoint.port = mariadb().server.port;

    const auto replies = make_redis_source(endpoint, {})->pipeline({{"PING"}}, within(5s));

    REQUIRE_FALSE(replies);
    CHECK(replies.error().kind == ErrorKind::unavailable);
    CHECK(replies.error().message.starts_with(endpoint.address() + " does not speak the Redis protocol"));
}

TEST_CASE("a wrong Redis password names the account and never the password") {
    auto endpoint = redis_server().endpoint();
    endpoint.password = Secret("hunter2-is-wrong");

    const auto fingerprint = make_redis_source(endpoint, {})->fingerprint(within(5s));
    endpoint.password = Secret();
    const auto without = make_redis_source(endpoint, {})->pipeline({{"GET", "a"}}, within(5s));

    REQUIRE_FALSE(fingerprint);
    CHECK(fingerprint.error().message ==
          "access denied for account 'default' on " + endpoint.address() + " (WRONGPASS)");
    CHECK(describe(fingerprint.error()).find("hunter2") == std::string::npos);
    REQUIRE_FALSE(without);
    CHECK(without.error().message == endpoint.address() + " wants a password");
}

TEST_CASE("a Redis fingerprint says who the server is and what the account may do") {
    plant({{"SET", "one", "1"}});

    const auto all = make_redis_source(redis_server().endpoint(), {})->fingerprint(within(5s));
    const auto reader = make_redis_source(redis_server().endpoint("reader"), {})->fingerprint(within(5s));

    REQUIRE(all);
    CHECK(string_or(all->identity, "tcp_port") == std::to_string(redis_server().server.port));
    CHECK_FALSE(string_or(all->facts, "version").empty());
    CHECK_FALSE(string_or(all->identity, "run_id").empty());
    CHECK(string_or(all->facts, "role") == "primary");
    CHECK(string_or(all->facts, "account") == "default");
    CHECK(all->facts.at("keyspace").as_object().contains("db0"));
    CHECK(std::abs(all->facts.at("clock_skew_ms").as_int64()) < 2000);
    CHECK(all->can_write);
    CHECK(all->can_write_reason == "the account has +@all");

    REQUIRE(reader);
    INFO(reader->can_write_reason);
    CHECK_FALSE(reader->can_write);
    CHECK(string_or(reader->facts, "account") == "reader");
    auto but_for_account = reader->identity;
    but_for_account["account"] = "default";
    CHECK(but_for_account == all->identity);
}

TEST_CASE("the Redis probe sends exactly the commands that it lists, and keeps no password hash") {
    auto admin = redis_server().admin();
    admin.run({"CONFIG", "RESETSTAT"}).value();

    const auto fingerprint =
        make_redis_source(redis_server().endpoint("reader"), {})->fingerprint(within(5s));

    const auto counted = admin.run({"INFO", "commandstats"}).value()[0];
    REQUIRE(fingerprint);
    CHECK(fingerprint->statements == std::vector<std::string>{"AUTH ***", "TIME", "INFO server",
                                                              "INFO replication", "INFO keyspace",
                                                              "ACL WHOAMI", "ACL GETUSER reader"});
    std::map<std::string, std::string> calls;
    for (const auto& line : split(counted, '\n'))
        if (line.starts_with("cmdstat_"))
            calls[line.substr(8, line.find(':') - 8)] = line.substr(line.find('=') + 1, 1);
    calls.erase("config|resetstat");
    CHECK(calls ==
          std::map<std::string, std::string>{
              {"auth", "1"}, {"time", "1"}, {"info", "3"}, {"acl|whoami", "1"}, {"acl|getuser", "1"}});
    const auto text = json::serialize(fingerprint->facts) + json::serialize(fingerprint->identity);
    for (const auto& part : admin.run({"ACL", "GETUSER", "reader"}).value())
        if (part.size() == 64) CHECK(text.find(part) == std::string::npos);
}

}  // namespace casefile::sources::redis

#include "tools/redis/look_first.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/catch.h"

using namespace casefile::sources::redis;
using casefile::tools::redis::Bounds;
using casefile::tools::redis::command_line;
using casefile::tools::redis::decide;
using casefile::tools::redis::first_key;
using casefile::tools::redis::looks_before;
using casefile::tools::redis::smaller_form;

namespace {

constexpr Bounds bounds{.value_bytes_max = 1000, .elements_max = 100, .reply_bytes_max = 5000};

std::string line(const std::vector<Command>& commands) {
    std::string out;
    for (const auto& command : commands) out += (out.empty() ? "" : "; ") + command_line(command);
    return out;
}

}  // namespace

TEST_CASE("a command whose answer can be large is preceded by the question how large") {
    struct Row {
        Command command;
        std::string looks;
    };
    const std::vector<Row> rows = {
        {{"get", "a"}, "STRLEN a"},
        {{"GETRANGE", "a", "0", "9"}, "STRLEN a"},
        {{"MGET", "a", "b"}, "STRLEN a; STRLEN b"},
        {{"HMGET", "h", "x", "y"}, "HSTRLEN h x; HSTRLEN h y"},
        {{"HGETALL", "h"}, "HLEN h; MEMORY USAGE h"},
        {{"LRANGE", "l", "0", "9"}, "LLEN l; MEMORY USAGE l"},
        {{"XRANGE", "s", "-", "+", "COUNT", "5"}, "XLEN s; MEMORY USAGE s"},
        {{"JSON.GET", "j"}, "MEMORY USAGE j"},
        {{"TTL", "a"}, ""},
        {{"DBSIZE"}, ""},
        {{"GET"}, ""},
    };
    for (const auto& row : rows) {
        INFO(command_line(row.command));
        CHECK(line(looks_before(row.command)) == row.looks);
    }
}

TEST_CASE("the first key is found where each command has it") {
    CHECK(first_key({"GET", "a"}) == "a");
    CHECK(first_key({"OBJECT", "ENCODING", "a"}) == "a");
    CHECK(first_key({"MEMORY", "USAGE", "a"}) == "a");
    CHECK_FALSE(first_key({"MEMORY", "DOCTOR"}));
    CHECK_FALSE(first_key({"SCAN", "0"}));
    CHECK_FALSE(first_key({"INFO", "server"}));
}

TEST_CASE("what is small is sent as it was asked") {
    const std::vector<std::pair<Command, std::vector<Reply>>> rows = {
        {{"GET", "a"}, {integer_reply(1000)}},
        {{"GET", "a"}, {error_reply("NOPERM")}},
        {{"GETRANGE", "a", "500", "-1"}, {integer_reply(1500)}},
        {{"MGET", "a", "b"}, {integer_reply(1000), integer_reply(0)}},
        {{"HGETALL", "h"}, {integer_reply(100), integer_reply(4000)}},
        {{"LRANGE", "l", "0", "99"}, {integer_reply(100'000), integer_reply(1'000'000)}},
        {{"LRANGE", "l", "-10", "-1"}, {integer_reply(100'000), integer_reply(1'000'000)}},
        {{"ZRANGEBYSCORE", "z", "0", "9", "LIMIT", "0", "10"},
         {integer_reply(100'000), integer_reply(1'000'000)}},
        {{"JSON.GET", "j"}, {integer_reply(5000)}},
    };
    for (const auto& [command, looked] : rows) {
        INFO(command_line(command));
        const auto decision = decide(command, looked, bounds);
        CHECK(decision.send == command);
        CHECK(decision.refused.empty());
        CHECK_FALSE(decision.whole_bytes);
    }
}

TEST_CASE("a long string is read in part, and its whole length is told") {
    const std::vector<Reply> looked{integer_reply(2500)};

    const auto all = decide({"GET", "a"}, looked, bounds);
    CHECK(all.send == Command{"GETRANGE", "a", "0", "999"});
    CHECK(all.whole_bytes == 2500);

    const auto tail = decide({"GETRANGE", "a", "-2000", "-1"}, looked, bounds);
    CHECK(tail.send == Command{"GETRANGE", "a", "500", "1499"});
    CHECK(tail.whole_bytes == 2500);

    CHECK(smaller_form({"GET", "a"}, bounds) == Command{"GETRANGE", "a", "0", "999"});
    CHECK_FALSE(smaller_form({"HGETALL", "h"}, bounds));
}

TEST_CASE("a large collection is refused with what to ask instead") {
    struct Row {
        Command command;
        std::vector<Reply> looked;
        std::string refused, hint;
    };
    const std::vector<Row> rows = {
        {{"HGETALL", "h"}, {integer_reply(101), integer_reply(1)}, "would give 101 elements", "HSCAN"},
        {{"HGETALL", "h"}, {integer_reply(10), integer_reply(6000)}, "would give about 6000 bytes", "HSCAN"},
        {{"LRANGE", "l", "0", "-1"},
         {integer_reply(500), integer_reply(1)},
         "would give 500 elements",
         "0 99"},
        {{"ZRANGE", "z", "0", "9", "BYSCORE"},
         {integer_reply(500), integer_reply(1)},
         "would give 500",
         "0 99"},
        {{"XRANGE", "s", "-", "+"},
         {integer_reply(500), integer_reply(1)},
         "would give 500 elements",
         "COUNT 100"},
        {{"MGET", "a", "b"}, {integer_reply(1), integer_reply(1001)}, "key 'b' holds 1001 bytes", "GETRANGE"},
        {{"HMGET", "h", "x"}, {integer_reply(1001)}, "field 'x' holds 1001 bytes", "leave it out"},
        {{"JSON.GET", "j"}, {integer_reply(5001)}, "takes 5001 bytes", "path"},
    };
    for (const auto& row : rows) {
        INFO(command_line(row.command));
        const auto decision = decide(row.command, row.looked, bounds);
        CHECK(decision.send.empty());
        CHECK_THAT(decision.refused, Catch::Contains(row.refused));
        CHECK_THAT(decision.hint, Catch::Contains(row.hint));
    }
}

TEST_CASE("many values that are small alone are refused when they are large together") {
    const Command command{"MGET", "a", "b", "c", "d", "e", "f"};
    const std::vector<Reply> looked(6, integer_reply(900));
    CHECK_THAT(decide(command, looked, bounds).refused, Catch::Contains("5400 bytes"));
}

TEST_CASE("a command is written the way redis-cli reads it") {
    CHECK(command_line({"GET", "product:1"}) == "GET product:1");
    CHECK(command_line({"GET", "two words"}) == R"(GET "two words")");
    CHECK(command_line({"GET", ""}) == R"(GET "")");
    CHECK(command_line({"GET", "a\"b\\c\n\x01"}) == R"(GET "a\"b\\c\n\x01")");
}

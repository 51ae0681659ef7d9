#include "tools/redis/look_first.h"

#include <set>

#include "tests/fakes/fake_redis_source.h"
#include "tests/support/catch.h"
#include "tests/unit/policy/corpus.h"

using namespace casefile::sources::redis;
using casefile::tools::redis::Bounds;
using casefile::tools::redis::command_line;
using casefile::tools::redis::decide;
using casefile::tools::redis::Decision;
using casefile::tools::redis::first_key;
using casefile::tools::redis::keep_within_call;
using casefile::tools::redis::looks_before;
using casefile::tools::redis::smaller_form;

namespace {

constexpr Bounds bounds{
    .value_bytes_max = 1000, .elements_max = 100, .reply_bytes_max = 5000, .call_bytes_max = 7000};

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
        {{"HGETALL", "h"}, "HLEN h; MEMORY USAGE h SAMPLES 1000"},
        {{"LRANGE", "l", "0", "9"}, "LLEN l; MEMORY USAGE l SAMPLES 1000"},
        {{"XRANGE", "s", "-", "+", "COUNT", "5"}, "XLEN s; MEMORY USAGE s SAMPLES 1000"},
        {{"xread", "COUNT", "5", "streams", "s", "t", "0", "0"},
         "XLEN s; MEMORY USAGE s SAMPLES 1000; XLEN t; MEMORY USAGE t SAMPLES 1000"},
        {{"XREAD", "COUNT", "5"}, ""},
        {{"LINDEX", "l", "0"}, "LLEN l; MEMORY USAGE l SAMPLES 1000"},
        {{"HSCAN", "h", "0"}, "HLEN h; MEMORY USAGE h SAMPLES 1000"},
        {{"SSCAN", "s", "0"}, "SCARD s; MEMORY USAGE s SAMPLES 1000"},
        {{"ZRANDMEMBER", "z", "-5"}, "ZCARD z; MEMORY USAGE z SAMPLES 1000"},
        {{"XINFO", "STREAM", "s"}, "XLEN s; MEMORY USAGE s SAMPLES 1000"},
        {{"XINFO", "GROUPS", "s"}, ""},
        {{"JSON.MGET", "a", "b", "$"}, "MEMORY USAGE a; MEMORY USAGE b"},
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
    CHECK(first_key({"XINFO", "GROUPS", "a"}) == "a");
    CHECK_FALSE(first_key({"XREAD", "COUNT", "1", "STREAMS", "a", "0"}));
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
        {{"HSCAN", "h", "0", "MATCH", "x*", "COUNT", "1000"},
         {integer_reply(100'000), integer_reply(400'000)}},
        {{"HSCAN", "h", "0"}, {integer_reply(1000), integer_reply(400'000)}},
        {{"SRANDMEMBER", "s", "1000"}, {integer_reply(5), integer_reply(500)}},
        {{"HRANDFIELD", "h"}, {integer_reply(0), nil_reply()}},
        {{"XREAD", "COUNT", "10", "STREAMS", "s", "gone", "0", "0"},
         {integer_reply(100'000), integer_reply(10'000'000), integer_reply(0), nil_reply()}},
        {{"XINFO", "STREAM", "s"}, {integer_reply(1000), integer_reply(2'000'000)}},
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
        {{"JSON.GET", "j", "$.a", "$.b"}, {integer_reply(3000)}, "takes 6000 bytes", "one path"},
        {{"JSON.MGET", "a", "b", "$"},
         {integer_reply(3000), integer_reply(3000)},
         "takes 6000 bytes",
         "fewer keys"},
        {{"LINDEX", "l", "0"}, {integer_reply(2), integer_reply(20'000)}, "about 10000 bytes", "LLEN"},
        {{"HSCAN", "h", "0", "COUNT", "50"},
         {integer_reply(1000), integer_reply(1'000'000)},
         "about 50000 bytes",
         "a smaller COUNT"},
        {{"SRANDMEMBER", "s", "-101"},
         {integer_reply(5), integer_reply(5)},
         "would give 101 elements",
         "a smaller count"},
        {{"HRANDFIELD", "h", "-100", "WITHVALUES"},
         {integer_reply(2), integer_reply(2000)},
         "about 100000 bytes",
         "a smaller count"},
        {{"XREAD", "COUNT", "1", "COUNT", "60", "STREAMS", "s", "t", "0", "0"},
         {integer_reply(500), integer_reply(1), integer_reply(70), integer_reply(1)},
         "would give 120 elements",
         "COUNT 100"},
        {{"XINFO", "STREAM", "s", "FULL"},
         {integer_reply(100), integer_reply(100'000)},
         "about 10000 bytes",
         "COUNT"},
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

TEST_CASE("answers that are large together are refused from the one on that is too much") {
    std::vector<Decision> decisions;
    for (const std::int64_t bytes : {4000, 2000, 3000, 900, 5000})
        decisions.push_back({.send = {"HGETALL", "h"}, .bytes = bytes});

    keep_within_call(decisions, bounds);

    CHECK(decisions[1].refused.empty());
    CHECK(decisions[2].send.empty());
    CHECK(decisions[2].refused ==
          "would give about 3000 bytes after 6000 of the commands before it, more than 7000 together");
    CHECK(decisions[2].hint == "ask for it in a call of its own");
    CHECK(decisions[3].send == Command{"HGETALL", "h"});
    CHECK_FALSE(decisions[4].refused.empty());
}

TEST_CASE("the size of what is sent is known, for the sum of a call") {
    const std::vector<Reply> string{integer_reply(2500)}, hash{integer_reply(10), integer_reply(4000)};
    CHECK(decide({"GET", "a"}, string, bounds).bytes == 1000);
    CHECK(decide({"GETRANGE", "a", "0", "99"}, string, bounds).bytes == 100);
    CHECK(decide({"HGETALL", "h"}, hash, bounds).bytes == 4000);
    CHECK(decide({"TTL", "a"}, {}, bounds).bytes == 0);
}

TEST_CASE("a command is written the way redis-cli reads it") {
    CHECK(command_line({"GET", "product:1"}) == "GET product:1");
    CHECK(command_line({"GET", "two words"}) == R"(GET "two words")");
    CHECK(command_line({"GET", ""}) == R"(GET "")");
    CHECK(command_line({"GET", "a\"b\\c\n\x01"}) == R"(GET "a\"b\\c\n\x01")");
}

TEST_CASE("of every command that may be asked it is known whether it reads a key, which masks go by") {
    const std::set<std::string> without_key{"ACL",  "CLIENT",  "CLUSTER",  "COMMAND", "CONFIG", "DBSIZE",
                                            "INFO", "LATENCY", "LASTSAVE", "MODULE",  "PING",   "PUBSUB",
                                            "ROLE", "SCAN",    "SLOWLOG",  "TIME",    "XREAD"};
    for (const auto& line : casefile::policy::read_corpus("redis_allow.tsv")) {
        const auto words = casefile::split(line.text, ' ');
        const auto name = casefile::upper(words.front());
        if (words.size() < 2 || without_key.contains(name)) continue;
        if ((name == "OBJECT" || name == "MEMORY" || name == "XINFO") && words.size() < 3) continue;
        INFO(line.number << ": " << line.text);
        CHECK((first_key(words) || (name == "MEMORY" && casefile::upper(words[1]) != "USAGE")));
    }
}

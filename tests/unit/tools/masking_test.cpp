#include "tests/fakes/fake_kafka_source.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"
#include "tools/asked.h"
#include "tools/diff/tools.h"
#include "tools/kafka/tools.h"
#include "tools/mysql/tools.h"
#include "tools/redis/masked.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;
using namespace casefile::sources::redis;

namespace {

const Masks masks(policy::MaskRules(), "a key");
const std::string password = masks.token("secret", "hunter2");

std::string text(const Command& command, Reply reply) {
    reply = redis::masked(masks, command, std::move(reply));
    std::string out = reply.text;
    for (const auto& item : reply.items) out += (out.empty() ? "" : " ") + item.text;
    return out;
}

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"))) {
        confirm("STAGING");
        source.facts = {{{"number", "BIGINT"}, {"what", "VARCHAR"}, {"name", "VARCHAR"}, {"text", "TEXT"}},
                        {{"0", "table", "BASE TABLE", ""},
                         {"0", "column", "id", ""},
                         {"0", "column", "password", ""},
                         {"0", "column", "note", ""}}};
        source.tables = {{"FROM users",
                          {{{"id", "BIGINT", false, "users", "id"},
                            {"p", "VARCHAR", false, "users", "password"},
                            {"note", "VARCHAR", false, "users", "note"}},
                           {{"1", "hunter2", "plain"},
                            {"2", std::nullopt, R"({"apiKey":"hunter2"})"},
                            {"4111111111111111", "hunter2", "4111111111111111"}}}}};
    }
    json::object query(const std::string& sql) { return call(mysql::query_tool(work()), {{"sql", sql}}); }

    sources::mysql::FakeMysqlSource& source;
};

}  // namespace

TEST_CASE("equal values have equal tokens, and another installation's are others") {
    CHECK(password.starts_with("masked:secret:"));
    CHECK(password.size() == 14 + 16);
    CHECK(masks.token("secret", "hunter2") == password);
    CHECK(masks.token("secret", "hunter3") != password);
    CHECK(Masks(policy::MaskRules(), "another key").token("secret", "hunter2") != password);
    CHECK(masks.text("x " + password + " y") == "x " + password + " y");
}

TEST_CASE("rows come with tokens for masked columns, in the answer and in the file, and NULL stays NULL") {
    Bench bench;
    const auto answer = bench.query("SELECT id, password AS p, note FROM users");

    const auto& rows = answer.at("rows").as_array();
    CHECK(rows.at(0) == json::array{"1", password, "plain"});
    CHECK(rows.at(1) == json::array{"2", nullptr, R"({"apiKey":")" + password + R"("})"});
    // A number is never looked into; the same digits as text are a card.
    CHECK(rows.at(2).at(0) == "4111111111111111");
    CHECK(rows.at(2).at(2).as_string() == masks.token("card", "4111111111111111"));
    CHECK(answer.at("columns").at(1).at("type") == "masked");
    const auto csv = ToolBench::file(answer, "db_rows.query.csv");
    CHECK(csv.find("hunter2") == std::string::npos);
    CHECK(csv.find(password) != std::string::npos);
}

TEST_CASE("what the tables are is asked once, and a masked column that cannot be followed is refused") {
    Bench bench;
    bench.query("SELECT id, password AS p, note FROM users");
    bench.query("SELECT id, password AS p, note FROM users WHERE id = 2");
    CHECK(bench.source.facts_asked == 1);
    CHECK(bench.source.asked.size() == 2);

    const auto refused =
        bench.refusal(mysql::query_tool(bench.work()), {{"sql", "SELECT MD5(password) FROM users"}});
    CHECK(refused.at("kind") == "denied");
    CHECK_THAT(std::string(refused.at("message").as_string()), Catch::Contains("is an argument of MD5()"));
    CHECK(bench.source.asked.size() == 2);
}

TEST_CASE("a server that calls a masked column another one is not believed") {
    Bench bench;
    bench.source.tables[0].second.columns[1].origin_column = "id";
    const auto refused =
        bench.refusal(mysql::query_tool(bench.work()), {{"sql", "SELECT id, password AS p FROM users"}});
    CHECK_THAT(std::string(refused.at("message").as_string()),
               Catch::Contains("is another one than the statement names"));
}

TEST_CASE("script and input keep what was asked, marked sensitive, and are shown through the masks") {
    Bench bench;
    const auto answer = bench.call(
        mysql::query_tool(bench.work()),
        {{"sql", "SELECT id, password AS p, note FROM users WHERE password = ?"}, {"params", {"hunter2"}}});

    CHECK(ToolBench::file(answer, "query.input.json").find("hunter2") != std::string::npos);
    CHECK(ToolBench::file(answer, "query.sql").find("68756e74657232") != std::string::npos);
    const auto manifest = json::parse(ToolBench::file(answer, "query.manifest.json"));
    CHECK(manifest.at("masks").at("profile") == "secrets");
    for (const auto& output : manifest.at("outputs").as_array()) {
        const auto& role = output.at("role");
        CHECK(output.as_object().contains("sensitive") == (role == "script" || role == "input"));
    }
    for (const auto* name : {"query.sql", "query.input.json"}) {
        const auto shown = masked_asked(masks, name, ToolBench::file(answer, name));
        INFO(shown);
        CHECK(holds_what_was_asked(name));
        CHECK(shown.find("hunter2") == std::string::npos);
        CHECK(shown.find("68756e74657232") == std::string::npos);
        CHECK(shown.find(password) != std::string::npos);
    }
    CHECK_FALSE(holds_what_was_asked("db_rows.query.csv"));
    CHECK_FALSE(holds_what_was_asked("query.manifest.json"));
    CHECK_FALSE(holds_what_was_asked("query.log"));
}

TEST_CASE("a diff compares the values themselves and writes tokens") {
    Bench bench;
    bench.source.tables[0].second.rows = {{"1", "hunter2", "a"}, {"2", "raw-left", "4111111111111111"}};
    const auto answer = bench.call(
        diff::diff_tool(bench.work()),
        {{"left", {{"mysql", {{"sql", "SELECT id, password AS p, note FROM users"}}}, {"env", "STAGING"}}},
         {"right", {{"csv", {{"text", "id,p,note\n1,hunter2,a\n2,raw-right,b\n"}}}}},
         {"key", json::array{"id"}}});

    CHECK(answer.at("counts").at("match") == 1);
    CHECK(answer.at("counts").at("changed") == 1);
    const auto shown = json::serialize(answer);
    CHECK(shown.find(masks.token("secret", "raw-left")) != std::string::npos);
    for (const auto& text :
         {shown, ToolBench::file(answer, "diff.diff.csv"), ToolBench::file(answer, "diff.diff.json")}) {
        CHECK(text.find("raw-left") == std::string::npos);
        CHECK(text.find("raw-right") == std::string::npos);
        CHECK(text.find("4111111111111111") == std::string::npos);
    }

    const auto refused = bench.refusal(
        diff::diff_tool(bench.work()),
        {{"left", {{"mysql", {{"sql", "SELECT id, LEFT(password, 1) AS p FROM users"}}}, {"env", "STAGING"}}},
         {"right", {{"csv", {{"text", "id,p\n1,h\n"}}}}},
         {"key", json::array{"id"}}});
    CHECK_THAT(std::string(refused.at("message").as_string()), Catch::Contains("is an argument of LEFT()"));
}

TEST_CASE("an error of the server is told without what the statement compared") {
    Bench bench;
    bench.source.failure =
        Error{ErrorKind::invalid_argument, "syntax near 'hunter2' at line 1", "", Layer::database};
    const auto refused = bench.refusal(mysql::query_tool(bench.work()),
                                       {{"sql", "SELECT id FROM users WHERE password = 'hunter2'"}});
    CHECK(refused.at("message").as_string() == "syntax near '" + password + "' at line 1");
}

TEST_CASE("the configuration chooses the profile and every manifest states it") {
    Bench bench;
    ToolBench privacy({.profile = "privacy", .columns = {{"note"}, {}}, .fields = {}, .keys = {}});
    CHECK(privacy.masks->told() ==
          json::object{{"profile", "privacy"}, {"columns", {{"add", json::array{"note"}}}}});
    CHECK(privacy.masks->field("email", "a@b.example").starts_with("masked:email:"));
    CHECK(bench.masks->field("email", "a@b.example") == "a@b.example");
}

TEST_CASE("values of Redis are masked by field, by key and by what they hold") {
    const auto value = text_reply("hunter2");
    CHECK(text({"HGET", "user:1", "password"}, value) == password);
    CHECK(text({"HGET", "user:1", "login"}, value) == "hunter2");
    CHECK(text({"HMGET", "user:1", "login", "apiKey"}, array_reply({value, value})) == "hunter2 " + password);
    CHECK(text({"HGETALL", "user:1"}, array_reply({text_reply("password"), value, text_reply("n"),
                                                   text_reply("1")})) == "password " + password + " n 1");
    CHECK(text({"hrandfield", "user:1", "2", "withvalues"}, array_reply({text_reply("token"), value})) ==
          "token " + password);
    CHECK(text({"GET", "session:abc"}, value) == password);
    CHECK(text({"MGET", "product:1", "token:9"}, array_reply({value, value})) == "hunter2 " + password);
    CHECK(text({"LRANGE", "otp:7", "0", "9"}, array_reply({value})) == password);
    CHECK(text({"GET", "user:1"}, text_reply(R"({"password":"hunter2"})")) ==
          R"({"password":")" + password + R"("})");
    CHECK(text({"SCAN", "0"}, array_reply({text_reply("0"), text_reply("session:hunter2")})) ==
          "0 session:" + password);
    CHECK(text({"JSON.GET", "user:1", "$.password"}, value) == password);
    CHECK(text({"JSON.GET", "user:1", "$.*"}, value) == password);
    CHECK(text({"TYPE", "session:abc"}, status_reply("string")) == "string");
    const auto entries = redis::masked(
        masks, {"XRANGE", "x", "-", "+"},
        array_reply(
            {array_reply({text_reply("1-1"), array_reply({text_reply("token"), text_reply("hunter2")})})}));
    CHECK(entries.items[0].items[1].items[1].text == password);
    CHECK(redis::masked(masks, Command{"GET", "session:hunter2"}) == Command{"GET", "session:" + password});
    CHECK(redis::masked(masks, Command{"SISMEMBER", "tokens:all", "hunter2"})[2] == password);
    CHECK(redis::masked_line(masks, "GET session:hunter2") == "GET session:" + password);
}

TEST_CASE(
    "a masked value is not found in steps: by bits, patterns and ranges of texts, of values or of names") {
    const auto is_refused = [](const Command& command) {
        return redis::masked(masks, command, array_reply({integer_reply(115), text_reply("hunter2")})).kind ==
               Reply::Kind::error;
    };
    for (const auto& command : {Command{"BITFIELD_RO", "session:abc", "GET", "u8", "#0"},
                                {"SSCAN", "secrets:all", "0", "MATCH", "a*"},
                                {"zscan", "secrets:all", "0", "match", "a*"},
                                {"ZRANGEBYLEX", "secrets:all", "[a", "[b"},
                                {"ZRANGE", "secrets:all", "[a", "[b", "BYLEX"},
                                {"ZLEXCOUNT", "secrets:all", "[a", "[b"}})
        CHECK(is_refused(command));
    CHECK_FALSE(is_refused({"SSCAN", "secrets:all", "0"}));
    // Of several keys each is looked at.
    CHECK(text({"JSON.MGET", "product:1", "session:abc", "$"}, array_reply({text_reply("hunter2")})) ==
          password);
    CHECK(text({"XREAD", "STREAMS", "product:1", "session:abc", "0", "0"},
               array_reply({text_reply("hunter2")})) == password);
    CHECK_FALSE(is_refused({"ZRANGEBYLEX", "products", "[a", "[b"}));

    const auto keys =
        array_reply({text_reply("0"), array_reply({text_reply("session:abc"), text_reply("product:1")})});
    const auto found = [&](const std::string& pattern) {
        return redis::masked(masks, {"SCAN", "0", "MATCH", pattern}, keys).items[1].items.size();
    };
    CHECK(found("*") == 2);
    CHECK(found("session:*") == 2);
    for (const auto* pattern :
         {"session:a*", "session:???", "sess*c", "session:[a-m]*", "session:abc", "*s*"})
        CHECK(found(pattern) == 1);
    CHECK(redis::tells_of_name(masks, "session:a*", "session:abc"));
}

TEST_CASE(
    "what a masked Redis key holds is a token in a comparison, and no tolerance tells about how large") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeRedisSource>("STAGING"));
    bench.confirm("STAGING");
    source.replies["MGET session:abc"] = array_reply({text_reply("raw-session")});
    const auto diff = [&](json::object compare) {
        return json::object{
            {"left", {{"csv", {{"text", "id,value\nabc,foo\n"}}}}},
            {"right",
             {{"redis", {{"key_template", "session:{id}"}, {"type", "string"}}}, {"env", "STAGING"}}},
            {"key", json::array{"id"}},
            {"compare", std::move(compare)}};
    };
    const auto answer = bench.call(diff::diff_tool(bench.work()), diff({{"settle_ms", 1}}));
    CHECK(answer.at("counts").at("changed") == 1);
    for (const auto& text : {json::serialize(answer), ToolBench::file(answer, "diff.diff.csv")})
        CHECK(text.find("raw-session") == std::string::npos);

    Bench with;
    const auto refused = with.refusal(
        diff::diff_tool(with.work()),
        {{"left", {{"mysql", {{"sql", "SELECT id, password AS p FROM users"}}}, {"env", "STAGING"}}},
         {"right", {{"csv", {{"text", "id,p\n1,5\n"}}}}},
         {"key", json::array{"id"}},
         {"compare", {{"tolerance", {{"p", "100"}}}}}});
    CHECK_THAT(std::string(refused.at("message").as_string()), Catch::Contains("is masked"));
}

TEST_CASE("a part of a value that holds something masked is not shown") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeRedisSource>("STAGING"));
    bench.confirm("STAGING");
    const auto whole = "0 " + std::to_string(bench.limits.value_bytes_max - 1);
    for (const std::string key : {"user:1", "plain"}) {
        source.replies["STRLEN " + key] = integer_reply(30);
        source.replies["GETRANGE " + key + " 15 17"] = text_reply("ter");
        source.replies["GETBIT " + key + " 7"] = integer_reply(1);
        source.replies["GETRANGE " + key + " " + whole] =
            text_reply(key == "plain" ? "nothing to hide here" : R"({"password":"hunter2"})");
    }
    const auto read = [&](json::array command) {
        const auto answer =
            bench.call(redis::read_tool(bench.work()), {{"commands", json::array{std::move(command)}}});
        return answer.at("replies").at(0).as_object();
    };
    CHECK(read({"GETRANGE", "plain", "15", "17"}).at("value") == "ter");
    CHECK(read({"GETBIT", "plain", "7"}).at("value") == "1");
    for (const auto& command :
         {json::array{"GETRANGE", "user:1", "15", "17"}, json::array{"GETBIT", "user:1", "7"}}) {
        const auto reply = read(command);
        CHECK(reply.at("value").is_null());
        CHECK_THAT(std::string(reply.at("error").as_string()), Catch::Contains("read it whole with GET"));
    }
}

TEST_CASE("messages of Kafka are masked by member, by header and by shape") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<sources::kafka::FakeKafkaSource>("STAGING"));
    bench.confirm("STAGING");
    source.marks[{"orders", 0}] = {{"orders", 0}, 0, 100, {}};
    source.messages.push_back(
        {.partition = {"orders", 0},
         .offset = 1,
         .timestamp_ms = 0,
         .key = "session:hunter2",
         .value = R"({"id":10.10,"user":{"password":"hunter2"},"card":"4111111111111111"})",
         .headers = {{"authorization", "hunter2"}, {"trace", "abc"}}});

    const auto answer = bench.call(kafka::read_tool(bench.work()), {{"topic", "orders"}});

    const auto& message = answer.at("messages").at(0);
    CHECK(message.at("key").as_string() == "session:" + password);
    CHECK(message.at("value").as_string() == R"({"id":10.10,"user":{"password":")" + password +
                                                 R"("},"card":")" + masks.token("card", "4111111111111111") +
                                                 R"("})");
    CHECK(message.at("headers").at(0).at("value").as_string() == password);
    CHECK(message.at("headers").at(1).at("value") == "abc");
    CHECK(ToolBench::file(answer, "kafka_messages.messages.json").find("hunter2") == std::string::npos);
}

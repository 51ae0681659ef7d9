// The commands around the evidence of a case, as a user types them: replay, prune, and verify with anchors.

#include "base/json.h"
#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "tests/support/servers.h"

using namespace casefile;

namespace {

struct Shell {
    TemporaryFolder folder;
    std::filesystem::path home = folder.path() / "home", anchors = folder.path() / "anchors.jsonl",
                          config = folder.path() / "config.json";
    std::string id;

    Shell() {
        std::ofstream(config) << json::serialize(json::object{{"anchor_file", anchors.string()}});
        id = std::string(structured(call("open_case", {{"topic", "prices"}})).at("case").as_string());
    }
    Ran casefile(std::vector<std::string> arguments, bool confirmed = true) const {
        arguments.insert(arguments.begin(), program("casefile"));
        for (const auto& one :
             {std::string("--home"), home.string(), std::string("--config"), config.string()})
            arguments.push_back(one);
        if (confirmed) arguments.insert(arguments.end(), {"--confirm", "DEV"});
        return run(arguments, TestServers::get().variables("DEV"));
    }
    Ran call(const std::string& tool, json::object arguments) const {
        if (!id.empty()) arguments["case"] = id;
        return casefile({"call", tool, json::serialize(arguments)});
    }
    static json::object structured(const Ran& ran) {
        INFO(ran.out << ran.err);
        const auto parsed = parse_json(ran.out);
        REQUIRE(parsed);
        return parsed->as_object();
    }
    std::string run_of(const Ran& ran) const {
        return std::string(structured(ran).at("run").at("id").as_string());
    }
};

void execute(const std::string& sql) {
    auto& mariadb = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(mariadb.port, "admin", mariadb.admin_password);
    REQUIRE(admin);
    REQUIRE(admin->execute(sql));
}

}  // namespace

TEST_CASE("casefile replay asks the same again, tells what changed, and files it") {
    execute("CREATE OR REPLACE TABLE casefile_test.replayed (id INT PRIMARY KEY, price DECIMAL(8,2))");
    execute("INSERT INTO casefile_test.replayed VALUES (1, 9.99), (2, 5.00), (3, 7.50)");
    Shell shell;
    const auto run_id = shell.run_of(
        shell.call("query_mysql", {{"sql", "SELECT id, price FROM replayed WHERE id < ? ORDER BY id"},
                                   {"params", {"100"}},
                                   {"task", "prices"}}));

    const auto same = Shell::structured(shell.casefile({"replay", shell.id, run_id}));
    CHECK(same.at("same") == true);
    CHECK(same.at("files").at(0) == json::parse(R"({"file":"db_rows.prices.csv","verdict":"identical"})"));

    execute("UPDATE casefile_test.replayed SET price = 8.99 WHERE id = 1");
    execute("INSERT INTO casefile_test.replayed VALUES (4, 1.00)");
    const auto changed = Shell::structured(shell.casefile({"replay", shell.id, run_id}));
    CHECK(changed.at("same") == false);
    const auto& file = changed.at("files").at(0).as_object();
    CHECK(file.at("verdict") == "changed");
    CHECK(file.at("rows_same") == 2);
    CHECK(file.at("only_then") == json::parse(R"(["1,9.99"])"));
    CHECK(file.at("only_now") == json::parse(R"(["1,8.99","4,1.00"])"));

    // The difference is a run, and so is the question.
    const auto runs = Shell::structured(shell.call("read_evidence", json::object())).at("runs").as_array();
    const auto& filed = runs.at(runs.size() - 1).as_object();
    CHECK(filed.at("tool") == "replay");
    CHECK(filed.at("task") == "replay-prices");
    CHECK(filed.at("summary") == "run 2 asked again: changed");
    const auto difference = Shell::structured(shell.call(
        "read_evidence",
        {{"run", filed.at("run")}, {"file", "diff.replay-prices.json"}, {"path", "/files/0/only_then"}}));
    CHECK(difference.at("value") == json::parse(R"(["1,9.99"])"));
    CHECK(shell.casefile({"verify", shell.id}).exit_code == 0);

    const auto seen = run_at_terminal(
        {program("casefile"), "replay", shell.id, "2", "--home", shell.home.string(), "--confirm", "DEV"}, "",
        TestServers::get().variables("DEV"));
    CHECK_THAT(seen.out,
               Catch::Contains("- 1,9.99") && Catch::Contains("+ 4,1.00") && Catch::Contains("filed as run"));
}

TEST_CASE("reads of Redis and Kafka and diffs are replayed, and the clock alone is no change") {
    auto& servers = TestServers::get();
    auto cache = sandbox::RedisClient::connect(servers.redis.port, servers.redis.password);
    REQUIRE(cache);
    const auto set = [&](const std::string& price, const char* ttl_ms) {
        REQUIRE(cache->run({"SET", "replayed:1", R"({"price":")" + price + R"("})", "PX", ttl_ms}));
    };
    set("9.99", "9000000");
    execute("CREATE OR REPLACE TABLE casefile_test.cached (id INT PRIMARY KEY, price DECIMAL(8,2))");
    execute("INSERT INTO casefile_test.cached VALUES (1, 9.99)");
    REQUIRE(servers.kafka->create_topic("replayed", 1));
    const auto produce = [&](const std::string& key) {
        REQUIRE(servers.kafka->produce({{.topic = "replayed", .key = key, .value = "v"}}));
    };
    produce("a");
    produce("b");
    REQUIRE(servers.kafka->commit("replayers", {{"replayed", {{0, 1}}}}));
    Shell shell;
    const auto left = json::object{{"mysql", {{"sql", "SELECT id, price FROM cached"}}}},
               right = json::object{{"redis", {{"key_template", "replayed:{id}"}, {"type", "json"}}}};
    const std::vector<std::pair<std::string, json::object>> questions = {
        {"read_redis", {{"commands", json::array{json::array{"GET", "replayed:1"}}}, {"task", "read"}}},
        {"scan_redis", {{"match", "replayed:*"}, {"task", "scan"}}},
        {"kafka_lag", {{"groups", json::array{"replayers"}}, {"task", "lag"}}},
        {"read_kafka", {{"topic", "replayed"}, {"task", "peek"}}},
        {"diff", {{"left", left}, {"right", right}, {"key", json::array{"id"}}, {"task", "prices"}}}};
    std::vector<std::string> runs;
    for (const auto& [tool, arguments] : questions) runs.push_back(shell.run_of(shell.call(tool, arguments)));
    const auto replayed = [&](std::size_t question) {
        return Shell::structured(shell.casefile({"replay", shell.id, runs[question]}));
    };
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto same = replayed(i);
        INFO(questions[i].first << " " << json::serialize(same));
        CHECK(same.at("same") == true);
    }

    set("8.99", "9500000");
    produce("c");
    const auto first_difference = [&](std::size_t question, std::size_t file, const char* path) {
        const auto now = replayed(question);
        INFO(questions[question].first << " " << json::serialize(now));
        CHECK(now.at("same") == false);
        for (const auto& one : now.at("files").at(file).at("differences").as_array())
            if (one.at("path") == path) return json::serialize(one.at("now"));
        return std::string("nothing at ") + path;
    };
    CHECK(first_difference(0, 0, "/replies/0/value") == R"("{\"price\":\"8.99\"}")");
    CHECK(first_difference(1, 0, "/keys/0/ttl_ms").starts_with("9"));
    CHECK(first_difference(2, 0, "/partitions/0/lag") == R"("2")");
    CHECK(first_difference(3, 0, "/ends/0/end") == R"("3")");
    CHECK(first_difference(4, 1, "/counts/changed") == "1");
    CHECK(shell.casefile({"verify", shell.id}).exit_code == 0);
}

TEST_CASE("a replay is refused like any call, and what cannot be asked again is refused with the reason") {
    Shell shell;
    const auto run_id =
        shell.run_of(shell.call("query_mysql", {{"sql", "SELECT 1 AS one"}, {"task", "one"}}));
    // Without the operator's flag nobody has confirmed DEV.
    const auto unconfirmed = shell.casefile({"replay", shell.id, run_id}, false);
    CHECK(unconfirmed.exit_code == 1);
    CHECK_THAT(unconfirmed.err,
               Catch::Contains("is refused now") && Catch::Contains("call confirm_environment"));

    const auto unknown = shell.casefile({"replay", shell.id, "999"});
    CHECK(unknown.exit_code == 1);
    CHECK_THAT(unknown.err, Catch::Contains("has no run '999'"));
    const auto probe = shell.casefile({"replay", shell.id, "1"});
    CHECK(probe.exit_code == 1);
    CHECK_THAT(probe.err, Catch::Contains("cannot be asked again"));

    const auto input = shell.home / "cases" / shell.id / "runs";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(input))
        if (entry.path().filename() == "one.input.json") {
            auto text = read_whole(entry.path());
            std::ofstream(entry.path()) << text.replace(text.find("SELECT 1"), 8, "SELECT 2");
        }
    const auto altered = shell.casefile({"replay", shell.id, run_id});
    CHECK(altered.exit_code == 1);
    CHECK_THAT(altered.err, Catch::Contains("the input is not the one that was recorded"));
}

TEST_CASE("casefile prune shows first, then destroys, and verify tells; an altered case is not pruned") {
    Shell shell;
    shell.call("query_mysql", {{"sql", "SELECT 'secret-row' AS one"}, {"task", "one"}});
    const auto shown = shell.casefile({"prune", shell.id, "--older-than", "0"});
    CHECK(shown.exit_code == 0);
    CHECK_THAT(shown.out, Catch::Contains("db_rows.one.csv") && Catch::Contains("Nothing was removed"));
    CHECK_THAT(shell.casefile({"prune", "--older-than", "1", "--yes"}).out, !Catch::Contains("db_rows"));
    CHECK(shell.casefile({"prune", "--yes"}).exit_code == 2);

    const auto chain = shell.home / "cases" / shell.id / "chain.jsonl";
    CHECK_THAT(read_whole(chain), Catch::Contains("secret-row\\r\\n"));
    // No file may grow, as on a disk that is full; what is printed goes through a pipe.
    const auto full = run({"/bin/sh", "-c",
                           "(ulimit -f 1; exec \"$0\" prune --older-than 0 --yes --home \"$1\") 2>&1 | cat",
                           program("casefile"), shell.home.string()});
    CHECK_THAT(full.out, Catch::Contains(shell.id + ": not pruned: ") && !Catch::Contains("removed"));
    const auto pruned = shell.casefile({"prune", "--older-than", "0", "--yes"});
    CHECK(pruned.exit_code == 0);
    CHECK_THAT(read_whole(chain), !Catch::Contains("secret-row\\r\\n"));
    const auto verified = shell.casefile({"verify", shell.id});
    CHECK(verified.exit_code == 0);
    CHECK_THAT(verified.out,
               Catch::Contains("pruned: runs/0002-one.") && Catch::Contains("older than 0 days"));
    CHECK_THAT(verified.out, Catch::Contains("self-consistent, signer not established"));

    shell.call("query_mysql", {{"sql", "SELECT 2 AS two"}, {"task", "two"}});
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shell.home / "cases" / shell.id))
        if (entry.path().filename() == "db_rows.two.csv") std::ofstream(entry.path()) << "two\r\n3\r\n";
    const auto kept = shell.casefile({"prune", "--older-than", "0", "--yes"});
    CHECK(kept.exit_code == 1);
    CHECK_THAT(kept.err, Catch::Contains("it does not verify: file altered"));
}

TEST_CASE(
    "casefile verify finds by the configured anchor file what was taken back, and a case that is gone") {
    Shell shell;
    const auto folder = shell.home / "cases" / shell.id, earlier = shell.folder.path() / "earlier";
    std::filesystem::copy(folder, earlier, std::filesystem::copy_options::recursive);
    shell.call("write_log", {{"kind", "note"}, {"text", "this came later"}});
    CHECK_THAT(shell.casefile({"verify"}).out, Catch::Contains("anchored up to record 2"));

    std::filesystem::remove_all(folder);
    const auto gone = shell.casefile({"verify"});
    CHECK(gone.exit_code == 1);
    CHECK_THAT(gone.out, Catch::Contains("the anchor file tells of 2 records, and the case is gone"));
    std::filesystem::copy(earlier, folder, std::filesystem::copy_options::recursive);
    CHECK(run({program("casefile"), "verify", shell.id, "--home", shell.home.string()}).exit_code == 0);
    const auto cut = run({program("casefile"), "verify", shell.id, "--home", shell.home.string(), "--anchors",
                          shell.anchors.string()});
    CHECK(cut.exit_code == 1);
    CHECK_THAT(cut.out, Catch::Contains("first break: tail cut in chain.jsonl"));
}

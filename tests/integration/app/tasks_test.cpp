// Long work as a task: durable, cancelled for real, and the same work for clients that know no tasks.

#include <csignal>

#include "tests/integration/app/talk.h"

using namespace casefile;

namespace {

/// Its plan is light, so that nobody is asked; its work is not.
constexpr const char* endless =
    "SELECT SUM(CRC32(REPEAT('x', 1000000 + seq))) AS id, 1 AS v FROM seq_1_to_1000000";

json::object quick_diff(const std::string& id) {
    return {{"case", id},
            {"left", {{"env", "DEV"}, {"mysql", {{"sql", "SELECT 1 AS id, 'a' AS v"}}}}},
            {"right", {{"csv", {{"text", "id,v\n1,b\n"}}}}},
            {"key", {"id"}},
            {"compare", {{"settle_ms", 0}}}};
}

json::object endless_diff(const std::string& id) {
    auto arguments = quick_diff(id);
    arguments["left"] = {{"env", "DEV"}, {"mysql", {{"sql", endless}}}};
    return arguments;
}

std::string begin_task(Talk& talk, const json::object& arguments) {
    const auto begun = talk.call("diff", arguments);
    INFO(json::serialize(begun));
    REQUIRE(string_or(begun, "resultType") == "task");
    CHECK(begun.at("status") == "working");
    return std::string(begun.at("taskId").as_string());
}

/// The task when it is over, which has to be within twenty seconds.
json::object outcome_of(Talk& talk, const std::string& task) {
    json::object told;
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
         std::chrono::steady_clock::now() < until;) {
        told = talk.result("tasks/get", {{"taskId", task}});
        if (told.at("status") != "working") break;
    }
    return told;
}

/// Asks the server itself, at most for twenty seconds, until as many endless queries run.
bool runs(const std::string& count) {
    auto& mariadb = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(mariadb.port, "admin", mariadb.admin_password);
    REQUIRE(admin);
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
         std::chrono::steady_clock::now() < until;) {
        const auto rows = admin->query(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SUM(CRC32(%'");
        if (rows && rows->at(0).at(0) == count) return true;
    }
    return false;
}

/// What a killed casefile left running on the server.
void end_queries() {
    auto& mariadb = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(mariadb.port, "admin", mariadb.admin_password);
    REQUIRE(admin);
    const auto rows =
        admin->query("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SUM(CRC32(%'");
    REQUIRE(rows);
    for (const auto& row : *rows) (void)admin->execute("KILL QUERY " + *row.at(0));
}

std::string last_outcome(Talk& talk, const std::string& id) {
    const auto listed = talk.call("read_evidence", {{"case", id}});
    const auto& runs = listed.at("structuredContent").at("runs").as_array();
    return std::string(runs.back().at("outcome").as_string());
}

}  // namespace

TEST_CASE("a diff is a task for a client that knows tasks, and its result outlives the server") {
    TemporaryFolder folder;
    std::string id, task;
    json::object result;
    {
        Talk talk(folder.path() / "home", Talk::Era::modern_with_tasks);
        id = talk.open_case("wrong prices");
        task = begin_task(talk, quick_diff(id));
        const auto told = outcome_of(talk, task);
        INFO(json::serialize(told));
        REQUIRE(told.at("status") == "completed");
        result = told.at("result").as_object();
        CHECK(result.at("isError") == false);
        CHECK(result.at("structuredContent").at("counts").at("changed") == 1);
        CHECK(result.at("content").as_array().size() == 3);
        CHECK(talk.client().end() == 0);
    }
    Talk talk(folder.path() / "home", Talk::Era::modern_with_tasks);
    const auto told = talk.result("tasks/get", {{"taskId", task}});
    CHECK(told.at("status") == "completed");
    CHECK(told.at("result") == json::value(result));
    CHECK(talk.call("verify_evidence", {{"case", id}}).at("structuredContent").at("ok") == true);
}

TEST_CASE("a client that knows no tasks gets the same work, with its progress") {
    for (const auto era : {Talk::Era::handshake, Talk::Era::modern}) {
        TemporaryFolder folder;
        Talk talk(folder.path() / "home", era);
        const auto id = talk.open_case("wrong prices");
        const auto done = talk.result(
            "tools/call",
            {{"name", "diff"}, {"arguments", quick_diff(id)}, {"_meta", {{"progressToken", "p"}}}});
        INFO(json::serialize(done));
        CHECK(done.at("structuredContent").at("counts").at("changed") == 1);
        CHECK(talk.heard("notifications/progress"));
        CHECK(last_outcome(talk, id) == "answered");
    }
}

TEST_CASE("what is refused is refused at once, and is no task") {
    TemporaryFolder folder;
    Talk talk(folder.path() / "home", Talk::Era::modern_with_tasks);
    const auto id = talk.open_case("wrong prices");
    auto arguments = quick_diff(id);
    arguments["left"] = {{"env", "DEV"}, {"mysql", {{"sql", "DELETE FROM t"}}}};
    const auto refused = talk.call("diff", arguments);
    CHECK(refused.at("isError") == true);
    CHECK_FALSE(refused.contains("taskId"));
    CHECK(last_outcome(talk, id) == "refused");
}

TEST_CASE("a cancelled task ends its query on the server, and its run says so") {
    TemporaryFolder folder;
    Talk talk(folder.path() / "home", Talk::Era::modern_with_tasks);
    const auto id = talk.open_case("wrong prices");
    const auto task = begin_task(talk, endless_diff(id));
    REQUIRE(runs("1"));
    CHECK(last_outcome(talk, id) == "open");
    talk.result("tasks/cancel", {{"taskId", task}});
    CHECK(outcome_of(talk, task).at("status") == "cancelled");
    CHECK(runs("0"));
    CHECK(last_outcome(talk, id) == "cancelled");
    CHECK(talk.call("verify_evidence", {{"case", id}}).at("structuredContent").at("ok") == true);
}

TEST_CASE("a task whose process was killed has failed, and its run is marked as interrupted") {
    TemporaryFolder folder;
    std::string id, task;
    {
        Talk talk(folder.path() / "home", Talk::Era::modern_with_tasks);
        id = talk.open_case("wrong prices");
        task = begin_task(talk, endless_diff(id));
        REQUIRE(runs("1"));
        REQUIRE(::kill(talk.client().process(), SIGKILL) == 0);
        (void)talk.client().end();
    }
    Talk talk(folder.path() / "home", Talk::Era::modern_with_tasks);
    const auto told = talk.result("tasks/get", {{"taskId", task}});
    CHECK(told.at("status") == "failed");
    CHECK_THAT(std::string(told.at("error").at("message").as_string()),
               Catch::Contains("call the tool again"));
    CHECK(last_outcome(talk, id) == "interrupted");
    const auto proof = talk.call("verify_evidence", {{"case", id}});
    CHECK(proof.at("structuredContent").at("ok") == true);
    CHECK(proof.at("structuredContent").at("open_runs").as_array().size() == 1);
    end_queries();
    CHECK(runs("0"));
}

// What stays behind: evidence that verifies, also when several processes write it, and no secret anywhere.

#include <pty.h>
#include <sys/stat.h>

#include "base/text.h"
#include "mcp/stdio_client.h"
#include "tests/support/servers.h"

using namespace casefile;
using mcp::StdioClient;

namespace {

Ran call(const std::filesystem::path& home, const std::string& tool, const json::object& arguments,
         const std::string& env = "DEV") {
    return run({program("casefile"), "call", tool, json::serialize(arguments), "--home", home.string(),
                "--confirm", env},
               TestServers::get().variables(env));
}

json::object structured(const Ran& ran) {
    INFO(ran.err);
    const auto parsed = parse_json(ran.out);
    REQUIRE(parsed);
    return parsed->as_object();
}

std::string open_case(const std::filesystem::path& home) {
    return std::string(
        structured(call(home, "open_case", {{"topic", "wrong prices"}})).at("case").as_string());
}

/// Every file below `folder` that holds `secret`, plain, in hexadecimal or in base64.
std::vector<std::string> files_with(const std::filesystem::path& folder, const std::string& secret) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        const auto text = read_whole(entry.path());
        for (const auto& form : {secret, to_hex(secret), to_base64(secret)})
            if (text.find(form) != std::string::npos) found.push_back(entry.path().string());
    }
    return found;
}

}  // namespace

TEST_CASE("no password appears in any output, file or log, whatever goes wrong") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    auto& servers = TestServers::get();
    const auto id = open_case(home);
    std::vector<Ran> all;
    all.push_back(call(home, "list_environments", {}));
    all.push_back(call(home, "confirm_environment", {{"case", id}, {"env", "DEV"}}));
    all.push_back(call(home, "fingerprint", {{"case", id}}));
    all.push_back(call(home, "query_mysql", {{"case", id}, {"sql", "SELECT CURRENT_USER()"}}));
    all.push_back(call(home, "query_mysql", {{"case", id}, {"sql", "SELECT * FROM no_such_table"}}));
    all.push_back(call(home, "query_mysql", {{"case", id}, {"sql", "SHOW GRANTS"}}));
    all.push_back(call(home, "read_redis", {{"case", id}, {"commands", {{"CONFIG", "GET", "requirepass"}}}}));
    all.push_back(call(home, "read_redis", {{"case", id}, {"commands", {{"ACL", "WHOAMI"}}}}));
    all.push_back(call(home, "kafka_lag", {{"case", id}}));
    all.push_back(call(home, "draft_postmortem", {{"case", id}, {"kind", "postmortem"}}));
    auto variables = servers.variables("DEV");
    all.push_back(run({program("casefile"), "doctor", "--home", home.string()}, variables));
    // A wrong account, and a URL that cannot be read, still hold a secret.
    variables["MYSQL_DEV_URL"] = "mysql://nobody:" + servers.mariadb.admin_password +
                                 "@127.0.0.1:" + std::to_string(servers.mariadb.port) + "/casefile_test";
    variables["REDIS_DEV_URL"] = "redis://:" + servers.redis.password + "@127.0.0.1:notaport/0";
    all.push_back(
        run({program("casefile"), "doctor", "--home", home.string(), "--log-level", "debug"}, variables));
    all.push_back(run({program("casefile"), "call", "confirm_environment",
                       json::serialize(json::object{{"case", id}, {"env", "DEV"}}), "--home", home.string(),
                       "--log-level", "debug"},
                      variables));
    for (const auto& secret : servers.secrets()) {
        REQUIRE(secret.size() >= 12);
        CHECK(files_with(home, secret).empty());
        for (const auto& ran : all) {
            CHECK(ran.out.find(secret) == std::string::npos);
            CHECK(ran.err.find(secret) == std::string::npos);
        }
    }
}

TEST_CASE("refused and failed calls are runs too, and calls that reach no case are filed beside the cases") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    const auto id = open_case(home);
    const auto policy = structured(call(home, "query_mysql", {{"case", id}, {"sql", "DELETE FROM user"}}));
    CHECK(policy.at("error").at("layer") == "casefile");
    CHECK(policy.contains("run"));
    const auto arguments = structured(call(home, "query_mysql", {{"case", id}, {"sqll", "SELECT 1"}}));
    CHECK(arguments.contains("run"));
    const auto database = structured(call(home, "query_mysql", {{"case", id}, {"sql", "SELECT nope"}}));
    CHECK(database.at("error").at("layer") == "database");
    CHECK(database.contains("run"));
    const auto nowhere =
        structured(call(home, "query_mysql", {{"case", "INC-2026-01-01-999"}, {"sql", "SELECT 1"}}));
    CHECK(nowhere.contains("run"));
    CHECK(std::filesystem::exists(home / "cases/_unfiled/chain.jsonl"));
    const auto verified = run({program("casefile"), "verify", "--home", home.string()});
    INFO(verified.out);
    CHECK(verified.exit_code == 0);
}

TEST_CASE("a shell and a server write one case at the same time, and its chain holds") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    mcp::StdioClientOptions options;
    options.command = {program("casefile"), "serve", "--home", home.string(), "--confirm", "DEV"};
    options.environment = TestServers::get().variables("DEV");
    options.errors_file = (folder.path() / "serve.log").string();
    auto client = StdioClient::connect(std::move(options));
    REQUIRE(client);
    const auto opened = (*client)->call_tool("open_case", {{"topic", "two windows"}});
    REQUIRE(opened);
    const std::string id(opened->structured.at("case").as_string());
    for (int i = 0; i < 5; ++i) {
        const auto there = (*client)->call_tool("query_mysql", {{"case", id}, {"sql", "SELECT 1"}});
        REQUIRE(there);
        CHECK_FALSE(there->is_error);
        CHECK(call(home, "query_mysql", {{"case", id}, {"sql", "SELECT 2"}}).exit_code == 0);
    }
    const auto proof = (*client)->call_tool("verify_evidence", {{"case", id}});
    REQUIRE(proof);
    INFO(proof->text);
    CHECK(proof->structured.at("ok") == true);
    CHECK((*client)->end() == 0);
    CHECK(run({program("casefile"), "verify", id, "--home", home.string()}).exit_code == 0);
}

TEST_CASE("casefile confirm wants a terminal, and a human there can say yes") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    const auto variables = TestServers::get().variables("DEV");
    const auto id = open_case(home);
    const auto asked =
        run({program("casefile"), "call", "confirm_environment",
             json::serialize(json::object{{"case", id}, {"env", "DEV"}}), "--home", home.string()},
            variables);
    CHECK(asked.exit_code == 1);
    CHECK_THAT(asked.out, Catch::Contains("casefile confirm "));
    CHECK(run({program("casefile"), "confirm", "--home", home.string()}, variables).exit_code == 1);

    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) {
        for (const auto& [name, value] : variables)
            setenv(name.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
        const auto binary = program("casefile"), folder_name = home.string();
        execl(binary.c_str(), binary.c_str(), "confirm", "--home", folder_name.c_str(), nullptr);
        _exit(127);
    }
    std::string screen;
    std::array<char, 4096> bytes{};
    bool typed = false;
    for (ssize_t got = 0; (got = read(terminal, bytes.data(), bytes.size())) > 0;) {
        screen.append(bytes.data(), static_cast<std::size_t>(got));
        if (!typed && screen.find("[y/N]") != std::string::npos) typed = write(terminal, "y\n", 2) == 2;
    }
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    INFO(screen);
    CHECK(WEXITSTATUS(status) == 0);
    CHECK_THAT(screen, Catch::Contains("is confirmed for " + id));

    const auto answered =
        run({program("casefile"), "call", "query_mysql",
             json::serialize(json::object{{"case", id}, {"sql", "SELECT 1"}}), "--home", home.string()},
            variables);
    CHECK(answered.exit_code == 0);
    const auto brief = structured(call(home, "get_case", {{"case", id}}));
    CHECK(brief.at("grants").at(0).at("how") == "terminal");
}

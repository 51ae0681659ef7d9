// The server as a client meets it: `casefile serve` as a child, real servers behind it, both eras.

#include "mcp/stdio_client.h"
#include "sandbox/mariadb_client.h"
#include "tests/support/servers.h"

using namespace casefile;
using mcp::StdioClient;
using mcp::StdioClientOptions;

namespace {

StdioClientOptions serve(const std::filesystem::path& home, std::map<std::string, std::string> variables,
                         StdioClientOptions::Era era) {
    StdioClientOptions options;
    options.command = {program("casefile"), "serve", "--home", home.string()};
    options.environment = std::move(variables);
    options.errors_file = (home.string() + ".log");
    options.era = era;
    return options;
}

mcp::CallListener human(mcp::AnswerAction action, json::object content) {
    mcp::CallListener listener;
    listener.ask = [action, content](const mcp::Question&) { return mcp::HumanAnswer{action, content}; };
    return listener;
}

std::string open_case(StdioClient& client) {
    const auto opened = client.call_tool("open_case", {{"topic", "wrong prices"}});
    REQUIRE(opened);
    REQUIRE_FALSE(opened->is_error);
    return std::string(opened->structured.at("case").as_string());
}

const auto eras = {StdioClientOptions::Era::modern, StdioClientOptions::Era::handshake};

}  // namespace

TEST_CASE("with every tunnel down the server starts, lists its tools, and a call names the tunnel") {
    const auto port = std::to_string(*sandbox::free_port());
    for (const auto era : eras) {
        TemporaryFolder folder;
        auto client = StdioClient::connect(serve(folder.path() / "home",
                                                 {{"MYSQL_DEV_URL", "mysql://u:p@127.0.0.1:" + port + "/x"},
                                                  {"REDIS_DEV_URL", "redis://127.0.0.1:" + port + "/0"},
                                                  {"KAFKA_DEV_BROKERS", "127.0.0.1:" + port}},
                                                 era));
        REQUIRE(client);
        const auto tools = (*client)->list_tools();
        REQUIRE(tools);
        CHECK(tools->size() == 18);
        const auto refused =
            (*client)->call_tool("confirm_environment", {{"case", open_case(**client)}, {"env", "DEV"}});
        REQUIRE(refused);
        CHECK(refused->is_error);
        CHECK_THAT(refused->text, Catch::Contains("is the tunnel on 127.0.0.1:" + port + " up?"));
        CHECK(refused->structured.at("error").at("layer") == "tunnel");
    }
}

TEST_CASE("tools/list takes at most 7,500 tokens and never changes its order") {
    TemporaryFolder folder;
    auto client = StdioClient::connect(serve(folder.path() / "home", {}, StdioClientOptions::Era::modern));
    REQUIRE(client);
    const auto first = (*client)->list_tools(), second = (*client)->list_tools();
    REQUIRE(first);
    CHECK(*first == *second);
    INFO("bytes: " << json::serialize(*first).size());
    CHECK(json::serialize(*first).size() <= 7'500 * 4);
    for (const auto& tool : *first) {
        const auto& one = tool.as_object();
        CHECK(one.at("inputSchema").at("type") == "object");
        CHECK(one.contains("outputSchema"));
        for (const auto& argument : one.at("inputSchema").at("properties").as_object())
            for (const auto* forbidden : {"host", "port", "user", "password", "url"})
                CHECK(argument.key() != forbidden);
    }
}

TEST_CASE("data tools refuse until a human has said yes, and a decline gives nothing") {
    for (const auto era : eras) {
        TemporaryFolder folder;
        auto client =
            StdioClient::connect(serve(folder.path() / "home", TestServers::get().variables("DEV"), era));
        REQUIRE(client);
        const auto id = open_case(**client);
        const json::object question{{"case", id}, {"env", "DEV"}, {"sql", "SELECT 1"}};

        auto refused = (*client)->call_tool("query_mysql", question);
        REQUIRE(refused);
        CHECK(refused->is_error);
        CHECK_THAT(refused->text, Catch::Contains("confirm_environment"));
        CHECK(refused->structured.contains("run"));

        auto unticked = (*client)->call_tool("confirm_environment", {{"case", id}, {"env", "DEV"}},
                                             human(mcp::AnswerAction::accept, {{"confirm", false}}));
        CHECK_THAT(unticked->text, Catch::Contains("the box 'confirm' was not ticked"));

        auto declined = (*client)->call_tool("confirm_environment", {{"case", id}, {"env", "DEV"}},
                                             human(mcp::AnswerAction::decline, {}));
        REQUIRE(declined);
        CHECK(declined->is_error);
        refused = (*client)->call_tool("query_mysql", question);
        CHECK(refused->is_error);

        // A form cannot take a decline back in the case of it; in another one it is asked anew.
        auto confirmed = (*client)->call_tool("confirm_environment", {{"case", id}, {"env", "DEV"}},
                                              human(mcp::AnswerAction::accept, {{"confirm", true}}));
        REQUIRE(confirmed);
        CHECK(confirmed->is_error);
        const auto other = open_case(**client);
        confirmed = (*client)->call_tool("confirm_environment", {{"case", other}, {"env", "DEV"}},
                                         human(mcp::AnswerAction::accept, {{"confirm", true}}));
        REQUIRE(confirmed);
        CHECK_FALSE(confirmed->is_error);
        CHECK(confirmed->structured.at("grant").at("how") == "form");
        auto answered = (*client)->call_tool(
            "query_mysql", {{"case", other}, {"sql", "SELECT 18446744073709551615 AS big"}});
        REQUIRE(answered);
        CHECK(answered->structured.at("rows") == json::parse(R"([["18446744073709551615"]])"));
    }
}

TEST_CASE("a protected environment wants its label typed") {
    TemporaryFolder folder;
    auto client = StdioClient::connect(serve(folder.path() / "home", TestServers::get().variables("PROD_EU"),
                                             StdioClientOptions::Era::modern));
    REQUIRE(client);
    const auto id = open_case(**client);
    const json::object arguments{{"case", id}, {"env", "PROD_EU"}};
    // A form with the label left out is no answer: the question is put again, until the client gives up.
    const auto lazy = (*client)->call_tool("confirm_environment", arguments,
                                           human(mcp::AnswerAction::accept, {{"confirm", true}}));
    CHECK_FALSE(lazy);
    const auto wrong =
        (*client)->call_tool("confirm_environment", arguments,
                             human(mcp::AnswerAction::accept, {{"confirm", true}, {"environment", "PROD"}}));
    CHECK(wrong->is_error);
    const auto right = (*client)->call_tool(
        "confirm_environment", arguments,
        human(mcp::AnswerAction::accept, {{"confirm", true}, {"environment", "PROD_EU"}}));
    CHECK_FALSE(right->is_error);
}

TEST_CASE("a client that cannot ask learns in one message how a human confirms") {
    for (const auto era : eras) {
        TemporaryFolder folder;
        auto options = serve(folder.path() / "home", TestServers::get().variables("DEV"), era);
        options.answers_questions = false;
        auto client = StdioClient::connect(std::move(options));
        REQUIRE(client);
        const auto told =
            (*client)->call_tool("confirm_environment", {{"case", open_case(**client)}, {"env", "DEV"}});
        REQUIRE(told);
        CHECK(told->is_error);
        CHECK_THAT(told->text, Catch::Contains("casefile confirm "));
    }
}

TEST_CASE("a human at a terminal confirms, and the probe that was shown is a run of the case") {
    for (const bool yes : {true, false}) {
        TemporaryFolder folder;
        const auto variables = TestServers::get().variables("DEV");
        auto options = serve(folder.path() / "home", variables, StdioClientOptions::Era::modern);
        options.answers_questions = false;
        auto client = StdioClient::connect(std::move(options));
        REQUIRE(client);
        const auto id = open_case(**client);
        REQUIRE((*client)->call_tool("confirm_environment", {{"case", id}, {"env", "DEV"}}));

        const auto ran =
            run_at_terminal({program("casefile"), "confirm", "--home", (folder.path() / "home").string()},
                            yes ? "y\n" : "n\n", variables);
        INFO(ran.out);
        CHECK(ran.exit_code == (yes ? 0 : 1));
        CHECK_THAT(ran.out, Catch::Contains("MariaDB") && Catch::Contains("[y/N]"));

        const auto answered =
            (*client)->call_tool("query_mysql", {{"case", id}, {"env", "DEV"}, {"sql", "SELECT 1 AS one"}});
        REQUIRE(answered);
        CHECK(answered->is_error != yes);
        const auto shown = (*client)->call_tool("get_case", {{"case", id}});
        REQUIRE(shown);
        const auto& run = shown->structured.at("runs").at(1);
        INFO(json::serialize(run));
        CHECK(run.at("tool") == "confirm_environment");
        CHECK(run.at("outcome") == (yes ? "answered" : "refused"));
        const auto filed = (*client)->call_tool(
            "read_evidence", {{"case", id}, {"run", run.at("run")}, {"file", "fingerprint.mysql.json"}});
        REQUIRE(filed);
        CHECK_FALSE(filed->is_error);
    }
}

TEST_CASE("the operator's flag confirms what is not protected, and says so") {
    TemporaryFolder folder;
    auto options =
        serve(folder.path() / "home", TestServers::get().variables("DEV"), StdioClientOptions::Era::modern);
    options.command.insert(options.command.end(), {"--confirm", "DEV"});
    auto client = StdioClient::connect(std::move(options));
    REQUIRE(client);
    const auto id = open_case(**client);
    const auto answered = (*client)->call_tool("query_mysql", {{"case", id}, {"sql", "SELECT 1 AS one"}});
    REQUIRE(answered);
    CHECK_FALSE(answered->is_error);
    const auto brief = (*client)->call_tool("get_case", {{"case", id}});
    CHECK(brief->structured.at("grants").at(0).at("how") == "operator flag");

    const auto refused =
        run({program("casefile"), "serve", "--home", (folder.path() / "home").string(), "--confirm", "PROD"});
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, Catch::Contains("cannot be confirmed in advance"));
}

TEST_CASE("nothing but protocol reaches standard output, whatever is sent") {
    TemporaryFolder folder;
    auto client = StdioClient::start(serve(folder.path() / "home", {}, StdioClientOptions::Era::modern));
    REQUIRE(client);
    for (const auto* line : {"", "nonsense", "[]", "{\"jsonrpc\":\"2.0\"}", "\xFF\xFE",
                             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no\"}"})
        (*client)->send_line(line);
    (*client)->send_line(R"({"jsonrpc":"2.0","id":9,"method":"ping"})");
    for (;;) {
        const auto line = (*client)->read_line(std::chrono::seconds(10));
        REQUIRE(line);
        const auto message = parse_json(*line);
        REQUIRE(message);
        CHECK(message->at("jsonrpc") == "2.0");
        if (message->as_object().contains("id") && message->at("id") == 9) break;
    }
    CHECK((*client)->end() == 0);
}

TEST_CASE("a cancelled call ends its query on the server, and its run says so") {
    TemporaryFolder folder;
    auto& servers = TestServers::get();
    auto options = serve(folder.path() / "home", servers.variables("DEV"), StdioClientOptions::Era::modern);
    options.command.insert(options.command.end(), {"--confirm", "DEV"});
    auto client = StdioClient::connect(std::move(options));
    REQUIRE(client);
    const auto id = open_case(**client);
    auto admin =
        sandbox::MariadbClient::connect(servers.mariadb.port, "admin", servers.mariadb.admin_password);
    REQUIRE(admin);
    // Asks the server itself, at most for twenty seconds, until as many such queries run.
    const auto runs = [&](const std::string& count) {
        for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
             std::chrono::steady_clock::now() < until;) {
            const auto rows = admin->query(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE "
                "'SELECT SUM(CRC32(%'");
            if (rows && rows->at(0).at(0) == count) return true;
        }
        return false;
    };

    const json::object call{
        {"jsonrpc", "2.0"},
        {"id", "slow"},
        {"method", "tools/call"},
        {"params",
         {{"name", "query_mysql"},
          {"arguments",
           {{"case", id},
            {"task", "slow"},
            {"sql", "SELECT SUM(CRC32(REPEAT('x', 1000000 + seq))) FROM seq_1_to_1000000"}}},
          {"_meta",
           {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
            {"io.modelcontextprotocol/clientCapabilities", json::object{}}}}}}};
    REQUIRE((*client)->send_line(json::serialize(call)));
    REQUIRE(runs("1"));
    (*client)->send_line(
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}})");
    CHECK(runs("0"));

    (*client)->end();
    const auto listed =
        run({program("casefile"), "call", "read_evidence", json::serialize(json::object{{"case", id}}),
             "--home", (folder.path() / "home").string()});
    INFO(listed.out);
    const auto found = parse_json(listed.out);
    REQUIRE(found);
    CHECK(found->at("runs").as_array().back().at("outcome") == "cancelled");
}

// Cases as resources, completions and news of them, as clients of both eras meet them.

#include "app/installation.h"
#include "mcp/stdio_transport.h"
#include "tests/integration/app/talk.h"

using namespace casefile;

namespace {

std::vector<std::string> uris_of(const json::object& listed) {
    std::vector<std::string> uris;
    for (const auto& one : listed.at("resources").as_array()) uris.emplace_back(one.at("uri").as_string());
    return uris;
}

json::array completed(Talk& talk, json::object reference, const std::string& argument,
                      const std::string& begun, json::object given = {}) {
    const auto result =
        talk.result("completion/complete", {{"ref", std::move(reference)},
                                            {"argument", {{"name", argument}, {"value", begun}}},
                                            {"context", {{"arguments", std::move(given)}}}});
    return result.at("completion").at("values").as_array();
}

/// Every answer that a server over `home` gives `principal` for these requests, in their order.
std::vector<json::object> answers_for(const std::filesystem::path& home, const std::string& principal,
                                      const std::vector<std::pair<std::string, json::object>>& requests) {
    app::Options options;
    options.home = home.string();
    auto built = app::Installation::build(options);
    REQUIRE(built);
    const auto in = home.string() + ".in", out = home.string() + ".out";
    {
        std::ofstream file(in);
        std::int64_t id = 0;
        for (auto [method, params] : requests) {
            params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                               {"io.modelcontextprotocol/clientCapabilities", json::object()}};
            file << json::serialize(json::object{
                        {"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", params}})
                 << "\n";
        }
    }
    {
        mcp::WorkerPool workers(1, 64);
        mcp::Server server(app::server_info(), {.state_key = (*built)->state_key()}, (*built)->catalog(),
                           workers, (*built)->changes());
        const int input = open(in.c_str(), O_RDONLY), output = open(out.c_str(), O_WRONLY | O_CREAT, 0600);
        mcp::serve_stdio(server, principal, input, output);
        close(input);
        close(output);
    }
    std::map<std::int64_t, json::object> by_id;
    std::ifstream lines(out);
    for (std::string line; std::getline(lines, line);) {
        const auto message = parse_json(line);
        REQUIRE(message);
        by_id[message->at("id").as_int64()] = message->as_object();
    }
    REQUIRE(by_id.size() == requests.size());
    std::vector<json::object> answers;
    for (auto& [id, answer] : by_id) answers.push_back(std::move(answer));
    return answers;
}

}  // namespace

TEST_CASE("a client lists, reads and follows links to what a case holds, in both eras") {
    for (const auto era : {Talk::Era::handshake, Talk::Era::modern}) {
        TemporaryFolder folder;
        Talk talk(folder.path() / "home", era);
        const auto id = talk.open_case("wrong prices");
        const auto root = "casefile://cases/" + id;
        CHECK(uris_of(talk.result("resources/list", {})) ==
              std::vector<std::string>{root, root + "/log", "casefile://policy/learn", "casefile://patterns",
                                       "casefile://runbooks"});
        CHECK(talk.result("resources/templates/list", {}).at("resourceTemplates").as_array().size() == 7);
        const auto record = talk.result("resources/read", {{"uri", root}});
        CHECK_THAT(std::string(record.at("contents").at(0).at("text").as_string()),
                   Catch::Contains("wrong prices"));

        const auto answered =
            talk.call("query_mysql", {{"case", id}, {"sql", "SELECT 1 AS one"}, {"task", "look"}});
        const auto& content = answered.at("content").as_array();
        REQUIRE(content.size() == 2);
        CHECK(content[1].at("type") == "resource_link");
        const std::string link(content[1].at("uri").as_string());
        CHECK_THAT(std::string(content[0].at("text").as_string()), Catch::EndsWith("\nfiles: " + link));
        const auto rows = talk.result("resources/read", {{"uri", link}});
        CHECK(rows.at("contents").at(0).at("text") == "one\r\n1\r\n");
        CHECK(rows.at("contents").at(0).at("mimeType") == "text/csv");

        // Reading is no run: the operator's confirmation is one, the query the other.
        const auto proof = talk.call("verify_evidence", {{"case", id}});
        CHECK(proof.at("structuredContent").at("ok") == true);
        CHECK(proof.at("structuredContent").at("runs") == 2);
        const auto unknown = talk.error("resources/read", {{"uri", root + "/runs/none/manifest"}});
        CHECK(unknown.at("code") == (era == Talk::Era::modern ? -32602 : -32002));
        CHECK(unknown.at("data").at("uri") == json::value(root + "/runs/none/manifest"));
    }
}

TEST_CASE("the list of a home with many cases comes in pages that hold each resource once") {
    TemporaryFolder folder;
    Talk talk(folder.path() / "home", Talk::Era::modern);
    for (int i = 0; i < 60; ++i) talk.open_case("case " + std::to_string(i));
    auto page = talk.result("resources/list", {});
    CHECK(uris_of(page).size() == 100);
    auto uris = uris_of(page);
    page = talk.result("resources/list", {{"cursor", page.at("nextCursor")}});
    CHECK_FALSE(page.contains("nextCursor"));
    for (const auto& uri : uris_of(page)) uris.push_back(uri);
    CHECK(uris.size() == 123);  // and the three of the home
    CHECK(std::set<std::string>(uris.begin(), uris.end()).size() == 123);
    CHECK(talk.error("resources/list", {{"cursor", "made up"}}).at("code") == -32602);
}

TEST_CASE("a client completes a prompt's arguments and a template's variables") {
    TemporaryFolder folder;
    Talk talk(folder.path() / "home", Talk::Era::modern);
    const auto id = talk.open_case("wrong prices");
    const json::object prompt{{"type", "ref/prompt"}, {"name", "investigate"}};
    CHECK(completed(talk, prompt, "env", "D") == json::array{"DEV"});
    const json::object write_up{{"type", "ref/prompt"}, {"name", "write_up"}};
    CHECK(completed(talk, write_up, "case", id.substr(0, 8)) == json::array{json::value(id)});
    const auto answered = talk.call("query_mysql", {{"case", id}, {"sql", "SELECT 1"}, {"task", "look"}});
    const json::object files{{"type", "ref/resource"},
                             {"uri", "casefile://cases/{case}/runs/{run}/files/{file}"}};
    const auto run = answered.at("structuredContent").at("run").at("id");
    CHECK(completed(talk, files, "run", "", {{"case", id}}).at(0) == run);
    CHECK(completed(talk, files, "file", "db", {{"case", id}, {"run", run}}) ==
          json::array{"db_rows.look.csv"});
}

TEST_CASE("to another principal the cases of a home are not there, in lists, by URI and in completions") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    std::string id;
    {
        Talk talk(home, Talk::Era::modern);
        id = talk.open_case("wrong prices");
        CHECK(talk.client().end() == 0);
    }
    const std::vector<std::pair<std::string, json::object>> requests = {
        {"resources/list", {}},
        {"resources/read", {{"uri", "casefile://cases/" + id}}},
        {"resources/read", {{"uri", "casefile://cases/INC-2026-01-01-999"}}},
        {"completion/complete",
         {{"ref", {{"type", "ref/prompt"}, {"name", "write_up"}}},
          {"argument", {{"name", "case"}, {"value", ""}}}}}};
    const auto theirs = answers_for(home, "https://issuer#somebody", requests);
    CHECK(theirs[0].at("result").at("resources").as_array().size() == 3);  // of the home, of no case
    CHECK(json::serialize(theirs[0]).find("casefile://cases/") == std::string::npos);
    CHECK(theirs[1].at("error").at("code") == -32602);
    CHECK(theirs[1].at("error").at("code") == theirs[2].at("error").at("code"));
    CHECK(theirs[3].at("result").at("completion").at("values").as_array().empty());

    const auto ours = answers_for(home, app::local_principal(), requests);
    CHECK(ours[0].at("result").at("resources").as_array().size() == 5);
    CHECK(ours[1].contains("result"));
    CHECK(ours[3].at("result").at("completion").at("values").as_array().size() == 1);
}

TEST_CASE("a client that subscribed hears of the case that grew, and of no other") {
    TemporaryFolder folder;
    Talk talk(folder.path() / "home", Talk::Era::handshake);
    const auto quiet = talk.open_case("not subscribed"), id = talk.open_case("wrong prices");
    talk.notification("notifications/resources/list_changed");
    const auto root = "casefile://cases/" + id;
    talk.result("resources/subscribe", {{"uri", root}});
    talk.call("query_mysql", {{"case", quiet}, {"sql", "SELECT 1"}});
    talk.call("query_mysql", {{"case", id}, {"sql", "SELECT 1"}});
    talk.notification("notifications/resources/updated", root);
    CHECK_FALSE(talk.heard("cases/" + quiet + "\"}"));
    CHECK_FALSE(talk.heard(root + "/log"));
}

TEST_CASE("a stream of subscriptions/listen hears of the case that grew, and of a new one") {
    TemporaryFolder folder;
    Talk talk(folder.path() / "home", Talk::Era::modern);
    const auto id = talk.open_case("wrong prices");
    const auto log = "casefile://cases/" + id + "/log";
    const auto stream = talk.send(
        "subscriptions/listen",
        {{"notifications", {{"resourcesListChanged", true}, {"resourceSubscriptions", json::array{log}}}}});
    talk.notification("notifications/subscriptions/acknowledged");
    talk.call("query_mysql", {{"case", id}, {"sql", "SELECT 1"}});
    const auto updated = talk.notification("notifications/resources/updated", log);
    CHECK(updated.at("params").at("_meta").at("io.modelcontextprotocol/subscriptionId") == stream);
    talk.open_case("another");
    talk.notification("notifications/resources/list_changed");
    talk.call("draft_postmortem", {{"case", id}, {"kind", "leader"}});
    talk.notification("notifications/resources/list_changed");
}

TEST_CASE("a stream hears of what another process adds to the case, and of the timeline and the drafts") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    Talk talk(home, Talk::Era::modern);
    const auto id = talk.open_case("wrong prices");
    const auto root = "casefile://cases/" + id;
    const json::array told{root, root + "/drafts/leader", root + "/timeline"};
    auto asked = told;
    asked.insert(asked.end(), {"nonsense", "casefile://patterns", "casefile://cases/INC-2026-01-01-999"});
    talk.send("subscriptions/listen", {{"notifications", {{"resourceSubscriptions", std::move(asked)}}}});
    const auto acknowledged = talk.notification("notifications/subscriptions/acknowledged");
    CHECK(acknowledged.at("params").at("notifications").at("resourceSubscriptions") == told);
    talk.call("draft_postmortem", {{"case", id}, {"kind", "leader"}});
    talk.notification("notifications/resources/updated", root + "/drafts/leader");
    talk.notification("notifications/resources/updated", root + "/timeline");
    talk.notification("notifications/resources/updated", root);

    const auto file = folder.path() / "expected.csv";
    std::ofstream(file) << "id,price\n1,2\n";
    const auto ran = run({program("casefile"), "attach", id, file.string(), "--home", home.string()});
    REQUIRE(ran.exit_code == 0);
    talk.notification("notifications/resources/updated", root);
    talk.notification("notifications/resources/updated", root + "/timeline");
    CHECK_FALSE(talk.heard(root + "/drafts/leader"));
}

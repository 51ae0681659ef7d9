// Over HTTP: who may answer a question, which headers a session takes, and what a refusal says.

#include "tests/unit/mcp/http_served.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

/// Asks the human, and needs the scope "confirm".
class Granting : public FakeTool {
  public:
    Granting() : FakeTool("grant", ask), info_(FakeTool::info()) { info_.scope = "confirm"; }
    const ToolInfo& info() const override { return info_; }

  private:
    static ToolOutcome ask(const json::object&, CallContext& context) {
        if (!context.answers.empty()) return said(told(context));
        return NeedsInput{
            .questions = {question("confirm")}, .state = {}, .when_nobody_can_ask = said("nobody")};
    }
    ToolInfo info_;
};

void with_granting(Catalog& catalog) {
    add_fixtures(catalog);
    catalog.add(std::make_unique<Granting>());
}

std::string yes_to(const json::value& id) {
    return json::serialize(json::object{
        {"jsonrpc", "2.0"},
        {"id", id},
        {"result", json::object{{"action", "accept"}, {"content", json::object{{"confirm", true}}}}}});
}

/// The id of the question that this client's stream brings next.
json::value asked(HttpClient& client) {
    client.connection.read_to("\"id\":");
    const auto rest = client.connection.read_to(",");
    client.connection.read_to("elicitation/create");
    return std::stoll(rest);
}

/// The modern call again, with yes to the question that this answer put.
std::string accepted(const json::object& question, std::string_view tool) {
    return json::serialize(modern_call(
        2, tool,
        {{"requestState", at(question, "result/requestState")},
         {"inputResponses",
          json::object{{"confirm", json::object{{"action", "accept"},
                                                {"content", json::object{{"confirm", true}}}}}}}}));
}

const net::Headers all_scopes{{"X-Scopes", "read confirm"}};

}  // namespace

TEST_CASE("who answers a question needs the scope of the tool that asks it") {
    HttpServed served(with_granting);
    HttpClient asks(served), other(served);
    const auto session = asks.begin_session("2025-11-25", all_scopes);
    const net::Headers reading{{"Mcp-Session-Id", *session.find("Mcp-Session-Id")}};

    // Before it is asked, and so for nothing.
    CHECK(other.post(reading, yes_to(1)).status == 202);
    asks.send("POST", session, json::serialize(call(7, "grant")));
    const auto id = asked(asks);
    CHECK(id == 1);

    const auto refused = other.post(reading, yes_to(id));
    CHECK(refused.status == 403);
    CHECK_THAT(refused.head, Catch::Contains(R"(Bearer error="insufficient_scope", scope="confirm read", )"
                                             R"(resource_metadata="https://here.example/metadata")"));
    CHECK_FALSE(refused.json().contains("id"));
    CHECK(served.server->calls_in_flight() == 1);

    CHECK(other.post(session, yes_to(id)).status == 202);
    CHECK_THAT(asks.connection.read_to("confirm=accept"), Catch::Contains("\"id\":7"));
}

TEST_CASE("a question of a tool that needs no scope may be answered with read alone") {
    HttpServed served;
    HttpClient asks(served), other(served);
    const auto session = asks.begin_session();
    asks.send("POST", session, json::serialize(call(7, "confirm")));
    CHECK(other.post(session, yes_to(asked(asks))).status == 202);
    asks.connection.read_to("confirm=accept");
}

TEST_CASE("a modern call that brings the answer needs the scope as the first one did") {
    HttpServed served(with_granting);
    HttpClient client(served);
    auto headers = modern_headers("tools/call", "grant");
    const auto first =
        client.post(with(headers, "X-Scopes", "read confirm"), json::serialize(modern_call(1, "grant")))
            .json();
    const auto retry = accepted(first, "grant");
    const auto refused = client.post(headers, retry);
    CHECK(refused.status == 403);
    CHECK(at(refused.json(), "id") == 2);
    CHECK_THAT(client.post(with(headers, "X-Scopes", "read confirm"), retry).body,
               Catch::Contains("confirm=accept"));
}

TEST_CASE("where answers have a scope, whoever lacks it is asked nothing and cannot answer") {
    HttpServed served(add_fixtures, 2, "confirm");
    HttpClient client(served);
    const auto headers = modern_headers("tools/call", "confirm");
    const auto first_call = json::serialize(modern_call(1, "confirm"));
    CHECK_THAT(client.post(headers, first_call).body, Catch::Contains("nobody can be asked"));

    const auto all = with(headers, "X-Scopes", "read confirm");
    const auto asked = client.post(all, first_call).json();
    const auto retry = accepted(asked, "confirm");
    CHECK(client.post(headers, retry).status == 403);
    CHECK_THAT(client.post(all, retry).body, Catch::Contains("confirm=accept"));

    // A session is asked what its first request may answer.
    HttpClient reads(served);
    const auto reading = reads.begin_session();
    CHECK_THAT(reads.post(reading, json::serialize(call(7, "confirm"))).body,
               Catch::Contains("nobody can be asked"));
}

TEST_CASE("a refused initialize gives no session") {
    HttpServed served;
    HttpClient client(served);
    const auto refused = client.post({}, json::serialize(request(1, "initialize")));
    CHECK(refused.status == 200);
    CHECK(at(refused.json(), "error/code") == -32602);
    CHECK_THAT(refused.head, !Catch::Contains("Mcp-Session-Id"));
    CHECK(served.transport->sessions() == 0);
}

TEST_CASE("a session takes no request that names another revision, or two") {
    HttpServed served;
    HttpClient client(served);
    const auto session = client.begin_session();
    const auto garbage = with(session, "MCP-Protocol-Version", "garbage");
    const auto older = with(session, "MCP-Protocol-Version", "2025-06-18");
    const auto twice =
        with(with(session, "MCP-Protocol-Version", "2025-11-25"), "MCP-Protocol-Version", "2025-11-25");
    const auto ping = json::serialize(request(5, "ping"));
    const std::string cancelling =
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})";
    for (const auto& headers : {garbage, older, twice}) {
        CHECK(client.get(headers).status == 400);
        client.send("DELETE", headers, "");
        CHECK(client.read().status == 400);
        CHECK(client.post(headers, ping).status == 400);
        CHECK(client.post(headers, cancelling).status == 400);
    }
    CHECK(client.post(with(session, "MCP-Protocol-Version", "2026-07-28"), cancelling).status == 400);
    CHECK(client.post({{"MCP-Protocol-Version", "garbage"}}, cancelling).status == 400);
    CHECK(client
              .post({{"MCP-Protocol-Version", "2025-11-25"}, {"MCP-Protocol-Version", "2025-06-18"}},
                    json::serialize(initialize("2025-11-25")))
              .status == 400);
    CHECK(client.post(with(session, "MCP-Protocol-Version", "2025-11-25"), ping).status == 200);
}

TEST_CASE("a refusal has the id of the request that it refuses, and none where none could be read") {
    HttpServed served(with_granting);
    HttpClient client(served);
    const auto session = client.begin_session();
    const auto ping = json::serialize(request("p", "ping"));
    const auto refused = [&](const net::Headers& headers, const std::string& body, int status) {
        const auto answer = client.post(headers, body);
        CHECK(answer.status == status);
        return answer.json();
    };
    CHECK(at(refused({}, ping, 400), "id") == "p");
    CHECK(at(refused({{"Mcp-Session-Id", "0"}}, ping, 404), "id") == "p");
    CHECK(at(refused(with(session, "MCP-Protocol-Version", "2025-06-18"), ping, 400), "id") == "p");
    CHECK(at(refused(session, json::serialize(call(9, "grant")), 403), "id") == 9);
    CHECK_FALSE(refused(session, "{", 400).contains("id"));
    CHECK_FALSE(refused(session, "[" + ping + "]", 400).contains("id"));
    CHECK_FALSE(refused(modern_headers("x"), yes_to(1), 400).contains("id"));
}

TEST_CASE("long work of a tool with a scope becomes no task, whose questions anyone with read could answer") {
    class Long : public FakeTool {
      public:
        Long()
            : FakeTool("grant",
                       [](const json::object&, CallContext&) -> ToolOutcome {
                           return LongWork{.run = [](CallContext&) { return said("granted"); }};
                       }),
              info_(FakeTool::info()) {
            info_.scope = "confirm";
        }
        const ToolInfo& info() const override { return info_; }

      private:
        ToolInfo info_;
    };
    Conversation given([](Catalog& catalog) { catalog.add(std::make_unique<Long>()); });
    const auto knowing_tasks =
        modern_meta({{"extensions", json::object{{"io.modelcontextprotocol/tasks", json::object()}}}});
    CHECK(code_of(given.ask(modern_call(1, "grant", {{"_meta", knowing_tasks}}))) == rpc::internal_error);
    CHECK(text_of(given.ask(modern_call(2, "grant"))) == "granted");
}

// Streamable HTTP on a real listener, spoken to over plain sockets.

#include "mcp/http_transport.h"

#include <latch>

#include "base/text.h"
#include "tests/unit/mcp/fakes.h"
#include "tests/unit/net/client.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

/// The headers `X-Principal` and `X-Scopes` stand for what a guard would have found out.
class Site {
  public:
    explicit Site(std::function<void(Catalog&)> fill = add_fixtures) : pool_(4, 64) {
        fill(catalog_);
        auto info = Conversation::fixture_info();
        info.lists_change = true;
        server = std::make_unique<Server>(
            info,
            ServerOptions{
                .state_key = "key", .message_bytes_max = 100'000, .tasks_folder = folder_.path() / "tasks"},
            catalog_, pool_, changes);
        transport_ = std::make_unique<HttpTransport>(*server);
        auto opened =
            net::Listener::open({}, [this](net::Request request, std::shared_ptr<net::Exchange> exchange) {
                const auto* principal = request.headers.find("X-Principal");
                const auto* scopes = request.headers.find("X-Scopes");
                const auto words = split(scopes == nullptr ? "read confirm" : *scopes, ' ');
                request.identity = {.principal = principal == nullptr ? "local:1000" : *principal,
                                    .scopes = {words.begin(), words.end()}};
                transport_->handle(std::move(request), std::move(exchange));
            });
        REQUIRE(opened);
        listener_ = *std::move(opened);
    }
    ~Site() {
        listener_.reset();
        server.reset();
    }

    net::Client connect() const { return net::Client(listener_->port()); }

    /// One POST on a connection of its own, and the whole response.
    std::string post(const std::string& body, const std::string& headers = {}) const {
        auto client = connect();
        client.send(request_text("POST", body, headers));
        return client.read_response();
    }
    static std::string request_text(const std::string& method, const std::string& body,
                                    const std::string& headers) {
        return method + " /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    std::string begin_session(std::string_view revision) const {
        const auto answer = post(json::serialize(initialize(revision)));
        const auto at = answer.find("Mcp-Session-Id: ");
        REQUIRE(at != std::string::npos);
        return answer.substr(at, answer.find("\r\n", at) - at) + "\r\n";
    }

    Changes changes;
    std::unique_ptr<Server> server;

  private:
    TemporaryFolder folder_;
    Catalog catalog_;
    WorkerPool pool_;
    std::unique_ptr<HttpTransport> transport_;
    std::unique_ptr<net::Listener> listener_;
};

std::string text(const json::object& message) { return json::serialize(message); }

std::string status_of(const std::string& response) { return response.substr(9, 3); }

std::string modern_headers(const std::string& method, const std::string& name = {}) {
    return "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method + "\r\n" +
           (name.empty() ? "" : "Mcp-Name: " + name + "\r\n");
}

}  // namespace

TEST_CASE("a modern POST is answered by one JSON object, with the status that the revision wants") {
    const Site site;
    struct Row {
        json::object message;
        std::string headers, status, part;
    };
    const std::vector<Row> table{
        {modern_call(1, "echo"), modern_headers("tools/call", "echo"), "200", "\"said\":\"nothing\""},
        {modern_call(1, "echo"), modern_headers("tools/call", "other"), "400", "-32020"},
        {modern(1, "nothing/here"), modern_headers("nothing/here"), "404", "-32601"},
        {modern(1, "ping"), modern_headers("ping"), "404", "-32601"},
        {request(1, "tools/list"), modern_headers("tools/list"), "400", "-32602"},
        {modern(1, "tools/list", {{"cursor", "made up"}}), modern_headers("tools/list"), "200", "-32602"},
        {{{"jsonrpc", "2.0"}, {"method", "notifications/anything"}},
         modern_headers("notifications/anything"),
         "202",
         ""},
        {{{"jsonrpc", "2.0"}, {"id", 1}, {"result", json::object()}},
         modern_headers("x"),
         "400",
         "a response"},
    };
    for (const auto& row : table) {
        INFO(text(row.message));
        const auto answer = site.post(text(row.message), row.headers);
        CHECK(status_of(answer) == row.status);
        CHECK_THAT(answer, Catch::Contains(row.part));
    }
    CHECK(status_of(site.post("[" + text(modern(1, "tools/list")) + "]", modern_headers("tools/list"))) ==
          "400");
    CHECK(status_of(site.post("{", modern_headers("tools/list"))) == "400");
}

TEST_CASE("progress makes the answer a stream, which ends with the answer") {
    const Site site;
    auto meta = modern_meta();
    meta["progressToken"] = "p";
    auto client = site.connect();
    client.send(Site::request_text("POST", text(modern_call(1, "progress", {{"_meta", meta}})),
                                   modern_headers("tools/call", "progress")));
    CHECK_THAT(client.read_to("\r\n\r\n"),
               Catch::Contains("text/event-stream") && Catch::Contains("X-Accel-Buffering: no"));
    const auto events = client.read_to("\r\n0\r\n\r\n");
    CHECK(events.find("notifications/progress") < events.find("\"said\":\"done\""));
    CHECK_THAT(events, !Catch::Contains("id: "));
}

TEST_CASE("closing the connection cancels a modern call, and not an older one") {
    std::latch begun(2);
    Gate gate;
    std::atomic<int> stopped = 0;
    std::latch modern_stopped(1);
    Site site([&](Catalog& catalog) {
        catalog.add(
            std::make_unique<FakeTool>("look", [&](const json::object&, CallContext& context) -> ToolOutcome {
                begun.count_down();
                const std::stop_callback tell(context.stop, [&] {
                    if (++stopped == 1) modern_stopped.count_down();
                });
                gate.wait(context.stop);
                return said("done");
            }));
    });
    const auto session = site.begin_session("2025-11-25");
    auto old = site.connect();
    old.send(Site::request_text("POST", text(call(1, "look")), session));
    auto fresh = site.connect();
    fresh.send(
        Site::request_text("POST", text(modern_call(1, "look")), modern_headers("tools/call", "look")));
    begun.wait();
    old.leave();
    fresh.leave();
    modern_stopped.wait();
    gate.open();
    site.server->drain();
    CHECK(stopped == 1);
}

TEST_CASE("an older client has a session, which is its own and ends when it says so") {
    const Site site;
    const auto session = site.begin_session("2025-11-25");
    const auto list = text(request(1, "tools/list"));
    CHECK(status_of(site.post(list, session)) == "200");
    CHECK(status_of(site.post(list, session + "MCP-Protocol-Version: 2025-11-25\r\n")) == "200");
    CHECK(status_of(site.post(list, session + "MCP-Protocol-Version: 2025-06-18\r\n")) == "400");
    CHECK(status_of(site.post(list)) == "400");
    CHECK(status_of(site.post(list, "Mcp-Session-Id: 0123\r\n")) == "404");
    CHECK(status_of(site.post(list, session + "X-Principal: local:1001\r\n")) == "404");
    CHECK(status_of(site.post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", session)) ==
          "202");

    auto client = site.connect();
    client.send(Site::request_text("DELETE", "", session));
    CHECK(status_of(client.read_to("\r\n\r\n")) == "204");
    CHECK(status_of(site.post(list, session)) == "404");
}

TEST_CASE("batches are for the one revision that has them, and are answered together") {
    const Site site;
    const auto batch = "[" + text(request(1, "ping")) + "," + text(call(2, "echo")) + "]";
    const auto answer = site.post(batch, site.begin_session("2025-03-26"));
    CHECK(status_of(answer) == "200");
    const auto parsed = parse_json(answer.substr(answer.find("\r\n\r\n") + 4));
    REQUIRE(parsed);
    CHECK(parsed->as_array().size() == 2);
    CHECK(status_of(site.post(batch, site.begin_session("2025-11-25"))) == "400");
}

TEST_CASE(
    "a client that lost its connection comes back for the answer, and for nothing that it already has") {
    Gate gate;
    Site site([&](Catalog& catalog) {
        catalog.add(
            std::make_unique<FakeTool>("look", [&](const json::object&, CallContext& context) -> ToolOutcome {
                context.progress(1, 2, "half");
                gate.wait(context.stop);
                return said("done");
            }));
    });
    const auto session = site.begin_session("2025-11-25");
    auto first = site.connect();
    auto message = call(7, "look");
    message["params"].as_object()["_meta"] = json::object{{"progressToken", 1}};
    first.send(Site::request_text("POST", text(message), session));
    const auto begun = first.read_to("half");
    const auto ids = begun.substr(begun.rfind("id: ") + 4);
    const auto last_id = ids.substr(0, ids.find('\n'));
    CHECK_THAT(begun, Catch::Contains("retry: "));
    first.leave();
    gate.open();
    site.server->drain();

    auto second = site.connect();
    second.send(Site::request_text(
        "GET", "", session + "Accept: text/event-stream\r\nLast-Event-ID: " + last_id + "\r\n"));
    const auto rest = second.read_to("\r\n0\r\n\r\n");
    CHECK_THAT(rest, Catch::Contains("\"said\":\"done\"") && !Catch::Contains("half"));

    auto wrong = site.connect();
    wrong.send(Site::request_text("GET", "", session + "Last-Event-ID: 99-1\r\n"));
    const auto forgotten = wrong.read_response();
    // Not 404, which would tell the client that its session is gone.
    CHECK(status_of(forgotten) == "400");
    CHECK_THAT(forgotten, Catch::Contains("without Last-Event-ID"));
    CHECK(status_of(site.post(text(request(8, "ping")), session)) == "200");
}

TEST_CASE("an older client hears of changes on the stream that it opens for them") {
    Site site;
    const auto session = site.begin_session("2025-06-18");
    auto stream = site.connect();
    stream.send(Site::request_text("GET", "", session + "Accept: text/event-stream\r\n"));
    stream.read_to("\r\n\r\n");
    site.changes.publish({.of = Change::Of::tools});
    CHECK_THAT(stream.read_to("list_changed"), Catch::Contains("notifications/tools/list_changed"));
}

TEST_CASE("a caller without a scope is told all that the request needs") {
    Site site([](Catalog& catalog) {
        add_fixtures(catalog);
        class Confirming : public FakeTool {
          public:
            Confirming()
                : FakeTool("grant", [](const json::object&, CallContext&) { return said("granted"); }) {
                with_scope = FakeTool::info();
                with_scope.scope = "confirm";
            }
            const ToolInfo& info() const override { return with_scope; }
            ToolInfo with_scope;
        };
        catalog.add(std::make_unique<Confirming>());
    });
    const auto granting = text(modern_call(1, "grant"));
    CHECK(status_of(site.post(granting, modern_headers("tools/call", "grant"))) == "200");
    const auto refused = site.post(granting, modern_headers("tools/call", "grant") + "X-Scopes: read\r\n");
    CHECK(status_of(refused) == "403");
    CHECK_THAT(refused, Catch::Contains(R"(error="insufficient_scope", scope="confirm read")"));
    CHECK(status_of(site.post(text(modern_call(1, "echo")),
                              modern_headers("tools/call", "echo") + "X-Scopes: read\r\n")) == "200");
    CHECK(status_of(site.post(text(modern_call(1, "echo")),
                              modern_headers("tools/call", "echo") + "X-Scopes: other\r\n")) == "403");
}

TEST_CASE("what is no MCP request is refused by its status") {
    const Site site;
    const auto status = [&](const std::string& request) {
        auto client = site.connect();
        client.send(request);
        return status_of(client.read_response());
    };
    CHECK(status(Site::request_text("GET", "", "")) == "405");
    CHECK(status(Site::request_text("DELETE", "", "")) == "405");
    CHECK(status(Site::request_text("PUT", "{}", "")) == "405");
    CHECK(status(Site::request_text("POST", "{}", "Accept: text/html\r\n")) == "406");
    CHECK(status(Site::request_text("POST", "{}", "Content-Encoding: gzip\r\n")) == "415");
    CHECK(status("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
                 "2\r\n\r\n{}") == "415");
}

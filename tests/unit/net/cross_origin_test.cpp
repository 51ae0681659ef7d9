#include "net/guard.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::net;

namespace {

class Answer final : public Exchange {
  public:
    Response response{.status = 0};
    Headers stream;

    void respond(Response given) override { response = std::move(given); }
    void begin_stream(Headers headers) override { stream = std::move(headers); }
    bool send(Event) override { return false; }
    void end_stream() override {}
    void when_slow(std::function<void()>) override {}
    void when_gone(std::function<void()>) override {}
};

std::shared_ptr<Answer> ask(std::string method, std::string path, Headers headers) {
    Router router({.origins = {"https://ide.example"},
                   .authenticate = token_authenticator(Secret("t0ken"), "local:1000")});
    router.add("/mcp", Access::token, [](const Request& request, const std::shared_ptr<Exchange>& exchange) {
        if (request.method == "GET") return exchange->begin_stream({{"Mcp-Session-Id", "s1"}});
        exchange->respond({.headers = {{"Mcp-Session-Id", "s1"}}});
    });
    router.add("/.well-known/oauth-protected-resource", Access::open,
               [](const Request&, const std::shared_ptr<Exchange>& exchange) { exchange->respond({}); });
    router.add("/broken", Access::open, [](const Request&, const std::shared_ptr<Exchange>&) {
        throw std::runtime_error("a secret");
    });
    headers.add("Host", "localhost:8765");
    const auto answer = std::make_shared<Answer>();
    router.handle({.method = std::move(method), .path = std::move(path), .headers = std::move(headers)},
                  answer);
    return answer;
}

std::string field(const Headers& headers, std::string_view name) {
    const auto* value = headers.find(name);
    return value == nullptr ? "none" : *value;
}

const std::pair<std::string, std::string> page{"Origin", "https://ide.example"};
const std::pair<std::string, std::string> local_page{"Origin", "http://localhost:5173"};
const std::pair<std::string, std::string> token{"Authorization", "Bearer t0ken"};
const std::pair<std::string, std::string> asks{"Access-Control-Request-Method", "POST"};

}  // namespace

TEST_CASE("a browser that asks for a page of a configured origin is told what the page may send") {
    for (const auto* path : {"/mcp", "/nowhere"}) {
        const auto allowed = ask("OPTIONS", path,
                                 {page,
                                  asks,
                                  {"Access-Control-Request-Headers",
                                   "authorization,mcp-param-env, Mcp-Param-case_id,x-other,"
                                   "mcp-param-,mcp-param-a b"}})
                                 ->response;
        CHECK(allowed.status == 204);
        CHECK(allowed.body.empty());
        CHECK(field(allowed.headers, "Access-Control-Allow-Origin") == "https://ide.example");
        CHECK(field(allowed.headers, "Vary") == "Origin");
        CHECK(field(allowed.headers, "Access-Control-Allow-Methods") == "GET, POST, DELETE");
        CHECK(field(allowed.headers, "Access-Control-Allow-Headers") ==
              "authorization, content-type, accept, mcp-session-id, mcp-protocol-version, mcp-method, "
              "mcp-name, last-event-id, mcp-param-env, Mcp-Param-case_id");
        CHECK(field(allowed.headers, "Access-Control-Max-Age") == "600");
    }
}

TEST_CASE("nobody else is told anything before the token was looked at") {
    CHECK(ask("OPTIONS", "/mcp", {{"Origin", "https://other.example"}, asks})->response.status == 403);
    // A second Host.
    CHECK(ask("OPTIONS", "/mcp", {page, asks, {"Host", "evil.example"}})->response.status == 400);
    CHECK(ask("OPTIONS", "/mcp", {local_page, asks})->response.status == 401);
    CHECK(ask("OPTIONS", "/mcp", {asks})->response.status == 401);
    CHECK(ask("OPTIONS", "/mcp", {page})->response.status == 401);
    CHECK(ask("POST", "/mcp", {page, asks})->response.status == 401);
}

TEST_CASE("a page of a configured origin may read every answer, and no other page any") {
    struct Row {
        std::string method, path;
        Headers headers;
        int status;
    };
    const std::vector<Row> table{
        {"POST", "/mcp", {token}, 200},
        {"GET", "/mcp", {token}, 0},  // a stream
        {"POST", "/mcp", {}, 401},
        {"POST", "/nowhere", {token}, 404},
        {"GET", "/broken", {}, 500},
        {"GET", "/.well-known/oauth-protected-resource", {}, 200},
        {"POST", "/.well-known/oauth-protected-resource", {{"Content-Length", "9"}}, 413},
    };
    for (const auto& row : table) {
        INFO(row.method << " " << row.path << " " << row.status);
        const auto fields_for = [&](const std::pair<std::string, std::string>& origin) {
            auto headers = row.headers;
            headers.add(origin.first, origin.second);
            const auto answer = ask(row.method, row.path, headers);
            CHECK(answer->response.status == row.status);
            return row.status == 0 ? answer->stream : answer->response.headers;
        };
        const auto told = fields_for(page);
        CHECK(field(told, "Access-Control-Allow-Origin") == "https://ide.example");
        CHECK(field(told, "Access-Control-Expose-Headers") == "Mcp-Session-Id, WWW-Authenticate");
        CHECK(field(told, "Vary") == "Origin");
        CHECK(fields_for(local_page).count("Access-Control-Allow-Origin") == 0);
    }
}

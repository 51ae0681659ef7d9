#include "net/guard.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::net;
using Catch::Contains;

namespace {

class Answer final : public Exchange {
  public:
    std::vector<Response> responses;

    void respond(Response response) override { responses.push_back(std::move(response)); }
    void begin_stream(Headers) override {}
    bool send(Event) override { return false; }
    void end_stream() override {}
    void when_slow(std::function<void()>) override {}
    void when_gone(std::function<void()>) override {}
};

struct Door {
    std::vector<Request> reached;
    Router router;

    explicit Door(GuardOptions options = {}) : router(with_token(std::move(options))) {
        const auto keep = [this](Request request, const std::shared_ptr<Exchange>& exchange) {
            reached.push_back(std::move(request));
            exchange->respond({});
        };
        router.add("/mcp", Access::token, keep);
        router.add("/health", Access::open, keep);
        router.add("/broken", Access::open, [](const Request&, const std::shared_ptr<Exchange>&) {
            throw std::runtime_error("a secret");
        });
    }

    Response ask(std::string path, Headers headers, std::string method = "POST", std::string query = {}) {
        const auto answer = std::make_shared<Answer>();
        router.handle({.method = std::move(method),
                       .path = std::move(path),
                       .query = std::move(query),
                       .headers = std::move(headers)},
                      answer);
        REQUIRE(answer->responses.size() == 1);
        return answer->responses[0];
    }

    static GuardOptions with_token(GuardOptions options) {
        if (!options.authenticate) options.authenticate = token_authenticator(Secret("t0ken"), "local:1000");
        return options;
    }
};

const std::pair<std::string, std::string> host{"Host", "localhost:8765"};
const std::pair<std::string, std::string> token{"Authorization", "Bearer t0ken"};

}  // namespace

TEST_CASE("a route with the right token sees who asks") {
    Door door;
    CHECK(door.ask("/mcp", {host, {"authorization", "bEARER t0ken"}}).status == 200);
    REQUIRE(door.reached.size() == 1);
    CHECK(door.reached[0].identity.principal == "local:1000");
    CHECK(door.reached[0].identity.scopes == std::set<std::string>{"read", "confirm"});
}

TEST_CASE("a host that is not ours is refused on every route, before any token is looked at") {
    Door door({.hosts = {"casefile.example", "other.example:444"}});
    const std::vector<std::pair<Headers, int>> table = {
        {{{"Host", "localhost"}}, 200},
        {{{"Host", "LocalHost:1"}}, 200},
        {{{"Host", "127.0.0.1:8765"}}, 200},
        {{{"Host", "[::1]:8765"}}, 200},
        {{{"Host", "[::1]"}}, 200},
        {{{"Host", "casefile.example:99"}}, 200},
        {{{"Host", "other.example:444"}}, 200},
        {{{"Host", "other.example:445"}}, 403},
        {{{"Host", "other.example"}}, 403},
        {{}, 400},
        {{{"Host", ""}}, 403},
        {{host, host}, 400},
        {{{"Host", "evil.example"}}, 403},
        {{{"Host", "localhost.evil.example"}}, 403},
        {{{"Host", "localhost:80@evil.example"}}, 403},
        {{{"Host", "localhost:"}}, 403},
        {{{"Host", "localhost:123456"}}, 403},
        {{{"Host", "[::1"}}, 403},
        {{{"Host", "[::1]x"}}, 403},
        {{{"Host", "127.0.0.2"}}, 403},
    };
    for (const auto& [headers, status] : table) {
        INFO((headers.fields().empty() ? "no host" : headers.fields()[0].second));
        CHECK(door.ask("/health", headers).status == status);
    }
    const auto refused = door.ask("/mcp", {{"Host", "evil.example"}, token});
    CHECK(refused.status == 403);
    CHECK(refused.content_type == "application/json");
    CHECK_THAT(refused.body,
               Contains(R"({"error":{"message":"host not allowed: )") && Contains(R"("hint":)"));
}

TEST_CASE("an origin that is not ours is refused on every method and route") {
    Door door({.hosts = {"casefile.example"}, .origins = {"https://page.example"}});
    const std::vector<std::pair<std::string, int>> table = {
        {"http://localhost:3000", 200},
        {"https://127.0.0.1", 200},
        {"http://[::1]:1", 200},
        {"https://casefile.example", 200},
        {"https://page.example", 200},
        {"http://page.example", 403},
        {"https://page.example.evil", 403},
        {"http://evil.example", 403},
        {"http://localhost.evil.example", 403},
        {"null", 403},
        {"", 403},
        {"ftp://localhost", 403},
        {"http://localhost/", 403},
    };
    for (const auto& [origin, status] : table)
        for (const auto* method : {"GET", "POST", "DELETE", "OPTIONS"}) {
            INFO(method << " from " << origin);
            CHECK(door.ask("/health", {host, {"Origin", origin}}, method).status == status);
            CHECK(door.ask("/mcp", {host, token, {"Origin", origin}}, method).status == status);
        }
    const std::pair<std::string, std::string> ours{"Origin", "http://localhost"};
    CHECK(door.ask("/health", {host, ours, ours}).status == 403);
}

TEST_CASE("without the right token there is no telling which paths exist") {
    Door door;
    const std::vector<Headers> without = {
        {host},
        {host, {"Authorization", "Basic t0ken"}},
        {host, {"Authorization", "Bearer"}},
        {host, {"Authorization", "Bearer "}},
        {host, {"Authorization", "t0ken"}},
        {host, token, token},
    };
    for (const auto& headers : without)
        for (const auto* path : {"/mcp", "/nowhere", "/mcp/", "/health/"}) {
            const auto refused = door.ask(path, headers, "GET", "access_token=t0ken");
            CHECK(refused.status == 401);
            CHECK(*refused.headers.find("WWW-Authenticate") == R"(Bearer realm="casefile")");
        }
    for (const std::string wrong : {"t0ke", "t0kenn", "T0ken", "x"}) {
        const auto refused = door.ask("/nowhere", {host, {"Authorization", "Bearer " + wrong}});
        CHECK(refused.status == 401);
        CHECK_THAT(*refused.headers.find("WWW-Authenticate"),
                   Contains(R"(error="invalid_token", error_description="token not accepted: )"));
    }
    CHECK(door.reached.empty());
    CHECK(door.ask("/nowhere", {host, token}).status == 404);
    CHECK(door.ask("/health", {host}).status == 200);
}

TEST_CASE("what was admitted by its head is not asked for its token again") {
    int asked = 0;
    Door door({.authenticate = [&](std::string_view) {
        ++asked;
        return Identity{.principal = "somebody"};
    }});
    Request request{.method = "POST", .path = "/mcp", .headers = {host, token}};
    REQUIRE_FALSE(door.router.admit(request));
    door.router.handle(request, std::make_shared<Answer>());
    CHECK(asked == 1);
    REQUIRE(door.reached.size() == 1);
    CHECK(door.reached[0].identity.principal == "somebody");
}

TEST_CASE("an open route takes no body") {
    Door door;
    const std::vector<std::pair<Headers, int>> table = {
        {{host}, 200},
        {{host, {"Content-Length", "0"}}, 200},
        {{host, {"Content-Length", "1"}}, 413},
        {{host, {"Transfer-Encoding", "chunked"}}, 413},
    };
    for (const auto& [headers, status] : table) CHECK(door.ask("/health", headers).status == status);
}

TEST_CASE("an empty token lets nobody in") {
    const auto authenticate = token_authenticator(Secret(), "local:1000");
    CHECK(std::holds_alternative<Challenge>(authenticate("")));
}

TEST_CASE("a challenge tells where the metadata is, and which scope is missing") {
    Door door({.authenticate =
                   [](std::string_view) {
                       return Challenge{403, "insufficient_scope", "a \"b\"", "confirm"};
                   },
               .resource_metadata_url = "http://localhost/.well-known/oauth-protected-resource"});
    const std::string metadata =
        R"(resource_metadata="http://localhost/.well-known/oauth-protected-resource")";

    CHECK(*door.ask("/mcp", {host}).headers.find("WWW-Authenticate") ==
          R"(Bearer realm="casefile", )" + metadata);
    const auto refused = door.ask("/mcp", {host, token});
    CHECK(refused.status == 403);
    CHECK(
        *refused.headers.find("WWW-Authenticate") ==
        R"(Bearer realm="casefile", error="insufficient_scope", error_description="a  b ", scope="confirm", )" +
            metadata);
}

TEST_CASE("a handler that throws answers 500 without its reason") {
    Door door;
    const auto answer = door.ask("/broken", {host});
    CHECK(answer.status == 500);
    CHECK_THAT(answer.body, !Contains("secret"));
}

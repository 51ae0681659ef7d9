#include "base/json.h"
#include "net/oauth.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::net;

namespace {

class Answer final : public Exchange {
  public:
    Response response{.status = 0};

    void respond(Response given) override { response = std::move(given); }
    void begin_stream(Headers) override {}
    bool send(Event) override { return false; }
    void end_stream() override {}
    void when_slow(std::function<void()>) override {}
    void when_gone(std::function<void()>) override {}
};

Response ask(const OAuthOptions& options, std::string method, std::string path) {
    Router router({.authenticate = [](std::string_view) { return Challenge{}; },
                   .resource_metadata_url = resource_metadata_url(options.audience),
                   .scope = "read"});
    add_resource_metadata(router, options);
    const auto answer = std::make_shared<Answer>();
    router.handle({.method = std::move(method), .path = std::move(path), .headers = {{"Host", "localhost"}}},
                  answer);
    return answer->response;
}

const std::string well_known = "/.well-known/oauth-protected-resource";

}  // namespace

TEST_CASE("anybody can read where tokens for this resource come from") {
    const OAuthOptions options{.issuer = "https://login.example/tenant",
                               .audience = "https://casefile.example/mcp"};
    for (const auto& path : {well_known, well_known + "/mcp"}) {
        const auto got = ask(options, "GET", path);
        CHECK(got.status == 200);
        CHECK(got.content_type == "application/json");
        CHECK(parse_json(got.body).value() == parse_json(R"({
            "resource": "https://casefile.example/mcp",
            "authorization_servers": ["https://login.example/tenant"],
            "scopes_supported": ["read", "confirm"],
            "bearer_methods_supported": ["header"],
            "resource_name": "casefile"})")
                                                  .value());
        CHECK(ask(options, "HEAD", path).status == 200);
        const auto refused = ask(options, "POST", path);
        CHECK(refused.status == 405);
        CHECK(*refused.headers.find("Allow") == "GET, HEAD");
    }
    CHECK(ask(options, "GET", well_known + "/other").status == 401);
}

TEST_CASE("a challenge names the metadata's URL, which is served whatever the audience's path is") {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"https://casefile.example/mcp", "https://casefile.example" + well_known + "/mcp"},
        {"https://casefile.example:8443/team/mcp",
         "https://casefile.example:8443" + well_known + "/team/mcp"},
        {"http://127.0.0.1:8765", "http://127.0.0.1:8765" + well_known},
        {"http://127.0.0.1:8765/", "http://127.0.0.1:8765" + well_known},
        {"http://[::1]:8765/a%20b", "http://[::1]:8765" + well_known + "/a%20b"},
    };
    for (const auto& [audience, url] : table) {
        INFO(audience);
        const OAuthOptions options{.issuer = "https://login.example", .audience = audience};
        CHECK(resource_metadata_url(audience) == url);
        CHECK(ask(options, "GET", url.substr(url.find(well_known))).status == 200);
        CHECK(*ask(options, "GET", "/mcp").headers.find("WWW-Authenticate") ==
              R"(Bearer realm="casefile", )"
              "scope=\"read\", resource_metadata=\"" +
                  url + "\"");
    }
}

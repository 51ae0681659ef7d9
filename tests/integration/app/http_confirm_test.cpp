// Over HTTP with OAuth: what a token may do that can read and not confirm.

#include "tests/integration/app/served.h"
#include "tests/support/servers.h"
#include "tests/unit/net/authorization_server.h"

using namespace casefile;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const std::string issuer = "https://login.example/tenant", audience = "http://127.0.0.1/mcp";

/// Tokens of one person, which differ in their scopes.
class Issuer {
  public:
    std::string token(const std::string& scope) const {
        const auto end = std::chrono::system_clock::now() + std::chrono::hours(1);
        const json::object claims{{"iss", issuer},
                                  {"aud", audience},
                                  {"sub", "alice"},
                                  {"scope", scope},
                                  {"exp", std::chrono::system_clock::to_time_t(end)}};
        return key_.sign({{"alg", "ES256"}, {"kid", "ec-1"}}, json::serialize(claims));
    }
    std::string config() const {
        const json::object oauth{
            {"issuer", issuer}, {"audience", audience}, {"jwks_file", keys_.file().string()}};
        return json::serialize(json::object{{"http", json::object{{"oauth", oauth}}}});
    }

  private:
    net::SigningKey key_ = net::SigningKey::ec("ec-1");
    net::KeysOnDisk keys_{net::jwks_of({key_.jwk()})};
};

json::object call(int id, const std::string& tool, json::object arguments) {
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"method", "tools/call"},
            {"params", json::object{{"name", tool}, {"arguments", std::move(arguments)}}}};
}

std::string post(const std::string& token, const std::string& headers, const json::object& message) {
    const auto body = json::serialize(message);
    return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: "
           "Bearer " +
           token + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a token that may not confirm cannot answer the question that gives a grant") {
    const Issuer people;
    const auto variables = TestServers::get().variables("STAGING");
    const Served served({.config = people.config(),
                         .environment = {{"REDIS_STAGING_URL", variables.at("REDIS_STAGING_URL")}}});
    const auto reading = people.token("read"), confirming = people.token("read confirm");
    const auto ask = [&](const std::string& token, const std::string& headers, const json::object& message) {
        const auto client = served.client();
        client->send(post(token, headers, message));
        return client->read_response();
    };
    const auto begun =
        ask(confirming, {},
            {{"jsonrpc", "2.0"},
             {"id", 0},
             {"method", "initialize"},
             {"params", json::object{{"protocolVersion", "2025-11-25"},
                                     {"capabilities", json::object{{"elicitation", json::object()}}},
                                     {"clientInfo", json::object{{"name", "t"}, {"version", "1"}}}}}});
    const auto at = begun.find("Mcp-Session-Id: ");
    REQUIRE(at != std::string::npos);
    const auto session = begun.substr(at, begun.find("\r\n", at) - at) + "\r\n";
    const auto opened = ask(confirming, session,
                            call(1, "open_case",
                                 {{"topic", "t"},
                                  {"env", "STAGING"},
                                  {"entity_ids", json::object{{"order", json::array{"1"}}}},
                                  {"time_window", json::object{{"start", "2026-11-22T14:00:00+01:00"},
                                                               {"timezone", "Europe/Berlin"}}},
                                  {"symptoms", json::object{{"expected", "a"}, {"actual", "b"}}}}));
    const auto id = opened.substr(opened.find("INC-"), 18);

    const auto asks = served.client();
    asks->send(post(confirming, session, call(2, "confirm_environment", {{"case", id}, {"env", "STAGING"}})));
    asks->read_to("\"id\":");
    const auto question = std::stoi(asks->read_to(","));
    asks->read_to("elicitation/create");
    const json::object yes{
        {"jsonrpc", "2.0"},
        {"id", question},
        {"result", json::object{{"action", "accept"}, {"content", json::object{{"confirm", true}}}}}};
    const auto refused = ask(reading, session, yes);
    CHECK_THAT(refused, StartsWith("HTTP/1.1 403 ") && Contains("scope=\"confirm read\"") &&
                            Contains("resource_metadata=\"http://127.0.0.1/.well-known/"));
    const auto grants = call(3, "get_case", {{"case", id}});
    CHECK_THAT(ask(reading, session, grants), StartsWith("HTTP/1.1 200 ") && !Contains("\"how\":\"form\""));
    CHECK_THAT(ask(confirming, session, yes), StartsWith("HTTP/1.1 202 "));
    CHECK_THAT(asks->read_to("expires_at"), Contains("\"id\":2") && Contains("confirmed_by"));
    CHECK_THAT(ask(reading, session, grants), Contains("\"how\":\"form\""));
}

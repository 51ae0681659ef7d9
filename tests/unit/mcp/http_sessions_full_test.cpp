// How many sessions there may be over HTTP, and which of them make room.

#include "tests/unit/mcp/http_served.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

constexpr auto sessions_of_one = 100;
const auto ping = json::serialize(request(1, "ping"));
const net::Headers somebody{{"X-Principal", "https://issuer#somebody"}};

}  // namespace

TEST_CASE("one principal fills its own share of the sessions, and the one it used least makes room") {
    HttpServed served;
    HttpClient client(served), listens(served), calls(served);
    const auto foreign = client.begin_session("2025-11-25", somebody);
    const auto listening = listens.begin_session();
    listens.send("GET", listening, "");
    listens.connection.read_to("\r\n\r\n");
    const auto calling = calls.begin_session();
    calls.send("POST", calling, json::serialize(call(1, "confirm")));
    calls.connection.read_to("elicitation/create");
    served.clock->advance(std::chrono::seconds(1));
    const auto used = client.begin_session();
    served.clock->advance(std::chrono::seconds(1));
    const auto unused = client.begin_session();
    served.clock->advance(std::chrono::seconds(1));
    CHECK(client.post(used, ping).status == 200);
    for (int i = 4; i < sessions_of_one; ++i) client.begin_session();
    CHECK(served.transport->sessions() == sessions_of_one + 1);

    client.begin_session();
    CHECK(served.transport->sessions() == sessions_of_one + 1);
    CHECK(client.post(unused, ping).status == 404);
    for (const auto& session : {foreign, listening, calling, used})
        CHECK(client.post(session, ping).status == 200);
}

TEST_CASE("where no session of its own can make room, a principal is told what is true, and others go on") {
    HttpServed served;
    std::vector<std::unique_ptr<HttpClient>> listeners;
    for (int i = 0; i < sessions_of_one; ++i) {
        auto& one = *listeners.emplace_back(std::make_unique<HttpClient>(served));
        one.send("GET", one.begin_session(), "");
        one.connection.read_to("\r\n\r\n");
    }
    HttpClient client(served);
    const auto refused = client.post({}, json::serialize(initialize("2025-11-25")));
    CHECK(refused.status == 503);
    CHECK(at(refused.json(), "id") == "init");
    CHECK_THAT(refused.body, Catch::Contains("expected at most 100 of one principal") &&
                                 Catch::Contains("an open stream or a call in flight"));
    client.begin_session("2025-11-25", somebody);

    // A listener that is gone keeps its session no longer than any other.
    listeners.pop_back();
    while (served.listener->connections() > sessions_of_one) CHECK(client.get({}).status == 405);
    client.begin_session();
    CHECK(served.transport->sessions() == sessions_of_one + 1);
}

TEST_CASE("a session is idle for eight hours before it ends, and never while its client listens") {
    HttpServed served;
    HttpClient client(served), listens(served);
    const auto idle = client.begin_session();
    const auto listening = listens.begin_session();
    listens.send("GET", listening, "");
    listens.connection.read_to("\r\n\r\n");
    served.clock->advance(HttpTransport::session_idle + std::chrono::seconds(1));
    client.begin_session("2025-11-25", somebody);
    CHECK(client.post(idle, ping).status == 404);
    CHECK(client.post(listening, ping).status == 200);
}

TEST_CASE("the eight hours of a session begin when its client stops listening") {
    HttpServed served;
    HttpClient client(served);
    auto listens = std::make_unique<HttpClient>(served);
    const auto listening = listens->begin_session();
    listens->send("GET", listening, "");
    listens->connection.read_to("\r\n\r\n");
    served.clock->advance(HttpTransport::session_idle + std::chrono::seconds(1));
    listens.reset();
    while (served.listener->connections() > 1) CHECK(client.get({}).status == 405);
    client.begin_session("2025-11-25", somebody);
    CHECK(client.post(listening, ping).status == 200);
}

TEST_CASE("a session ends after its eight hours whether or not another begins") {
    HttpServed served;
    HttpClient client(served);
    const auto idle = client.begin_session();
    served.clock->advance(HttpTransport::session_idle);
    CHECK(client.post(idle, ping).status == 200);
    served.clock->advance(HttpTransport::session_idle + std::chrono::seconds(1));
    CHECK(client.post(idle, ping).status == 404);
    CHECK(served.transport->sessions() == 0);
}

TEST_CASE("an initialize that is refused costs nobody a session") {
    HttpServed served;
    HttpClient client(served);
    const auto first = client.begin_session();
    for (int i = 1; i < sessions_of_one; ++i) client.begin_session();
    client.post({}, json::serialize(request(1, "initialize")));
    CHECK(served.transport->sessions() == sessions_of_one);
    CHECK(client.post(first, ping).status == 200);
}

// Streams of an older session whose client comes and goes, and calls over HTTP whose client is gone.

#include "mcp/http_session.h"

#include "tests/unit/mcp/http_served.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

/// Keeps what leaves through it: "200 body", or "stream", "id:data" for each event, "end".
class Connected : public net::Exchange {
  public:
    void respond(net::Response response) override {
        said.push_back(std::to_string(response.status) + " " + response.body);
    }
    void begin_stream(net::Headers) override { said.emplace_back("stream"); }
    bool send(net::Event event) override {
        if (gone) return false;
        said.push_back(event.id + ":" + event.data);
        return true;
    }
    void end_stream() override { said.emplace_back("end"); }
    void when_slow(std::function<void()>) override {}
    void when_gone(std::function<void()>) override {}

    std::vector<std::string> said;
    bool gone = false;
};
using Said = std::vector<std::string>;

std::shared_ptr<Connected> connection() { return std::make_shared<Connected>(); }

}  // namespace

TEST_CASE("a client that was sent away gets the answer, whether it comes back before or after") {
    HttpStream stream(5, true);
    const auto post = connection(), get = connection();
    stream.attach(post, {});
    stream.pause();
    CHECK(post->said == Said{"stream", "5-0:", "end"});

    SECTION("before") {
        CHECK(stream.resume(get, 0));
        stream.finish("answer", 200);
    }
    SECTION("after") {
        stream.finish("answer", 200);
        CHECK(stream.resume(get, 0));
    }
    CHECK(get->said == Said{"stream", "5-1:answer", "end"});
    CHECK(stream.is_over());
    // Nothing holds the connections any more.
    CHECK(post.use_count() == 1);
    CHECK(get.use_count() == 1);
    // And once more, for a client that lost the second connection too.
    const auto again = connection();
    CHECK(stream.resume(again, 0));
    CHECK(again->said == get->said);
}

TEST_CASE("a client that lost its connection gets what it missed, and the old connection nothing more") {
    HttpStream stream(5, true);
    const auto post = connection(), get = connection();
    stream.attach(post, {});
    stream.send("one");
    post->gone = true;
    stream.send("two");
    CHECK(stream.resume(get, 1));
    stream.finish("answer", 200);
    CHECK(post->said == Said{"stream", "5-0:", "5-1:one"});
    CHECK(get->said == Said{"stream", "5-2:two", "5-3:answer", "end"});
}

TEST_CASE("an id that was never given out resumes nothing, and takes no answer from the one who waits") {
    HttpStream stream(5, true);
    const auto post = connection(), get = connection();
    stream.attach(post, {});
    CHECK_FALSE(stream.resume(get, 0));
    stream.send("one");
    CHECK_FALSE(stream.resume(get, 2));
    stream.finish("answer", 200);
    CHECK(get->said.empty());
    CHECK(post->said == Said{"stream", "5-0:", "5-1:one", "5-2:answer", "end"});
}

TEST_CASE("a client that listens anew hears what nobody heard, and nothing twice") {
    HttpStream pushes(0, false);
    const auto first = connection(), second = connection();
    pushes.send("early");
    pushes.listen(first);
    pushes.send("one");
    first->gone = true;
    pushes.send("two");
    pushes.listen(second);
    pushes.send("three");
    CHECK(first->said == Said{"stream", "0-1:early", "0-2:one"});
    CHECK(second->said == Said{"stream", "0-3:two", "0-4:three"});
}

TEST_CASE("a POST that waits for a worker when its client goes never reaches its tool") {
    Gate gate;
    std::atomic<int> called = 0;
    HttpServed served(
        [&](Catalog& catalog) {
            catalog.add(std::make_unique<FakeTool>("hold", [&](const json::object&, CallContext& context) {
                gate.wait(context.stop);
                return said("held");
            }));
            catalog.add(std::make_unique<FakeTool>("count", [&](const json::object&, CallContext&) {
                ++called;
                return said("counted");
            }));
        },
        1);
    HttpClient holds(served), goes(served), stays(served);
    const auto ask = [](HttpClient& client, const std::string& tool) {
        client.send("POST", modern_headers("tools/call", tool), json::serialize(modern_call(1, tool)));
    };
    const auto list = [&] {
        return stays.post(modern_headers("tools/list"), json::serialize(modern(1, "tools/list"))).status;
    };
    ask(holds, "hold");
    while (served.server->calls_in_flight() < 1) CHECK(list() == 200);
    ask(goes, "count");
    while (served.server->calls_in_flight() < 2) CHECK(list() == 200);

    goes.connection.leave();
    while (served.listener->connections() > 2) CHECK(list() == 200);
    // Served by the same thread, and so after it was told that the client is gone.
    CHECK(list() == 200);
    gate.open();
    CHECK(holds.read().status == 200);
    served.server->drain();
    CHECK(called == 0);
}

TEST_CASE("a server ends while requests of every kind are open") {
    HttpServed served;
    HttpClient calls(served), asks(served), listens(served), hears(served), stays(served);
    calls.send("POST", modern_headers("tools/call", "wait"), json::serialize(modern_call(1, "wait")));
    const auto session = asks.begin_session();
    asks.send("POST", session, json::serialize(call(1, "confirm")));
    CHECK_FALSE(asks.connection.read_to("elicitation/create").empty());
    listens.send("POST", modern_headers("subscriptions/listen"),
                 json::serialize(modern(1, "subscriptions/listen", {{"notifications", json::object()}})));
    CHECK_FALSE(listens.connection.read_to("acknowledged").empty());
    hears.send("GET", session, "");
    CHECK_FALSE(hears.connection.read_to("text/event-stream").empty());
    while (served.server->calls_in_flight() < 2)
        stays.post(modern_headers("tools/list"), json::serialize(modern(1, "tools/list")));

    std::string called, asked;
    SECTION("told first") {
        served.server->end(std::chrono::milliseconds(0), Clients::waiting);
        called = calls.connection.read_to("the server is ending");
        asked = asks.connection.read_to("the server is ending");
        CHECK_THAT(called, Catch::StartsWith("HTTP/1.1 503 "));
        const auto late =
            stays.post(modern_headers("tools/call", "echo"), json::serialize(modern_call(1, "echo")));
        CHECK(late.status == 503);
        CHECK_THAT(late.body, Catch::Contains("the server is ending"));
        served.listener.reset();
    }
    SECTION("with its connections") { served.listener.reset(); }
    served.transport.reset();
    served.server.reset();
    CHECK((called + calls.connection.read_to_end()).find("\"result\"") == std::string::npos);
    CHECK((asked + asks.connection.read_to_end()).find("\"result\"") == std::string::npos);
}

TEST_CASE("the question of a cancelled call is withdrawn, and nothing follows it") {
    Conversation given;
    given.ask(initialize("2025-11-25"));
    const auto asked = given.ask(call(1, "confirm"));
    REQUIRE(at(asked, "method") == "elicitation/create");

    given.say(cancelled(1));
    const auto withdrawn = given.hear();
    CHECK(at(withdrawn, "method") == "notifications/cancelled");
    CHECK(at(withdrawn, "params/requestId") == at(asked, "id"));
    // An answer that crossed the cancellation counts for nothing, and the id is free.
    given.say({{"jsonrpc", "2.0"}, {"id", at(asked, "id")}, {"result", json::object{{"action", "decline"}}}});
    CHECK(text_of(given.ask(call(1, "echo", {{"text", "again"}}))) == "again");
    CHECK(given.server->calls_in_flight() == 0);
    CHECK(given.unheard() == 0);
}

TEST_CASE("a request that ends without an answer is told by a stream, as 202 is for what asks for none") {
    HttpStream stream(5, true);
    const auto post = connection();
    stream.attach(post, {});
    stream.close();
    // Without an id, which would invite the client to come back.
    CHECK(post->said == Said{"stream", "end"});
    CHECK(stream.is_over());
}

TEST_CASE("nobody is asked back to what is over and told") {
    HttpStream stream(5, true);
    const auto post = connection(), get = connection();
    stream.attach(post, {});
    stream.send("on the way");
    CHECK(post->said == Said{"stream", "5-0:", "5-1:on the way"});
    stream.close();
    CHECK_FALSE(stream.resume(get, 1));
    CHECK(get->said.empty());
    CHECK(stream.resume(get, 0));
    CHECK(get->said == Said{"stream", "5-1:on the way", "end"});
}

TEST_CASE("a stream that is begun early can be resumed like any other, and one that is over is left alone") {
    HttpStream stream(5, true), over(6, true);
    const auto post = connection(), get = connection(), other = connection();
    stream.attach(post, {});
    stream.begin_early();
    stream.begin_early();
    CHECK(post->said == Said{"stream", "5-0:"});
    CHECK(stream.resume(get, 0));
    stream.finish("answer", 200);
    CHECK(get->said == Said{"stream", "5-1:answer", "end"});

    over.attach(other, {});
    over.finish("answer", 200);
    over.begin_early();
    CHECK(other->said == Said{"200 answer"});
}

#include <thread>

#include "tests/support/catch.h"
#include "tests/unit/net/client.h"

using namespace casefile;
using namespace casefile::net;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

struct OpenStream {
    Desk desk;
    std::unique_ptr<Listener> listener;
    Client client;
    Desk::Case asked;
    std::string head;

    explicit OpenStream(HttpLimits limits = {}, std::string_view request = "GET / HTTP/1.1\r\n\r\n",
                        int receive_buffer = 0)
        : listener(open_listener(desk.handler(), limits)), client(listener->port(), receive_buffer) {
        client.send(request);
        asked = desk.next();
        asked.exchange->begin_stream({{"Mcp-Session-Id", "s1"}});
        head = client.read_to("\r\n\r\n");
    }
};

// What the chunks of a whole stream held.
std::string read_stream(Client& client) {
    std::string text;
    for (;;) {
        const auto size = std::stoul(client.read_to("\r\n"), nullptr, 16);
        const auto chunk = client.read_to("\r\n");
        if (size == 0) return text;
        text += chunk;
        while (text.size() < size) text += client.read_to("\r\n");
        text.resize(text.size() - 2);
    }
}

}  // namespace

TEST_CASE("events reach the client as they are sent, and the connection serves on") {
    OpenStream open;
    CHECK_THAT(open.head, StartsWith("HTTP/1.1 200 OK\r\nMcp-Session-Id: s1\r\n"));
    for (const auto field : {"Content-Type: text/event-stream\r\n", "Cache-Control: no-cache\r\n",
                             "X-Accel-Buffering: no\r\n", "Transfer-Encoding: chunked\r\n"})
        CHECK_THAT(open.head, Contains(field));

    CHECK(open.asked.exchange->send({.data = "", .id = "1", .retry_ms = 500}));
    CHECK(open.client.read_to("\n\n\r\n") == "19\r\nid: 1\nretry: 500\ndata: \n\n\r\n");
    std::thread([&] { open.asked.exchange->send({.data = R"({"a":1})"}); }).join();
    CHECK(open.client.read_to("\n\n\r\n") == "f\r\ndata: {\"a\":1}\n\n\r\n");
    open.asked.exchange->end_stream();
    CHECK(open.client.read_to("\r\n\r\n") == "0\r\n\r\n");
    CHECK_FALSE(open.asked.exchange->send({.data = "late"}));

    open.client.send("GET /next HTTP/1.1\r\n\r\n");
    open.desk.next().exchange->respond({.body = "next"});
    CHECK_THAT(open.client.read_response(), EndsWith("next"));
}

TEST_CASE("events sent at once are all there, in order") {
    OpenStream open;
    std::string expected;
    for (int number = 0; number < 2'000; ++number) {
        open.asked.exchange->send({.data = std::to_string(number)});
        expected += "data: " + std::to_string(number) + "\n\n";
    }
    open.asked.exchange->end_stream();
    CHECK(read_stream(open.client) == expected);
}

TEST_CASE("a quiet stream is kept alive by comments") {
    OpenStream open({.keep_alive_time = std::chrono::milliseconds(20)});
    CHECK(open.client.read_to("\r\n:\n\n\r\n") == "3\r\n:\n\n\r\n");
    CHECK(open.client.read_to("\r\n:\n\n\r\n") == "3\r\n:\n\n\r\n");
    open.asked.exchange->send({.data = "x"});
    CHECK_THAT(open.client.read_to("data: x\n\n"), EndsWith("data: x\n\n"));
}

TEST_CASE("a stream that its client leaves is over for the handler") {
    OpenStream open;
    Signal gone;
    open.asked.exchange->when_gone([&] { gone.set(); });
    open.client.leave();
    CHECK(gone.wait());
    CHECK_FALSE(open.asked.exchange->send({.data = "x"}));
}

TEST_CASE("an exchange that is held by its own callback ends with its answer") {
    std::weak_ptr<Exchange> watched;
    {
        OpenStream open;
        watched = open.asked.exchange;
        open.asked.exchange->when_gone([held = open.asked.exchange] { held->end_stream(); });
        open.asked.exchange->end_stream();
        open.asked.exchange.reset();
        CHECK(open.client.read_to("\r\n\r\n") == "0\r\n\r\n");
    }
    CHECK(watched.expired());
}

TEST_CASE("a stream without its end is seen to have none") {
    OpenStream open;
    open.asked.exchange->send({.data = "x"});
    open.client.read_to("\n\n\r\n");
    open.asked.exchange.reset();
    CHECK(open.client.read_to_end().empty());
}

TEST_CASE("a stream to HTTP/1.0 ends with the connection") {
    OpenStream open({}, "GET / HTTP/1.0\r\n\r\n");
    CHECK_THAT(open.head, !Contains("chunked") && Contains("Connection: close\r\n"));
    open.asked.exchange->send({.data = "x"});
    open.asked.exchange->end_stream();
    CHECK(open.client.read_to_end() == "data: x\n\n");
}

TEST_CASE("a stream asked for by HEAD is its head") {
    OpenStream open({}, "HEAD / HTTP/1.1\r\n\r\n");
    Signal gone;
    open.asked.exchange->when_gone([&] { gone.set(); });
    CHECK(gone.wait());
    open.client.send("GET /next HTTP/1.1\r\n\r\n");
    open.desk.next().exchange->respond({.body = "next"});
    CHECK_THAT(open.client.read_response(), StartsWith("HTTP/1.1 200") && EndsWith("next"));
}

TEST_CASE("a client further behind than the queue may be is cut off") {
    OpenStream open({.queue_bytes_max = 100'000}, "GET / HTTP/1.1\r\n\r\n", 4'096);
    Signal gone;
    open.asked.exchange->when_gone([&] { gone.set(); });
    const std::string data(50'000, 'x');
    int sent = 0;
    // The kernel takes some megabytes for a client that does not read.
    while (sent < 2'000 && open.asked.exchange->send({.data = data})) ++sent;
    CHECK(sent < 2'000);
    CHECK(gone.wait());
}

TEST_CASE("a client that reads nothing of what waits for it is cut off") {
    OpenStream open({.stall_time = std::chrono::milliseconds(50)}, "GET / HTTP/1.1\r\n\r\n", 4'096);
    Signal gone;
    open.asked.exchange->when_gone([&] { gone.set(); });
    std::string much;
    much.resize(40'000'000, 'x');
    CHECK(open.asked.exchange->send({.data = much}));
    CHECK(gone.wait());
}

TEST_CASE("a handler that is slow is told once, so that it can begin a stream, which is kept alive") {
    Desk desk;
    const auto listener = open_listener(desk.handler(), {.keep_alive_time = std::chrono::milliseconds(20)});
    Client client(listener->port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    const auto asked = desk.next();
    std::atomic<int> told = 0;
    asked.exchange->when_slow([&, exchange = std::weak_ptr(asked.exchange)] {
        ++told;
        exchange.lock()->begin_stream({});
    });
    CHECK_THAT(client.read_to("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK(client.read_to("\r\n:\n\n\r\n") == "3\r\n:\n\n\r\n");
    asked.exchange->send({.data = "x"});
    asked.exchange->end_stream();
    CHECK_THAT(client.read_to("0\r\n\r\n"), Contains("data: x\n\n"));

    client.send("GET /next HTTP/1.1\r\n\r\n");
    const auto quick = desk.next();
    quick.exchange->when_slow([&] { ++told; });
    quick.exchange->respond({.body = "next"});
    CHECK_THAT(client.read_response(), EndsWith("next"));
    CHECK(told == 1);
}

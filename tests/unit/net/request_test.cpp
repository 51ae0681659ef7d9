#include <thread>

#include "net/request_parser.h"
#include "tests/support/catch.h"
#include "tests/unit/net/client.h"

using namespace casefile;
using namespace casefile::net;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a request split byte by byte is one request") {
    const auto listener = open_listener(echo);
    Client client(listener->port());

    // After the empty lines that old clients send before a request.
    for (const char byte :
         std::string("\r\n\r\nPOST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"))
        client.send({&byte, 1});

    const auto answer = client.read_response();
    CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK_THAT(answer, Contains("Cache-Control: no-store\r\n"));
    CHECK_THAT(answer, EndsWith("POST /a?b=c body"));
}

TEST_CASE("pipelined requests are answered in their order, one handed over at a time") {
    Desk desk;
    const auto listener = open_listener(desk.handler());
    Client client(listener->port());

    client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    auto first = desk.next();
    CHECK(first.request.path == "/1");
    CHECK(desk.empty());
    std::thread([&] { first.exchange->respond({.body = "one"}); }).join();
    auto second = desk.next();
    CHECK(second.request.path == "/2");
    second.exchange->respond({.body = "two"});

    CHECK_THAT(client.read_response(), EndsWith("\r\n\r\none"));
    CHECK_THAT(client.read_response(), EndsWith("\r\n\r\ntwo"));
}

TEST_CASE("a chunked body is put together, and fields after it count for nothing") {
    Desk desk;
    const auto listener = open_listener(desk.handler());
    Client client(listener->port());

    client.send(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nAuthorization: Bearer late\r\n\r\n");
    const auto asked = desk.next();

    CHECK(asked.request.body == "abcde");
    CHECK(asked.request.headers.count("Authorization") == 0);
}

TEST_CASE("a chunked body of nothing is complete, however its last chunk is cut") {
    RequestParser parser(1'000, 1'000);
    const std::string text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    std::string waiting;
    for (const char byte : text) {
        CHECK_FALSE(parser.complete());
        waiting += byte;
        std::string_view rest = waiting;
        REQUIRE_FALSE(parser.read(rest));
        waiting.erase(0, waiting.size() - rest.size());
    }
    CHECK(parser.complete());
}

TEST_CASE("header fields are kept in order, and every one of a name") {
    Desk desk;
    const auto listener = open_listener(desk.handler());
    Client client(listener->port());

    client.send("GET http://A:1/p HTTP/1.1\r\nHost: a:1\r\nx: 1\r\nX:  2 \r\n\r\n");
    const auto asked = desk.next();

    CHECK(asked.request.path == "/p");
    REQUIRE(asked.request.headers.fields().size() == 3);
    CHECK(asked.request.headers.fields()[1] == std::pair<std::string, std::string>("x", "1"));
    CHECK(asked.request.headers.fields()[2] == std::pair<std::string, std::string>("X", "2"));
    CHECK(asked.request.headers.count("X") == 2);
    CHECK(asked.request.headers.find("X") == nullptr);
}

TEST_CASE("a client that asks for leave to send its body gets it") {
    const auto listener = open_listener(echo);
    Client client(listener->port());

    client.send("POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.read_to("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");

    CHECK_THAT(client.read_response(), EndsWith("POST /c? ok"));
}

TEST_CASE("every method reaches the handler, and HEAD gets no body") {
    const auto listener = open_listener(echo);
    Client client(listener->port());

    client.send("HEAD /h HTTP/1.1\r\n\r\nDELETE /d HTTP/1.1\r\n\r\nINVENTED /i HTTP/1.1\r\n\r\n");

    const auto head = client.read_to("\r\n\r\n");
    CHECK_THAT(head, Contains("Content-Length: 9\r\n"));
    CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 200") && EndsWith("DELETE /d? "));
    CHECK_THAT(client.read_response(), EndsWith("INVENTED /i? "));
}

TEST_CASE("a client of HTTP/1.0, or one that asks for it, finds the connection closed after the answer") {
    const auto listener = open_listener(echo);
    for (const std::string head : {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"}) {
        Client client(listener->port());
        client.send(head);
        const auto answer = client.read_to_end();
        CHECK_THAT(answer, Contains("Connection: close\r\n") && EndsWith("GET /? "));
    }
}

TEST_CASE("a handler that throws, or lets go of its exchange, answers 500") {
    const auto listener = open_listener([](const Request& request, const std::shared_ptr<Exchange>&) {
        if (request.path == "/throw") throw std::runtime_error("a secret");
    });
    Client client(listener->port());

    client.send("GET /throw HTTP/1.1\r\n\r\nGET /drop HTTP/1.1\r\n\r\n");

    const auto first = client.read_response();
    CHECK_THAT(first, StartsWith("HTTP/1.1 500 ") && Contains(R"({"error":{"message":)"));
    CHECK_THAT(first, !Contains("secret"));
    CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 500 "));
}

TEST_CASE("a value cannot start another field") {
    const auto listener = open_listener([](const Request&, const std::shared_ptr<Exchange>& exchange) {
        exchange->respond({.headers = {{"X", "a\r\nSet-Cookie: b"}}});
    });
    Client client(listener->port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    CHECK_THAT(client.read_response(), Contains("X: a  Set-Cookie: b\r\n"));
}

TEST_CASE("a handler that is busy learns that its client left") {
    const bool half = GENERATE(false, true);
    Desk desk;
    const auto listener = open_listener(desk.handler());
    Client client(listener->port());
    client.send("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
    const auto asked = desk.next();
    Signal gone;
    asked.exchange->when_gone([&] { gone.set(); });

    if (half)
        client.half_close();
    else
        client.leave();

    CHECK(gone.wait());
    Signal known;
    asked.exchange->when_gone([&] { known.set(); });
    CHECK(known.times() == 1);
    asked.exchange->respond({.body = "nobody reads this"});
    CHECK(gone.times() == 1);
}

TEST_CASE("a handler that has answered is not told that its client left") {
    Desk desk;
    const auto listener = open_listener(desk.handler());
    Signal gone;
    {
        Client client(listener->port());
        client.send("GET / HTTP/1.1\r\n\r\n");
        auto asked = desk.next();
        asked.exchange->when_gone([&] { gone.set(); });
        asked.exchange->respond({});
        asked.exchange->respond({.status = 500});
        CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
    }
    // The next client is served after the first one's end was seen.
    Client next(listener->port());
    next.send("GET / HTTP/1.1\r\n\r\n");
    desk.next().exchange->respond({});
    next.read_response();
    CHECK(gone.times() == 0);
}

TEST_CASE("a listener ends with streams open and handlers busy, which learn it") {
    Desk desk;
    auto listener = open_listener(desk.handler());
    Client busy(listener->port());
    Client streaming(listener->port());
    Client idle(listener->port());
    busy.send("GET / HTTP/1.1\r\n\r\n");
    const auto answer = desk.next();
    streaming.send("GET / HTTP/1.1\r\n\r\n");
    const auto stream = desk.next();
    stream.exchange->begin_stream({});
    streaming.read_to("\r\n\r\n");
    Signal answer_gone;
    Signal stream_gone;
    answer.exchange->when_gone([&] { answer_gone.set(); });
    stream.exchange->when_gone([&] { stream_gone.set(); });

    listener.reset();

    CHECK(answer_gone.times() == 1);
    CHECK(stream_gone.times() == 1);
    CHECK_FALSE(stream.exchange->send({.data = "late"}));
    stream.exchange->end_stream();
    answer.exchange->respond({});
    CHECK(busy.read_to_end().empty());
    CHECK(idle.read_to_end().empty());
}

TEST_CASE("an address that is taken or none at all is an error") {
    const auto listener = open_listener(echo);
    const auto taken = Listener::open({.port = listener->port()}, echo);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().kind == ErrorKind::unavailable);
    CHECK_FALSE(Listener::open({.address = "example.org"}, echo));
}

#include <sys/resource.h>

#include <ctime>

#include "tests/support/catch.h"
#include "tests/unit/net/client.h"

using namespace casefile;
using namespace casefile::net;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

// What a new client gets for `bytes`, up to the end of its connection.
std::string answer_to(const Listener& listener, std::string_view bytes) {
    Client client(listener.port());
    client.send(bytes);
    return client.read_to_end();
}

std::chrono::nanoseconds processor_time() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

TEST_CASE("what is no HTTP, or could be read in two ways, is refused with 400") {
    Desk desk;
    const auto listener = open_listener(desk.handler());
    const std::vector<std::pair<std::string, std::string>> heads = {
        {"nonsense\r\n\r\n", "no request line"},
        {"GET / HTTP/2.0\r\n\r\n", "another version"},
        {std::string("GET / HTTP/1.1\r\nA: ") + '\0' + "\r\n\r\n", "a NUL byte"},
        {"GET / HTTP/1.1\r\nA : b\r\n\r\n", "a space in a name"},
        {"GET / HTTP/1.1\nHost: x\n\n\r\n\r\n", "bare line feeds"},
        {"GET /#a HTTP/1.1\r\n\r\n", "a fragment"},
        {"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", "two hosts"},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "two lengths, the same"},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "two lengths"},
        {"POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx", "two lengths in one field"},
        {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "a negative length"},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "a length beyond 64 bits"},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "both lengths"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
         "both lengths"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         "two encodings"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "an encoding unknown here"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", "no end of the body"},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunks in HTTP/1.0"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no chunk size"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "a chunk longer than it says"},
    };
    for (const auto& [head, reason] : heads) {
        INFO(reason);
        const auto answer = answer_to(*listener, head);
        CHECK_THAT(answer, StartsWith("HTTP/1.1 400 "));
        CHECK_THAT(answer, Contains("Connection: close\r\n") && Contains(R"({"error":{"message":)"));
    }
    CHECK(desk.empty());
}

TEST_CASE("a head beyond its limit is refused with 431, in one piece or without end") {
    const auto listener = open_listener(echo, {.head_bytes_max = 1'000});
    const std::string long_field = "X: " + std::string(1'000, 'x');
    CHECK_THAT(answer_to(*listener, "GET / HTTP/1.1\r\n" + long_field + "\r\n\r\n"),
               StartsWith("HTTP/1.1 431 "));
    CHECK_THAT(answer_to(*listener, "GET / HTTP/1.1\r\n" + long_field), StartsWith("HTTP/1.1 431 "));
    CHECK_THAT(answer_to(*listener, "GET /" + std::string(1'000, 'x')), StartsWith("HTTP/1.1 431 "));
    std::string many = "GET / HTTP/1.1\r\n";
    for (int field = 0; field < 200; ++field) many += "a: b\r\n";
    CHECK_THAT(answer_to(*listener, many + "\r\n"), StartsWith("HTTP/1.1 431 "));
    const std::string within =
        "GET / HTTP/1.1\r\nConnection: close\r\nX: " + std::string(900, 'x') + "\r\n\r\n";
    CHECK_THAT(answer_to(*listener, within), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a body of 100 MiB is refused before any of it is read") {
    const auto listener = open_listener(echo);
    Client client(listener->port());
    client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 104857600\r\n\r\n");
    CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 413 ") && Contains("Connection: close\r\n"));

    // One who sends it all the same hears the answer too.
    Client blind(listener->port());
    blind.send("POST / HTTP/1.1\r\nContent-Length: 104857600\r\n\r\n");
    for (int piece = 0; piece < 100; ++piece) blind.send(std::string(100'000, 'x'));
    CHECK_THAT(blind.read_response(), StartsWith("HTTP/1.1 413 "));
}

TEST_CASE("a head is checked before its body is read, and what the check notes reaches the handler") {
    Desk desk;
    const auto check = [](Request& head) -> std::optional<Response> {
        if (head.path != "/in") return error_response(401, "not you", "go away");
        head.identity.principal = "somebody";
        return std::nullopt;
    };
    const HttpLimits limits{.bodies_bytes_max = 100'000};
    const auto listener = Listener::open({.limits = limits}, desk.handler(), check).value();
    std::vector<std::unique_ptr<Client>> refused;
    for (const std::string ask : {"", "Expect: 100-continue\r\n"})
        for (int i = 0; i < 4; ++i) {
            refused.push_back(std::make_unique<Client>(listener->port()));
            refused.back()->send("POST /out HTTP/1.1\r\n" + ask + "Content-Length: 100000\r\n\r\n");
            CHECK_THAT(refused.back()->read_response(),
                       StartsWith("HTTP/1.1 401 ") && Contains("Connection: close\r\n"));
            // What is sent all the same takes no room.
            refused.back()->send(std::string(50'000, 'x'));
        }
    Client let_in(listener->port());
    let_in.send("POST /in HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 90000\r\n\r\n");
    CHECK_THAT(let_in.read_to("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
    let_in.send(std::string(90'000, 'y'));
    const auto asked = desk.next();
    CHECK(asked.request.identity.principal == "somebody");
    CHECK(asked.request.body.size() == 90'000);
    CHECK(desk.empty());

    // One whose body came with its head is left to the handler, and may keep the connection.
    Client whole(listener->port());
    whole.send("POST /out HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
    desk.next().exchange->respond({.status = 401});
    CHECK_THAT(whole.read_response(), StartsWith("HTTP/1.1 401 ") && !Contains("Connection: close"));
}

TEST_CASE("the chunks of a body are counted") {
    const auto listener = open_listener(echo, {.body_bytes_max = 10});
    const std::string head = "POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK_THAT(answer_to(*listener, head + "6\r\nabcdef\r\n5\r\nabcde\r\n0\r\n\r\n"),
               StartsWith("HTTP/1.1 413 "));
    CHECK_THAT(answer_to(*listener, head + "fffffffffffffff0\r\n"), StartsWith("HTTP/1.1 413 "));
    CHECK_THAT(answer_to(*listener, head + "5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n"), EndsWith(" abcdeabcde"));
}

TEST_CASE("a line between chunks has a limit") {
    const auto listener = open_listener(echo, {.head_bytes_max = 1'000});
    CHECK_THAT(answer_to(*listener,
                         "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(2'000, 'x')),
               StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("the bodies of all requests together have a limit, and room comes back") {
    const auto listener = open_listener(echo, {.bodies_bytes_max = 1'000});
    Client first(listener->port());
    first.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 901\r\n\r\n");
    first.read_to("\r\n\r\n");
    first.send(std::string(900, 'x'));
    const std::string second =
        "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'y');
    std::string answer;
    // The first body is there once a second one finds no room.
    do answer = answer_to(*listener, second);
    while (answer.starts_with("HTTP/1.1 200 "));
    CHECK_THAT(answer, StartsWith("HTTP/1.1 503 "));
    first.send("x");
    CHECK_THAT(first.read_response(), StartsWith("HTTP/1.1 200 "));
    CHECK_THAT(answer_to(*listener, second), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a connection too many is answered 503, and counts again when one is free") {
    const auto listener = open_listener(echo, {.connections_max = 2});
    auto first = std::make_unique<Client>(listener->port());
    Client second(listener->port());
    first->send("GET / HTTP/1.1\r\n\r\n");
    second.send("GET / HTTP/1.1\r\n\r\n");
    first->read_response();
    second.read_response();
    CHECK(listener->connections() == 2);

    CHECK_THAT(answer_to(*listener, "GET / HTTP/1.1\r\n\r\n"),
               StartsWith("HTTP/1.1 503 ") && Contains("Retry-After: 1\r\n"));
    CHECK(listener->connections() == 2);

    first.reset();
    const std::string last = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    std::string answer;
    // Of those turned away only so many are told why at a time.
    do answer = answer_to(*listener, last);
    while (answer.empty() || answer.starts_with("HTTP/1.1 503 "));
    CHECK_THAT(answer, StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a request that does not come to its end is answered 408") {
    const auto listener = open_listener(echo, {.request_time = std::chrono::milliseconds(30)});
    CHECK_THAT(answer_to(*listener, "GET / HT"), StartsWith("HTTP/1.1 408 "));
    CHECK_THAT(answer_to(*listener, "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nx"),
               StartsWith("HTTP/1.1 408 "));
}

TEST_CASE("an idle connection is closed, before its first request and after its last") {
    const auto listener = open_listener(echo, {.idle_time = std::chrono::milliseconds(30)});
    CHECK(answer_to(*listener, "").empty());
    CHECK_THAT(answer_to(*listener, "GET / HTTP/1.1\r\n\r\n"), EndsWith("GET /? "));
}

TEST_CASE("a handler may take longer than any request") {
    Desk desk;
    const auto brief = std::chrono::milliseconds(20);
    const auto listener =
        open_listener(desk.handler(), {.request_time = brief, .idle_time = brief, .stall_time = brief});
    Client client(listener->port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    const auto asked = desk.next();
    // Another connection is timed out meanwhile, so that the time has passed for this one too.
    CHECK(answer_to(*listener, "").empty());
    asked.exchange->respond({.body = "late"});
    CHECK_THAT(client.read_response(), EndsWith("late"));
}

TEST_CASE("a client that sends ahead without end is not read to the end") {
    Desk desk;
    const auto listener = open_listener(desk.handler());
    Client client(listener->port());
    const std::string request = "GET / HTTP/1.1\r\n\r\n";
    std::string many;
    for (int number = 0; number < 20'000; ++number) many += request;
    client.send(many);
    for (int number = 0; number < 20'000; ++number) {
        desk.next().exchange->respond({.body = "x"});
        client.read_response();
    }
    CHECK(desk.empty());
}

TEST_CASE("without files to open, clients wait and the processor rests") {
    const auto listener = open_listener(echo, {.idle_time = std::chrono::milliseconds(300)});
    Client idle(listener->port());
    idle.send("GET / HTTP/1.1\r\n\r\n");
    idle.read_response();

    rlimit was{};
    ::getrlimit(RLIMIT_NOFILE, &was);
    const int next = ::dup(0);
    ::close(next);
    // Room for the client's own socket, none for the server's end of it.
    const rlimit none{static_cast<rlim_t>(next) + 1, was.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    Client waiting(listener->port());
    waiting.send("GET / HTTP/1.1\r\n\r\n");
    const auto used = processor_time();
    idle.read_to_end();
    const auto spent = processor_time() - used;
    // The file of the idle connection is free now.
    const auto answer = waiting.read_response();
    ::setrlimit(RLIMIT_NOFILE, &was);

    CHECK(spent < std::chrono::milliseconds(150));
    CHECK_THAT(answer, StartsWith("HTTP/1.1 200 "));
}

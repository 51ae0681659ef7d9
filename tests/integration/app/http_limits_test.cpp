// casefile serve --http: what strangers, slow servers and mistakes must not do to it.

#include "tests/integration/app/served.h"

using namespace casefile;
using Catch::Contains;
using Catch::StartsWith;

namespace {

/// Accepts connections, as the kernel does for it, and never says anything.
class SilentPort {
  public:
    SilentPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
        REQUIRE(::listen(socket_, 256) == 0);
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
        port = ntohs(at.sin_port);
    }
    SilentPort(const SilentPort&) = delete;
    SilentPort& operator=(const SilentPort&) = delete;
    ~SilentPort() { ::close(socket_); }

    std::uint16_t port = 0;

  private:
    int socket_;
};

std::size_t calls_in_flight(const std::string& metrics) {
    const std::string name = "\ncasefile_calls_in_flight ";
    const auto at = metrics.find(name);
    REQUIRE(at != std::string::npos);
    return std::stoul(metrics.substr(at + name.size()));
}

/// casefile with calls that wait for a server that answers nothing, the environment SLOW.
struct Waited {
    explicit Waited(int calls) : silent(std::in_place) {
        const auto port = std::to_string(silent->port);
        served.emplace(
            Served::With{.environment = {{"MYSQL_SLOW_URL", "mysql://u:p@127.0.0.1:" + port + "/shop"}}});
        token = served->token();
        const auto opened =
            run({program("casefile"), "call", "open_case", R"({"topic": "x"})", "--home", served->home()});
        REQUIRE(opened.exit_code == 0);
        const auto id = string_or(parse_json(opened.out)->as_object(), "case");
        const auto body = call_body("confirm_environment", {{"case", id}, {"env", "SLOW"}});
        for (int i = 0; i < calls; ++i) {
            clients.push_back(served->client());
            clients.back()->send(call_head(token, "confirm_environment") +
                                 "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        }
    }

    /// As the operator; the whole answer.
    std::string ask(const std::string& route) const {
        return served->ask("GET " + route + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
                           "\r\n");
    }

    std::optional<Served> served;
    std::string token;
    std::vector<std::unique_ptr<net::Client>> clients;
    /// Last, so first to go: then no call waits any longer, and the server ends at once.
    std::optional<SilentPort> silent;
};

}  // namespace

TEST_CASE("who may not come in is told so before any of the body is read") {
    Served served;
    const std::string host = "Host: localhost\r\n";
    const std::string body = "Content-Type: application/json\r\nContent-Length: 16777216\r\n\r\n";
    const auto bearer = "Authorization: Bearer " + served.token() + "\r\n";
    struct Row {
        std::string head, status;
    };
    const std::vector<Row> table{
        {"POST /mcp HTTP/1.1\r\n" + host, "401"},
        {"POST /mcp HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n", "401"},
        {"POST /mcp HTTP/1.1\r\n" + host + "Authorization: Bearer " + std::string(64, '0') + "\r\n", "401"},
        {"POST /mcp HTTP/1.1\r\nHost: evil.example\r\n" + bearer, "403"},
        {"POST /mcp HTTP/1.1\r\n" + host + bearer + "Origin: http://evil.example\r\n", "403"},
        {"POST /health HTTP/1.1\r\n" + host, "413"},
        {"POST /mcp HTTP/1.1\r\n" + host + bearer + "Expect: 100-continue\r\n", "100"},
    };
    for (const auto& row : table) {
        INFO(row.head);
        const auto client = served.client();
        client->send(row.head + body);
        const auto answer = client->read_response();
        CHECK(answer.substr(9, 3) == row.status);
        CHECK((answer.find("Connection: close\r\n") != std::string::npos) == (row.status != "100"));
    }

    // One who sends it all the same hears the answer too.
    const auto blind = served.client();
    blind->send("POST /mcp HTTP/1.1\r\n" + host + body);
    for (int piece = 0; piece < 16; ++piece) blind->send(std::string(1 << 20, 'x'));
    CHECK_THAT(blind->read_response(), StartsWith("HTTP/1.1 401 "));
}

TEST_CASE("what the operator asks is answered while more calls than workers wait for a silent server") {
    const Waited waited(40);
    // There are sixteen workers: while more calls are in flight, none of them is free.
    std::size_t in_flight = 0;
    for (int i = 0; i < 200 && in_flight <= 16; ++i) in_flight = calls_in_flight(waited.ask("/metrics"));
    CHECK(in_flight > 16);
    CHECK_THAT(waited.ask("/ready"), StartsWith("HTTP/1.1 200 "));
    CHECK(calls_in_flight(waited.ask("/metrics")) > 16);
}

TEST_CASE("a server that ends is not ready, so that nothing new is sent its way") {
    Waited waited(1);
    while (calls_in_flight(waited.ask("/metrics")) == 0) {
    }
    waited.served->ask_to_end();
    std::string answer;
    do answer = waited.ask("/ready");
    while (answer.starts_with("HTTP/1.1 200 "));
    CHECK_THAT(answer, StartsWith("HTTP/1.1 503 "));
    CHECK_THAT(answer, Contains(R"("ready":false)") && Contains(R"("ending":true)") &&
                           Contains(R"("store":"writable")"));
    waited.silent.reset();
    CHECK(waited.served->end() == 0);
}

TEST_CASE("the address that is printed is one at which requests are taken") {
    const Served served({.address = "127.0.0.2"});
    const auto host = "Host: 127.0.0.2:" + std::to_string(served.port) + "\r\n";
    CHECK_THAT(served.ask("GET /health HTTP/1.1\r\n" + host), StartsWith("HTTP/1.1 200 "));
    CHECK_THAT(served.ask("GET /health HTTP/1.1\r\nHost: 127.0.0.3\r\n"), StartsWith("HTTP/1.1 403 "));
}

TEST_CASE("the log names address and token once the port is taken, and only the error when it is not free") {
    const Served served;
    const auto log = served.log();
    CHECK_THAT(log, Contains("serving url=" + served.printed.substr(std::string("listening on ").size())));
    CHECK_THAT(log, Contains("casefile token"));
    CHECK_THAT(log, !Contains(served.token()));

    const auto taken = run({program("casefile"), "serve", "--http",
                            "127.0.0.1:" + std::to_string(served.port), "--home", served.home()});
    CHECK(taken.exit_code == 1);
    CHECK_THAT(taken.err, Contains("expected a free port"));
    CHECK_THAT(taken.err, !Contains("serving"));
}

TEST_CASE("an address that is none is wrong usage") {
    TemporaryFolder folder;
    for (const std::string wrong : {"8765", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                                    ":80", "example.org:80", "[::1:80", "127.0.0.1.1:80"}) {
        const auto ran =
            run({program("casefile"), "serve", "--http", wrong, "--home", (folder.path() / "home").string()});
        INFO(wrong);
        CHECK(ran.exit_code == 2);
        CHECK_THAT(ran.err,
                   Contains("expected a numeric address and a port such as 127.0.0.1:8765, got " + wrong));
        CHECK_FALSE(std::filesystem::exists(folder.path() / "home"));
    }
}

TEST_CASE("a page of a configured origin may ask first, and read the answers") {
    const Served served({.config = R"({"http": {"origins": ["https://ide.example"]}})"});
    const std::string page = "Host: localhost\r\nOrigin: https://ide.example\r\n";
    const auto allowed =
        served.ask("OPTIONS /mcp HTTP/1.1\r\nAccess-Control-Request-Method: POST\r\n" + page);
    CHECK_THAT(allowed, StartsWith("HTTP/1.1 204 ") &&
                            Contains("Access-Control-Allow-Origin: https://ide.example\r\n"));
    const auto body = call_body("list_environments", {});
    const auto answer =
        served.ask(call_head(served.token(), "list_environments") + "Origin: https://ide.example\r\n", body);
    CHECK_THAT(answer, StartsWith("HTTP/1.1 200 ") &&
                           Contains("Access-Control-Allow-Origin: https://ide.example\r\n") &&
                           Contains("Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate\r\n"));
    CHECK_THAT(
        served.ask("OPTIONS /mcp HTTP/1.1\r\nAccess-Control-Request-Method: POST\r\nHost: localhost\r\n"
                   "Origin: https://other.example\r\n"),
        StartsWith("HTTP/1.1 403 ") && !Contains("Access-Control"));
}

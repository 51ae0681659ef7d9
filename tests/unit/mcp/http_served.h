#pragma once
// A server behind a real listener, and a client of plain sockets that speaks MCP to it.

#include "base/text.h"
#include "mcp/http_transport.h"
#include "tests/unit/mcp/fakes.h"
#include "tests/unit/net/client.h"

namespace casefile::mcp::test {

/// The headers `X-Principal` and `X-Scopes` stand for what a guard would have found out.
class HttpServed {
  public:
    explicit HttpServed(std::function<void(Catalog&)> fill = add_fixtures, std::size_t threads = 2,
                        const std::string& answer_scope = {})
        : clock(std::make_shared<ManualClock>()), pool_(threads, 64) {
        fill(catalog_);
        server = std::make_unique<Server>(Conversation::fixture_info(),
                                          ServerOptions{.state_key = "key of this installation",
                                                        .message_bytes_max = 1'000'000,
                                                        .answer_scope = answer_scope,
                                                        .clock = clock},
                                          catalog_, pool_, changes_);
        transport = std::make_unique<HttpTransport>(*server, "https://here.example/metadata");
        listener = net::open_listener(
            [this](net::Request request, std::shared_ptr<net::Exchange> exchange) {
                const auto* principal = request.headers.find("X-Principal");
                const auto* scopes = request.headers.find("X-Scopes");
                const auto words = split(scopes == nullptr ? "read" : *scopes, ' ');
                request.identity = {.principal = principal == nullptr ? "local:1000" : *principal,
                                    .scopes = {words.begin(), words.end()}};
                transport->handle(std::move(request), std::move(exchange));
            },
            {.body_bytes_max = 1'000'000});
    }

    std::shared_ptr<ManualClock> clock;

  private:
    Catalog catalog_;
    Changes changes_;
    WorkerPool pool_;

  public:
    // The listener ends first: until then there are requests.
    std::unique_ptr<Server> server;
    std::unique_ptr<HttpTransport> transport;
    std::unique_ptr<net::Listener> listener;
};

struct HttpAnswer {
    int status = 0;
    std::string head, body;
    json::object json() const { return parse(body); }
};

/// One kept connection.
class HttpClient {
  public:
    explicit HttpClient(HttpServed& served) : connection(served.listener->port()) {}

    /// Only asks, for streams and for clients that leave.
    void send(std::string_view method, const net::Headers& headers, std::string_view body) {
        std::string text(method);
        text += " /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n";
        for (const auto& [name, value] : headers.fields()) text += name + ": " + value + "\r\n";
        if (method == "POST")
            text +=
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
        connection.send(text + "\r\n" + std::string(body));
    }
    HttpAnswer post(const net::Headers& headers, std::string_view body) {
        send("POST", headers, body);
        return read();
    }
    HttpAnswer get(const net::Headers& headers) {
        send("GET", headers, "");
        return read();
    }
    HttpAnswer read() {
        const auto text = connection.read_response();
        const auto end = text.find("\r\n\r\n");
        REQUIRE(end != std::string::npos);
        return {std::stoi(text.substr(9, 3)), text.substr(0, end), text.substr(end + 4)};
    }

    /// The headers that a session of this revision sends from now on.
    net::Headers begin_session(std::string_view revision = "2025-11-25", net::Headers headers = {}) {
        const auto answer = post(headers, json::serialize(initialize(revision)));
        REQUIRE(answer.status == 200);
        const auto at = answer.head.find("Mcp-Session-Id: ");
        REQUIRE(at != std::string::npos);
        headers.add("Mcp-Session-Id", answer.head.substr(at + 16, 32));
        return headers;
    }

    net::Client connection;
};

inline net::Headers with(net::Headers headers, std::string name, std::string value) {
    headers.add(std::move(name), std::move(value));
    return headers;
}

inline net::Headers modern_headers(std::string method, std::string name = {}) {
    net::Headers headers{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", std::move(method)}};
    if (!name.empty()) headers.add("Mcp-Name", std::move(name));
    return headers;
}

}  // namespace casefile::mcp::test

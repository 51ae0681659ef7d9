#include "net/cross_origin.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::net {
namespace {

class ReadableExchange final : public Exchange {
  public:
    ReadableExchange(std::string origin, std::shared_ptr<Exchange> exchange)
        : origin_(std::move(origin)), exchange_(std::move(exchange)) {}

    void respond(Response response) override {
        let_read(origin_, response.headers);
        exchange_->respond(std::move(response));
    }
    void begin_stream(Headers headers) override {
        let_read(origin_, headers);
        exchange_->begin_stream(std::move(headers));
    }
    bool send(Event event) override { return exchange_->send(std::move(event)); }
    void end_stream() override { exchange_->end_stream(); }
    void when_slow(std::function<void()> slow) override { exchange_->when_slow(std::move(slow)); }
    void when_gone(std::function<void()> gone) override { exchange_->when_gone(std::move(gone)); }

  private:
    const std::string origin_;
    const std::shared_ptr<Exchange> exchange_;
};

/// Parameters of tools may travel in headers of their own names: a page says which.
bool is_parameter(std::string_view header) {
    constexpr std::string_view prefix = "mcp-param-";
    const auto in_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    return header.size() > prefix.size() && equals_ignoring_case(header.substr(0, prefix.size()), prefix) &&
           std::all_of(header.begin(), header.end(), in_name);
}

}  // namespace

std::optional<Response> answer_preflight(const Request& request, const std::string& origin) {
    if (request.method != "OPTIONS" || request.headers.count("Access-Control-Request-Method") == 0)
        return std::nullopt;
    std::string allowed =
        "authorization, content-type, accept, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name, "
        "last-event-id";
    if (const auto* asked = request.headers.find("Access-Control-Request-Headers"))
        for (const auto& header : split(*asked, ','))
            if (const auto name = trim(header); is_parameter(name)) allowed.append(", ").append(name);
    Response response{.status = 204,
                      .headers = {{"Access-Control-Allow-Methods", "GET, POST, DELETE"},
                                  {"Access-Control-Allow-Headers", std::move(allowed)},
                                  {"Access-Control-Max-Age", "600"}}};
    let_read(origin, response.headers);
    return response;
}

void let_read(const std::string& origin, Headers& headers) {
    headers.add("Access-Control-Allow-Origin", origin);
    headers.add("Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate");
    headers.add("Vary", "Origin");
}

std::shared_ptr<Exchange> readable_from(std::string origin, std::shared_ptr<Exchange> exchange) {
    return std::make_shared<ReadableExchange>(std::move(origin), std::move(exchange));
}

}  // namespace casefile::net

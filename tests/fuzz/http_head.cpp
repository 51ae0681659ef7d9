// Requests as bytes: read the same whole or byte by byte, and what the newer era wants of their headers is
// decided for each of them.

#include <optional>

#include "mcp/http_rules.h"
#include "net/request_parser.h"
#include "tests/fuzz/fixture_catalog.h"
#include "tests/fuzz/fuzz.h"

using namespace casefile;
using namespace casefile::fuzz;

namespace {

constexpr std::size_t head_bytes_max = 2'048;
constexpr std::size_t body_bytes_max = 4'096;

struct Reading {
    std::optional<int> refused;
    std::optional<net::Request> request;
};

/// As a connection does it: what the parser leaves is shown again, with more.
Reading read(std::string_view text, std::size_t step) {
    net::RequestParser parser(head_bytes_max, body_bytes_max);
    Reading reading;
    std::string waiting;
    while (!text.empty() && !parser.complete()) {
        waiting += text.substr(0, step);
        text.remove_prefix(std::min(step, text.size()));
        std::string_view rest = waiting;
        if (const auto refusal = parser.read(rest)) {
            promise(refusal->status >= 400 && refusal->status < 600, "a refusal has its status");
            reading.refused = refusal->status;
            return reading;
        }
        waiting.erase(0, waiting.size() - rest.size());
        promise(parser.body_bytes() <= body_bytes_max, "no body is longer than allowed");
        promise(waiting.size() <= head_bytes_max + step, "no more is kept than allowed");
    }
    if (parser.complete()) reading.request = parser.take();
    return reading;
}

void read_as_modern(const net::Request& request) {
    static const mcp::Catalog catalog = [] {
        mcp::Catalog all;
        add_fixtures(all);
        return all;
    }();
    for (const auto& [name, value] : request.headers.fields()) mcp::header_value(value);
    const auto incoming = mcp::parse_message(request.body);
    mcp::is_modern_post(request.headers, incoming);
    for (const auto& message : incoming.messages) {
        const auto* one = std::get_if<mcp::Request>(&message);
        if (one == nullptr) continue;
        if (const auto problem = mcp::header_problem(request.headers, *one, catalog))
            promise(problem->code == mcp::rpc::header_mismatch && problem->http_status == 400,
                    "wrong headers have one code", problem->message);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of(data, size);
    const auto whole = read(text, text.size() + 1);
    const auto slow = read(text, 1);
    promise(whole.request.has_value() == slow.request.has_value(), "how fast it comes changes nothing", text);
    if (!whole.request) return 0;
    promise(whole.request->body == slow.request->body && whole.request->path == slow.request->path &&
                whole.request->headers.fields() == slow.request->headers.fields(),
            "a request is read the same whole and byte by byte", text);
    read_as_modern(*whole.request);
    return 0;
}

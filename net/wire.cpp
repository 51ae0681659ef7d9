#include "net/wire.h"

#include <array>
#include <charconv>
#include <ctime>

namespace casefile::net {
namespace {

constexpr std::pair<int, std::string_view> reasons[] = {
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

// A client goes by the number alone; a status without a name here is as good.
std::string_view reason_of(int status) {
    for (const auto& [number, reason] : reasons)
        if (number == status) return reason;
    return {};
}

// Control characters would start another field, or another response.
void append_in_line(std::string& out, std::string_view text) {
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    append_in_line(out, name);
    out += ": ";
    append_in_line(out, value);
    out += "\r\n";
}

// RFC 9110 section 5.6.7.
std::string date_now() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string start_head(int status, const Headers& headers, const Reply& reply) {
    std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
    out += reason_of(status);
    out += "\r\n";
    for (const auto& [name, value] : headers.fields()) append_field(out, name, value);
    append_field(out, "Date", date_now());
    if (!reply.keep_alive) append_field(out, "Connection", "close");
    return out;
}

}  // namespace

std::string encode_response(const Response& response, const Reply& reply) {
    std::string out = start_head(response.status, response.headers, reply);
    if (response.headers.count("Cache-Control") == 0) append_field(out, "Cache-Control", "no-store");
    if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
    const bool without_body = response.status < 200 || response.status == 204 || response.status == 304;
    if (!without_body) append_field(out, "Content-Length", std::to_string(response.body.size()));
    out += "\r\n";
    if (without_body || reply.head_only) return out;
    out.reserve(out.size() + response.body.size());
    out += response.body;
    return out;
}

std::string encode_stream_head(const Headers& headers, const Reply& reply) {
    std::string out = start_head(200, headers, reply);
    append_field(out, "Content-Type", "text/event-stream");
    append_field(out, "Cache-Control", "no-cache");
    append_field(out, "X-Accel-Buffering", "no");
    if (reply.chunked) append_field(out, "Transfer-Encoding", "chunked");
    out += "\r\n";
    return out;
}

std::string encode_event(const Event& event) {
    std::string out;
    out.reserve(event.id.size() + event.data.size() + 48);
    if (!event.id.empty()) {
        out += "id: ";
        append_in_line(out, event.id);
        out += "\n";
    }
    if (event.retry_ms) out += "retry: " + std::to_string(*event.retry_ms) + "\n";
    // The client puts the lines of one event together again.
    std::string_view rest = event.data;
    for (;;) {
        const auto end = rest.find_first_of("\r\n");
        out += "data: ";
        out += rest.substr(0, end);
        out += "\n";
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    out += "\n";
    return out;
}

std::string encode_chunk(std::string_view text, const Reply& reply) {
    if (!reply.chunked) return std::string(text);
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), text.size(), 16).ptr;
    std::string out;
    out.reserve(text.size() + digits.size() + 4);
    out.append(digits.data(), end);
    out += "\r\n";
    out += text;
    out += "\r\n";
    return out;
}

std::string_view last_chunk(const Reply& reply) { return reply.chunked ? "0\r\n\r\n" : ""; }

}  // namespace casefile::net

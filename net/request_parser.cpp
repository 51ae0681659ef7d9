#include "net/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace casefile::net {

namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

// Beast checks the grammar; this keeps what it found, and adds the rules that Beast leaves to its caller.
class RequestParser::Reader final : public http::basic_parser<true> {
  public:
    Request request;
    bool http_1_1 = false;
    bool awaits_continue = false;
    std::string refusal;  // what is wrong with the head, where Beast has no word for it

  private:
    void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int version,
                         error_code& error) override {
        http_1_1 = version >= 11;
        request.method.assign(method.data(), method.size());
        std::string_view rest{target.data(), target.size()};
        for (const std::string_view scheme : {"http://", "https://"}) {
            if (!equals_ignoring_case(rest.substr(0, scheme.size()), scheme)) continue;
            rest.remove_prefix(scheme.size());
            const auto end = std::min(rest.find_first_of("/?"), rest.size());
            authority_ = rest.substr(0, end);
            rest.remove_prefix(end);
        }
        const auto question = rest.find('?');
        request.path = rest.substr(0, question);
        if (request.path.empty()) request.path = "/";
        if (question != std::string_view::npos) request.query = rest.substr(question + 1);
        if (rest.find('#') != std::string_view::npos) refuse("a request target without #", rest, error);
    }

    void on_field_impl(http::field, beast::string_view name, beast::string_view value, error_code&) override {
        // What follows a chunked body must not pass for a field that was checked.
        if (in_body_) return;
        request.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }

    void on_header_impl(error_code& error) override {
        const auto& headers = request.headers;
        const auto encodings = headers.count("Transfer-Encoding");
        if (encodings > 0) {
            const auto* encoding = headers.find("Transfer-Encoding");
            if (encoding == nullptr || !equals_ignoring_case(*encoding, "chunked"))
                return refuse("one Transfer-Encoding, chunked", encoding ? *encoding : "several", error);
            if (!http_1_1) return refuse("no Transfer-Encoding in HTTP/1.0", *encoding, error);
            if (headers.count("Content-Length") > 0)
                return refuse("a Content-Length or a Transfer-Encoding", "both", error);
        }
        if (const auto lengths = headers.count("Content-Length"); lengths > 0) {
            // Beast takes a list of equal lengths for one.
            const auto* length = headers.find("Content-Length");
            if (length == nullptr || length->find_first_not_of("0123456789") != std::string::npos)
                return refuse("one Content-Length", length ? *length : "several", error);
        }
        if (authority_) {
            const auto* host = headers.find("Host");
            if (host == nullptr || !equals_ignoring_case(*host, *authority_))
                return refuse("a Host equal to the one in the request target", *authority_, error);
        }
        const auto* expected = headers.find("Expect");
        awaits_continue = expected != nullptr && equals_ignoring_case(*expected, "100-continue") && http_1_1;
        in_body_ = true;
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
        request.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
        request.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_finish_impl(error_code&) override {}
    void on_response_impl(int, beast::string_view, int, error_code&) override {}

    void refuse(std::string_view expected, std::string_view got, error_code& error) {
        refusal = "request head: expected " + std::string(expected) + ", got " + shorten(printable(got), 80);
        error = http::error::bad_value;
    }

    std::optional<std::string> authority_;
    bool in_body_ = false;
};

RequestParser::RequestParser(std::size_t head_bytes_max, std::size_t body_bytes_max)
    : reader_(std::make_unique<Reader>()), head_bytes_max_(head_bytes_max), body_bytes_max_(body_bytes_max) {
    reader_->header_limit(static_cast<std::uint32_t>(head_bytes_max));
    reader_->body_limit(body_bytes_max);
}

RequestParser::~RequestParser() = default;

std::optional<Response> RequestParser::read(std::string_view& bytes) {
    // An empty line before a request is a habit of old clients (RFC 9112, 2.2).
    while (!reader_->got_some() && bytes.starts_with("\r\n")) bytes.remove_prefix(2);
    if (!reader_->got_some() && bytes == "\r") return std::nullopt;

    error_code error;
    while (!bytes.empty() && !reader_->is_done() && !error) {
        const bool in_head = !reader_->is_header_done();
        // Beast asserts that a last chunk which came as three bytes goes on with two. It always goes on, so
        // it is shown with the next.
        if (!in_head && reader_->chunked() && bytes == "0\r\n") break;
        // Beast takes a line between chunks whole, and the trailer with the last chunk. It is shown no more
        // than these may be long, so that what comes at once is no longer than what comes byte by byte.
        const auto shown = !in_head && reader_->chunked() ? bytes.substr(0, head_bytes_max_) : bytes;
        const bool all = shown.size() == bytes.size();
        const auto used = reader_->put(boost::asio::const_buffer(shown.data(), shown.size()), error);
        bytes.remove_prefix(used);
        if (in_head) head_bytes_ += used;
        if (error == http::error::need_more && used > 0 && !all) error = {};
    }
    if (error == http::error::body_limit)
        return error_response(
            413, "request body: expected at most " + std::to_string(body_bytes_max_) + " bytes, got more",
            "send less in one request");
    const auto head_bytes = head_bytes_ + (reader_->is_header_done() ? 0 : bytes.size());
    if (error == http::error::header_limit || head_bytes > head_bytes_max_)
        return error_response(
            431, "request head: expected at most " + std::to_string(head_bytes_max_) + " bytes, got more",
            "send fewer or shorter header fields");
    // A line between chunks has no end in sight.
    const bool line_too_long = error == http::error::need_more && bytes.size() > head_bytes_max_;
    if (line_too_long || (error && error != http::error::need_more))
        return error_response(400,
                              reader_->refusal.empty()
                                  ? "request: expected HTTP/1.1, got what is none: " +
                                        (line_too_long ? "line too long" : error.message())
                                  : reader_->refusal,
                              "send one well-formed HTTP/1.1 request at a time");
    return std::nullopt;
}

bool RequestParser::head_complete() const { return reader_->is_header_done(); }
bool RequestParser::complete() const { return reader_->is_done(); }
bool RequestParser::awaits_continue() const { return reader_->awaits_continue && !complete(); }
bool RequestParser::keep_alive() const { return is_http_1_1() && reader_->keep_alive(); }
bool RequestParser::is_http_1_1() const { return reader_->http_1_1; }
std::size_t RequestParser::body_bytes() const { return reader_->request.body.size(); }
Request& RequestParser::request() { return reader_->request; }
Request RequestParser::take() { return std::move(reader_->request); }

}  // namespace casefile::net

#pragma once
// Reads one request from bytes as they come, and refuses what two servers could read in two ways.

#include <memory>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace casefile::net {

class RequestParser {
  public:
    RequestParser(std::size_t head_bytes_max, std::size_t body_bytes_max);
    ~RequestParser();

    /// Takes from the front of `bytes` what it has understood; the rest is to be shown again, with more. A
    /// response is a refusal: nothing more can be read from this client.
    std::optional<Response> read(std::string_view& bytes);

    bool head_complete() const;
    bool complete() const;
    /// The client waits for leave to send its body.
    bool awaits_continue() const;
    /// Whether the client may keep the connection; HTTP/1.0 may not.
    bool keep_alive() const;
    bool is_http_1_1() const;
    std::size_t body_bytes() const;
    /// What has come of it.
    Request& request();
    Request take();

  private:
    class Reader;
    std::unique_ptr<Reader> reader_;
    std::size_t head_bytes_max_;
    std::size_t body_bytes_max_;
    std::size_t head_bytes_ = 0;
};

}  // namespace casefile::net

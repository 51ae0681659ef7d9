#pragma once
// Listens on HTTP/1.1 (Boost.Beast), with or without TLS, and hands whole requests to one handler. Knows no
// routes.

#include <chrono>
#include <memory>

#include "base/error.h"
#include "net/http.h"

namespace casefile::net {

struct HttpLimits {
    std::size_t head_bytes_max = 16'384;
    std::size_t body_bytes_max = 16'777'216;
    std::size_t bodies_bytes_max = 268'435'456;  ///< of all requests being read; beyond, one is answered 503
    std::size_t connections_max = 2'048;         ///< one more is answered 503 and closed
    std::size_t queue_bytes_max = 67'108'864;  ///< unsent bytes of one stream; beyond, the client is cut off
    std::chrono::milliseconds request_time{30'000};  ///< from a request's first byte to its last
    std::chrono::milliseconds idle_time{120'000};    ///< a kept connection without a request
    std::chrono::milliseconds stall_time{30'000};    ///< a client that reads nothing of what waits for it
    std::chrono::milliseconds keep_alive_time{
        15'000};  ///< between the comment lines of a quiet stream; see Exchange::when_slow()
};

struct ListenOptions {
    std::string address = "127.0.0.1";  ///< numeric
    std::uint16_t port = 0;             ///< 0: any free one
    std::string certificate_file;       ///< PEM chain; both empty: no TLS
    std::string key_file;               ///< PEM
    HttpLimits limits;
};

/// Asked about a request whose head came without the whole of its body, before more of that is read. An
/// answer refuses it and closes the connection; otherwise what is noted in the request reaches the handler.
/// On the I/O thread.
using HeadCheck = std::function<std::optional<Response>(Request& head)>;

/// One I/O thread. Errors of single connections end that connection alone.
class Listener {
  public:
    /// invalid_argument when the options make no sense, unavailable when the address is taken or the
    /// certificate cannot be read.
    static Result<std::unique_ptr<Listener>> open(ListenOptions options, Handler handler,
                                                  HeadCheck check_head = {});
    /// Closes every connection; no handler runs afterwards. Not from within a handler.
    virtual ~Listener() = default;
    virtual std::uint16_t port() const = 0;
    virtual std::size_t connections() const = 0;
};

}  // namespace casefile::net

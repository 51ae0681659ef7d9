#pragma once
// One HTTP exchange as its handler sees it: plain data in, a whole response or a stream of events out. No
// Beast, no sockets, no MCP.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace casefile::net {

/// Header fields in the order they came. Names compare without case.
class Headers {
  public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// The value of the only field of that name. Null when there is none, or more than one.
    const std::string* find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Who asks, as the guard found out.
struct Identity {
    std::string principal;         ///< "local:1000", or "<issuer>#<subject>"
    std::set<std::string> scopes;  ///< "read", "confirm"
};

struct Request {
    std::string method;
    std::string path;   ///< as sent, without the query
    std::string query;  ///< without its question mark
    Headers headers;
    std::string body;
    Identity identity = {};  ///< empty on a route that is open to all
    bool admitted = false;   ///< the guard has seen the head and let it in
};

struct Response {
    int status = 200;
    std::string content_type;  ///< empty where there is no body
    std::string body;
    Headers headers = {};
};

/// {"error": {"message", "hint"}}: what failed, what was expected and got; what to do next.
Response error_response(int status, std::string_view message, std::string_view hint);

/// One server-sent event.
struct Event {
    std::string data;  ///< no newline; empty only primes the client with an id
    std::string id = {};
    std::optional<std::int64_t> retry_ms = {};
};

/// The way back of one request: respond() once, or begin_stream() and then events. Any thread may call it,
/// also after the connection is gone; nothing blocks. Letting go of it unanswered answers 500; of a stream
/// that has not ended, closes the connection without the stream's end.
class Exchange {
  public:
    virtual ~Exchange() = default;
    virtual void respond(Response response) = 0;
    /// A response of type text/event-stream. Comment lines keep a quiet one alive.
    virtual void begin_stream(Headers headers) = 0;
    /// False when the client is gone, or so far behind that the limit of its queue is reached and the stream
    /// was cut.
    virtual bool send(Event event) = 0;
    virtual void end_stream() = 0;
    /// Runs `slow` once, on the I/O thread, when nothing of the response was said within keep_alive_time: a
    /// stream that is begun then is kept alive.
    virtual void when_slow(std::function<void()> slow) = 0;
    /// Runs `gone` once, when the client goes away before the response is complete; at once when it is gone
    /// already. A client that only stops sending has gone as well. Otherwise on the I/O thread: no slow work.
    virtual void when_gone(std::function<void()> gone) = 0;
};

/// Called on the I/O thread: anything slow goes to a worker, and the exchange with it.
using Handler = std::function<void(Request request, std::shared_ptr<Exchange> exchange)>;

}  // namespace casefile::net

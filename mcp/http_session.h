#pragma once
// A session of the older era over HTTP: one client, the streams that its requests are answered on, and what
// is kept of them so that a client that lost its connection can resume (2025-11-25, basic/transports,
// "Resumability").

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "mcp/client.h"
#include "net/http.h"

namespace casefile::mcp {

/// One stream of events with ids. It goes on without a connection: events wait for the client to come back.
/// Safe to use from any thread.
class HttpStream : public Outbox {
  public:
    /// Kept for a client that comes back; of a longer stream the oldest events are forgotten.
    static constexpr std::size_t events_max = 256;
    static constexpr std::size_t bytes_max = 4'194'304;

    /// `primed`: the stream begins with an id and no data, so that it can be resumed before its first
    /// message.
    HttpStream(std::uint64_t number, bool primed) : number_(number), primed_(primed) {}

    /// Answers the request of this connection with the stream; headers go out with whatever comes first.
    void attach(std::shared_ptr<net::Exchange> exchange, net::Headers headers);
    /// Streams at once, with everything after event `after` first. False, with nothing done, when the client
    /// cannot have that event, or needs nothing: the stream never began, did not come so far, or is over and
    /// told.
    bool resume(std::shared_ptr<net::Exchange> exchange, std::uint64_t after);
    /// Streams at once, with what no connection took so far.
    void listen(std::shared_ptr<net::Exchange> exchange);

    void send(std::string_view message) override;
    void finish(std::string message, int http_status) override;
    void close() override;
    void pause() override;
    /// Before there is anything to say, so that nobody on the way takes the silence for the end.
    void begin_early();

    bool is_over() const;
    bool is_connected() const;
    /// That connection is gone. One that came after it stays.
    void let_go(const net::Exchange& gone);

  private:
    struct Kept {
        std::uint64_t number;
        std::string message;
    };

    void begin_stream();
    void take_over(std::shared_ptr<net::Exchange> exchange, std::uint64_t after);
    void keep(std::string message);
    bool deliver(const Kept& event);
    void end();
    std::string id_of(std::uint64_t event) const;

    const std::uint64_t number_;
    const bool primed_;
    mutable std::mutex mutex_;
    std::shared_ptr<net::Exchange> exchange_;  ///< null while the client is away
    net::Headers headers_;
    bool streaming_ = false;  ///< the response has begun as a stream
    bool over_ = false;
    std::list<Kept> events_;  ///< most streams never have one
    std::size_t bytes_ = 0;
    std::uint64_t last_event_ = 0;
    std::uint64_t delivered_ = 0;  ///< the last event that a connection took
};

class HttpSession : public std::enable_shared_from_this<HttpSession> {
  public:
    HttpSession(std::string principal, const Clock& clock);

    const std::string& id() const { return id_; }
    const std::shared_ptr<Client>& client() const { return client_; }

    /// The stream on which one POST is answered.
    std::shared_ptr<HttpStream> open_stream();
    /// The stream for what belongs to no request.
    void listen(std::shared_ptr<net::Exchange> exchange);
    /// True while a connection has that stream.
    bool is_listening() const { return pushes_->is_connected(); }
    /// True while the answer to a POST is still to come.
    bool is_answering() const;
    /// False for an id that was never given out, or is forgotten.
    bool resume(std::string_view last_event_id, std::shared_ptr<net::Exchange> exchange);
    void end();

    /// Used now. So it was for as long as somebody listened.
    void touch();
    WallTime last_used() const;

  private:
    static constexpr std::size_t streams_kept = 64;

    void watch(const std::shared_ptr<net::Exchange>& exchange);

    const std::string id_;
    const Clock& clock_;
    const std::shared_ptr<HttpStream> pushes_;
    const std::shared_ptr<Client> client_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, std::shared_ptr<HttpStream>> streams_;
    std::uint64_t last_stream_ = 0;
    WallTime last_used_{};
};

}  // namespace casefile::mcp

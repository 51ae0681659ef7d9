#pragma once
// What a handler has said and its connection has not taken yet: the one thing that both threads touch.

#include <mutex>

#include "net/http.h"

namespace casefile::net {

class MailReceiver {
  public:
    /// Comes from any thread, once until the next take().
    virtual void wake() = 0;

  protected:
    ~MailReceiver() = default;
};

class Mailbox {
  public:
    struct Mail {
        std::optional<Response> response;
        std::optional<Headers> stream;  ///< a stream begins
        std::string events;
        bool ended = false;      ///< the stream is whole
        bool abandoned = false;  ///< the stream is not, and never will be
    };

    /// `receiver` has to live until detach().
    Mailbox(MailReceiver& receiver, std::size_t queue_bytes_max)
        : receiver_(&receiver), queue_bytes_max_(queue_bytes_max) {}

    // The handler's side, from any thread.
    void respond(Response response);
    void begin_stream(Headers headers);
    bool send(const Event& event);
    void end_stream();
    void when_slow(std::function<void()> slow);
    void when_gone(std::function<void()> gone);
    /// Nobody is left to answer.
    void abandon();

    // The connection's side.
    /// The client is too far behind: what it has not got is lost.
    bool overflowed();
    Mail take();
    /// Everything taken was written. True when more has come meanwhile.
    bool written();
    /// Nothing has come for long.
    void slow();
    /// Nothing more is taken. Tells the handler, unless it has said everything.
    void detach();

  private:
    enum class Stage { open, streaming, complete };

    void ring();

    std::mutex mutex_;
    MailReceiver* receiver_;  // null once the connection has let go
    const std::size_t queue_bytes_max_;
    Stage stage_ = Stage::open;
    Mail mail_;
    std::size_t in_flight_ = 0;
    bool rung_ = false;
    bool overflowed_ = false;
    std::vector<std::function<void()>> gone_;
    std::function<void()> slow_;
};

/// The exchange that a handler holds.
std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Mailbox> mailbox);

}  // namespace casefile::net

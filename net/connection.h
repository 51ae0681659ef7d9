#pragma once
// One client: requests one after the other, each read whole, handed over, answered. Driven by readiness: an
// idle connection waits without a buffer.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/listener.h"
#include "net/mailbox.h"
#include "net/request_parser.h"
#include "net/transport.h"
#include "net/wire.h"

namespace casefile::net {

/// What the connections of one listener share. For the I/O thread alone.
struct Shared {
    HttpLimits limits;
    Handler handler;
    HeadCheck check_head;  ///< may be empty
    std::function<void(class Connection&)> on_close;
    std::size_t body_bytes = 0;  ///< of all requests that are being read
    std::vector<char> scratch = std::vector<char>(65'536);
};

/// Everything but wake() happens on the I/O thread.
class Connection final : public std::enable_shared_from_this<Connection>, public MailReceiver {
  public:
    using Socket = boost::asio::ip::tcp::socket;

    /// Both have to outlive close().
    Connection(boost::asio::io_context& io, Shared& shared, Socket socket,
               std::unique_ptr<Transport> transport);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    /// Answers the first request with 503 as soon as the client can hear it, whatever it is.
    void start_full();
    bool turned_away() const { return turned_away_; }
    /// Drops the client and tells a handler that is still busy. A reset makes the kernel forget what is
    /// unsent.
    void close(bool reset = false);

  private:
    using Clock = std::chrono::steady_clock;
    enum class Phase { handshake, reading, busy, streaming, finishing, lingering, closed };

    void wake() override;

    template <class Work>
    void alone(Work work);
    void on_ready();
    void on_mail();
    void on_time();

    bool shake_hands();
    void read();
    bool wants_bytes() const;
    void take(std::string_view bytes);
    void parse(std::string_view bytes);
    void hand_over();
    void client_left();

    void refuse(Response response);
    void send(std::string bytes);
    bool write();
    void after_write();
    void next_request();
    void linger();

    void enter(Phase phase);
    void wait();
    void wait_for(Socket::wait_type readiness, bool& waiting);
    Clock::time_point due() const;
    void hold_body(std::size_t bytes);

    boost::asio::io_context& io_;
    Shared& shared_;
    Socket socket_;
    std::unique_ptr<Transport> transport_;
    boost::asio::steady_timer timer_;
    Clock::time_point timer_at_ = Clock::time_point::max();

    Phase phase_ = Phase::handshake;
    Clock::time_point since_;                // when the phase, or in it the request, began
    Clock::time_point written_at_;           // when the client last took something
    std::unique_ptr<RequestParser> parser_;  // while a request is being read
    std::shared_ptr<Mailbox> mailbox_;       // while a handler has one
    Reply reply_;
    std::string in_;   // bytes that no request has taken yet
    std::string out_;  // bytes that the client has not taken yet, from out_at_
    std::size_t out_at_ = 0;
    std::size_t body_held_ = 0;
    bool head_checked_ = false;
    bool told_to_continue_ = false;
    bool turned_away_ = false;
    bool told_slow_ = false;
    bool client_ended_ = false;
    bool reads_on_write_ = false;  // TLS wants to write before it can read
    bool waiting_to_read_ = false;
    bool waiting_to_write_ = false;
};

}  // namespace casefile::net

#include "net/connection.h"

#include <boost/asio/post.hpp>

namespace casefile::net {
namespace {

// How long a refused client may go on sending before the answer is taken for heard.
constexpr std::chrono::milliseconds linger_time{2'000};

// Small buffers are kept from request to request, large ones are given back.
void empty(std::string& buffer) {
    if (buffer.capacity() > 4'096) buffer = {};
    buffer.clear();
}

Response full() {
    auto response = error_response(503, "too many connections: expected a free one, got none",
                                   "close idle connections, or try again in a second");
    response.headers.add("Retry-After", "1");
    return response;
}

}  // namespace

Connection::Connection(boost::asio::io_context& io, Shared& shared, Socket socket,
                       std::unique_ptr<Transport> transport)
    : io_(io), shared_(shared), socket_(std::move(socket)), transport_(std::move(transport)), timer_(io) {}

void Connection::start() {
    enter(Phase::handshake);
    alone([this] { on_ready(); });
}

void Connection::start_full() {
    turned_away_ = true;
    start();
}

void Connection::close(bool reset) {
    if (phase_ == Phase::closed) return;
    phase_ = Phase::closed;
    hold_body(0);
    boost::system::error_code ignored;
    if (reset) socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    timer_.cancel();
    // First the count, then what the client can see.
    const auto self = shared_from_this();
    shared_.on_close(*this);
    socket_.close(ignored);
    if (const auto mailbox = std::exchange(mailbox_, nullptr)) mailbox->detach();
}

void Connection::wake() {
    boost::asio::post(io_, [self = shared_from_this()] { self->alone([&] { self->on_mail(); }); });
}

// Whatever goes wrong here, memory included, ends this connection alone.
template <class Work>
void Connection::alone(Work work) {
    try {
        if (phase_ == Phase::closed) return;
        work();
        if (phase_ != Phase::closed) wait();
    } catch (const std::exception&) {
        close();
    }
}

void Connection::on_ready() {
    if (phase_ == Phase::handshake && !shake_hands()) return;
    if (out_at_ < out_.size() && write()) after_write();
    if (wants_bytes()) read();
}

bool Connection::shake_hands() {
    const auto io = transport_->shake_hands();
    reads_on_write_ = io.state == Io::State::want_write;
    if (io.state == Io::State::want_read || io.state == Io::State::want_write) return false;
    if (io.state != Io::State::done) {
        close();
        return false;
    }
    enter(Phase::reading);
    if (turned_away_) refuse(full());
    return phase_ != Phase::closed;
}

bool Connection::wants_bytes() const {
    if (phase_ == Phase::closed || client_ended_) return false;
    if (phase_ == Phase::busy || phase_ == Phase::streaming || phase_ == Phase::finishing)
        // Reading on is how a client that leaves is noticed; one that sends ahead without end is not read to
        // the end.
        return in_.size() < shared_.limits.head_bytes_max;
    return true;
}

void Connection::read() {
    do {
        const auto io = transport_->read(shared_.scratch.data(), shared_.scratch.size());
        reads_on_write_ = io.state == Io::State::want_write;
        if (io.state == Io::State::want_read || io.state == Io::State::want_write) return;
        if (io.state == Io::State::failed) return close();
        if (io.state == Io::State::ended) return client_left();
        take({shared_.scratch.data(), io.bytes});
    } while (wants_bytes() && transport_->buffered());
}

void Connection::take(std::string_view bytes) {
    if (phase_ == Phase::reading) return parse(bytes);
    if (phase_ != Phase::lingering) in_ += bytes;
}

void Connection::parse(std::string_view bytes) {
    if (!parser_) {
        parser_ =
            std::make_unique<RequestParser>(shared_.limits.head_bytes_max, shared_.limits.body_bytes_max);
        head_checked_ = false;
        told_to_continue_ = false;
        since_ = Clock::now();
    }
    if (!in_.empty()) bytes = in_ += bytes;
    auto rest = bytes;
    const auto refusal = parser_->read(rest);
    if (in_.empty())
        in_ = rest;
    else
        in_.erase(0, in_.size() - rest.size());
    if (refusal) return refuse(*refusal);

    // Bodies share their room: nobody takes of it who has no right to be heard.
    if (shared_.check_head && parser_->head_complete() && !parser_->complete() &&
        !std::exchange(head_checked_, true))
        if (auto answer = shared_.check_head(parser_->request())) return refuse(*std::move(answer));
    hold_body(parser_->body_bytes());
    if (shared_.body_bytes > shared_.limits.bodies_bytes_max)
        return refuse(error_response(503, "request bodies: expected room for another, got too many at once",
                                     "try again in a second"));
    if (parser_->complete()) return hand_over();
    if (parser_->awaits_continue() && !std::exchange(told_to_continue_, true))
        send("HTTP/1.1 100 Continue\r\n\r\n");
}

void Connection::hand_over() {
    auto request = parser_->take();
    reply_ = {.keep_alive = parser_->keep_alive(),
              .head_only = request.method == "HEAD",
              .chunked = parser_->is_http_1_1()};
    parser_.reset();
    hold_body(0);
    if (in_.empty()) empty(in_);
    enter(Phase::busy);
    mailbox_ = std::make_shared<Mailbox>(*this, shared_.limits.queue_bytes_max);
    auto exchange = make_exchange(mailbox_);
    try {
        shared_.handler(std::move(request), std::move(exchange));
    } catch (const std::exception&) {
        // Letting go of the exchange answered 500.
        return;
    }
}

void Connection::client_left() {
    client_ended_ = true;
    // What is written already may still be read by a client that has closed its side only.
    if (phase_ != Phase::finishing) close();
}

void Connection::on_mail() {
    if (!mailbox_) return;
    if (mailbox_->overflowed()) return close(true);
    if (out_at_ < out_.size()) return;  // after_write() comes back
    auto mail = mailbox_->take();
    std::string bytes;
    const bool answered = mail.response.has_value();
    if (answered) bytes = encode_response(*mail.response, reply_);
    // A large one would be in memory twice while it is sent.
    mail.response.reset();
    if (mail.stream) {
        reply_.keep_alive = reply_.keep_alive && reply_.chunked;
        bytes = encode_stream_head(*mail.stream, reply_);
        enter(Phase::streaming);
    }
    if (!mail.events.empty() && !reply_.head_only) bytes += encode_chunk(mail.events, reply_);
    if (mail.ended && !reply_.head_only) bytes += last_chunk(reply_);
    if (mail.abandoned) reply_.keep_alive = false;
    const bool over =
        answered || mail.ended || mail.abandoned || (phase_ == Phase::streaming && reply_.head_only);
    if (!over && bytes.empty()) return;
    if (over) {
        enter(Phase::finishing);
        std::exchange(mailbox_, nullptr)->detach();
    }
    send(std::move(bytes));
}

void Connection::refuse(Response response) {
    reply_ = {.keep_alive = false};
    parser_.reset();
    hold_body(0);
    empty(in_);
    enter(Phase::finishing);
    send(encode_response(response, reply_));
}

void Connection::send(std::string bytes) {
    if (out_.empty())
        out_ = std::move(bytes);
    else
        out_ += bytes;
    if (write()) after_write();
}

// True when everything is written.
bool Connection::write() {
    if (out_at_ == 0) written_at_ = Clock::now();
    while (out_at_ < out_.size()) {
        const auto io = transport_->write(std::string_view(out_).substr(out_at_));
        if (io.state == Io::State::want_write) return false;
        if (io.state != Io::State::done) {
            close();
            return false;
        }
        out_at_ += io.bytes;
        written_at_ = Clock::now();
    }
    empty(out_);
    out_at_ = 0;
    return true;
}

void Connection::after_write() {
    if (phase_ == Phase::finishing) return reply_.keep_alive && !client_ended_ ? next_request() : linger();
    if (!mailbox_) return;
    // Mail that came while the last was being written may have rung in vain.
    if (mailbox_->written()) wake();
}

void Connection::next_request() {
    enter(Phase::reading);
    if (!in_.empty()) parse({});
}

// Closing with bytes unread would reset the connection, and the client might never see its answer.
void Connection::linger() {
    if (client_ended_) return close();
    transport_->finish();
    enter(Phase::lingering);
}

void Connection::on_time() {
    const auto now = Clock::now();
    if (now < due()) return;
    if (out_at_ < out_.size() && now >= written_at_ + shared_.limits.stall_time) return close(true);
    if (phase_ == Phase::streaming) return send(encode_chunk(":\n\n", reply_));
    if (phase_ == Phase::busy) {
        told_slow_ = true;
        return mailbox_->slow();
    }
    if (phase_ != Phase::reading || !parser_) return close();
    refuse(error_response(408,
                          "request: expected it whole within " +
                              std::to_string(shared_.limits.request_time.count()) + " ms, got a part of it",
                          "send the whole request at once"));
}

Connection::Clock::time_point Connection::due() const {
    const auto& limits = shared_.limits;
    const auto stalled = out_at_ < out_.size() ? written_at_ + limits.stall_time : Clock::time_point::max();
    switch (phase_) {
        case Phase::handshake:
            return since_ + limits.request_time;
        case Phase::reading:
            return std::min(stalled, since_ + (parser_ ? limits.request_time : limits.idle_time));
        case Phase::streaming:
            return out_.empty() ? written_at_ + limits.keep_alive_time : stalled;
        case Phase::busy:
            return told_slow_ ? stalled : std::min(stalled, since_ + limits.keep_alive_time);
        case Phase::lingering:
            return since_ + linger_time;
        default:
            return stalled;
    }
}

void Connection::enter(Phase phase) {
    phase_ = phase;
    told_slow_ = false;
    since_ = Clock::now();
}

// Arms what can move this connection next.
void Connection::wait() {
    const bool reads = phase_ == Phase::handshake || wants_bytes();
    if (reads && phase_ != Phase::handshake && transport_->buffered())
        boost::asio::post(io_, [self = shared_from_this()] { self->alone([&] { self->on_ready(); }); });
    else if (reads)
        wait_for(Socket::wait_read, waiting_to_read_);
    if (out_at_ < out_.size() || reads_on_write_) wait_for(Socket::wait_write, waiting_to_write_);

    // A timer that fires too early looks again; so it is moved only to fire earlier.
    const auto at = due();
    if (at >= timer_at_) return;
    timer_at_ = at;
    timer_.expires_at(at);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (error) return;
        self->timer_at_ = Clock::time_point::max();
        self->alone([&] { self->on_time(); });
    });
}

void Connection::wait_for(Socket::wait_type readiness, bool& waiting) {
    if (std::exchange(waiting, true)) return;
    socket_.async_wait(readiness, [self = shared_from_this(), &waiting](boost::system::error_code error) {
        waiting = false;
        if (!error) self->alone([&] { self->on_ready(); });
    });
}

void Connection::hold_body(std::size_t bytes) {
    shared_.body_bytes += bytes - body_held_;
    body_held_ = bytes;
}

}  // namespace casefile::net

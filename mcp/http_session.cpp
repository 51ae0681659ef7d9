#include "mcp/http_session.h"

#include <algorithm>
#include <charconv>

#include "base/ids.h"

namespace casefile::mcp {
namespace {

/// How soon a client that was sent away should come back.
constexpr std::int64_t retry_ms = 500;

net::Response json_response(std::string message, int status, net::Headers headers) {
    return {.status = status,
            .content_type = "application/json",
            .body = std::move(message),
            .headers = std::move(headers)};
}

std::optional<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

void HttpStream::attach(std::shared_ptr<net::Exchange> exchange, net::Headers headers) {
    const std::lock_guard lock(mutex_);
    exchange_ = std::move(exchange);
    headers_ = std::move(headers);
}

bool HttpStream::resume(std::shared_ptr<net::Exchange> exchange, std::uint64_t after) {
    const std::lock_guard lock(mutex_);
    // A client takes an answer for an invitation to come again: of what is over and told there is none.
    if (!streaming_ || after > last_event_ || (over_ && after == last_event_)) return false;
    take_over(std::move(exchange), after);
    return true;
}

void HttpStream::listen(std::shared_ptr<net::Exchange> exchange) {
    const std::lock_guard lock(mutex_);
    take_over(std::move(exchange), delivered_);
}

void HttpStream::take_over(std::shared_ptr<net::Exchange> exchange, std::uint64_t after) {
    if (exchange_) exchange_->end_stream();
    exchange_ = std::move(exchange);
    exchange_->begin_stream({});
    streaming_ = true;
    for (const auto& event : events_)
        if (event.number > after && !deliver(event)) return;
    if (over_) end();
}

void HttpStream::send(std::string_view message) {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    begin_stream();
    keep(std::string(message));
}

void HttpStream::finish(std::string message, int http_status) {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    if (!streaming_ && exchange_) {
        // With 404 an older client would take its session for ended; to it an error is an answer like others.
        exchange_->respond(
            json_response(std::move(message), http_status == 404 ? 200 : http_status, headers_));
        return end();
    }
    keep(std::move(message));
    end();
}

void HttpStream::close() {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    // A request without an answer is told by a stream that just ends: 202 would be for what asks for none. An
    // id would invite the client to come back for the rest.
    if (!streaming_ && exchange_) exchange_->begin_stream(headers_);
    streaming_ = true;
    end();
}

void HttpStream::begin_early() {
    const std::lock_guard lock(mutex_);
    if (!over_) begin_stream();
}

void HttpStream::pause() {
    const std::lock_guard lock(mutex_);
    if (over_ || !exchange_ || !primed_) return;
    begin_stream();
    exchange_->end_stream();
    exchange_.reset();
}

bool HttpStream::is_over() const {
    const std::lock_guard lock(mutex_);
    return over_;
}

bool HttpStream::is_connected() const {
    const std::lock_guard lock(mutex_);
    return exchange_ != nullptr;
}

void HttpStream::let_go(const net::Exchange& gone) {
    const std::lock_guard lock(mutex_);
    if (exchange_.get() == &gone) exchange_.reset();
}

void HttpStream::begin_stream() {
    if (streaming_ || !exchange_) return;
    streaming_ = true;
    exchange_->begin_stream(headers_);
    if (primed_) exchange_->send({.data = {}, .id = id_of(last_event_), .retry_ms = retry_ms});
}

void HttpStream::keep(std::string message) {
    ++last_event_;
    bytes_ += message.size();
    events_.push_back({last_event_, std::move(message)});
    while (events_.size() > 1 && (events_.size() > events_max || bytes_ > bytes_max)) {
        bytes_ -= events_.front().message.size();
        events_.pop_front();
    }
    if (exchange_) deliver(events_.back());
}

bool HttpStream::deliver(const Kept& event) {
    if (exchange_->send({.data = event.message, .id = id_of(event.number)})) {
        delivered_ = std::max(delivered_, event.number);
        return true;
    }
    exchange_.reset();
    return false;
}

void HttpStream::end() {
    over_ = true;
    if (exchange_ && streaming_) exchange_->end_stream();
    exchange_.reset();
}

std::string HttpStream::id_of(std::uint64_t event) const {
    return std::to_string(number_) + "-" + std::to_string(event);
}

HttpSession::HttpSession(std::string principal, const Clock& clock)
    : id_(random_hex(16)),
      clock_(clock),
      pushes_(std::make_shared<HttpStream>(0, false)),
      client_(std::make_shared<Client>(std::move(principal), pushes_)) {}

std::shared_ptr<HttpStream> HttpSession::open_stream() {
    const auto peer = client_->session();
    const std::lock_guard lock(mutex_);
    ++last_stream_;
    auto stream = std::make_shared<HttpStream>(last_stream_, peer && peer->revision->polling);
    streams_.emplace(last_stream_, stream);
    for (auto one = streams_.begin(); streams_.size() > streams_kept && one != streams_.end();)
        one = one->second->is_over() ? streams_.erase(one) : std::next(one);
    return stream;
}

void HttpSession::listen(std::shared_ptr<net::Exchange> exchange) {
    pushes_->listen(exchange);
    watch(exchange);
}

/// Otherwise only the next message would find out that the client is gone.
void HttpSession::watch(const std::shared_ptr<net::Exchange>& exchange) {
    exchange->when_gone([session = weak_from_this(), gone = exchange.get()] {
        const auto left = session.lock();
        if (!left) return;
        left->pushes_->let_go(*gone);
        left->touch();
    });
}

bool HttpSession::resume(std::string_view last_event_id, std::shared_ptr<net::Exchange> exchange) {
    const auto dash = last_event_id.find('-');
    if (dash == std::string_view::npos) return false;
    const auto number = read_number(last_event_id.substr(0, dash));
    const auto event = read_number(last_event_id.substr(dash + 1));
    if (!number || !event) return false;
    std::shared_ptr<HttpStream> stream = *number == 0 ? pushes_ : nullptr;
    if (!stream) {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(*number);
        if (found == streams_.end()) return false;
        stream = found->second;
    }
    if (!stream->resume(exchange, *event)) return false;
    if (stream == pushes_) watch(exchange);
    return true;
}

void HttpSession::end() {
    pushes_->close();
    const std::lock_guard lock(mutex_);
    for (const auto& [number, stream] : streams_) stream->close();
}

bool HttpSession::is_answering() const {
    const std::lock_guard lock(mutex_);
    return std::any_of(streams_.begin(), streams_.end(),
                       [](const auto& one) { return !one.second->is_over(); });
}

void HttpSession::touch() {
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    last_used_ = now;
}

WallTime HttpSession::last_used() const {
    const std::lock_guard lock(mutex_);
    return last_used_;
}

}  // namespace casefile::mcp

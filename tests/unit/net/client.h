#pragma once
// A client of plain sockets that never waits without end, and a handler that keeps what it is given.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>

#include "net/listener.h"

namespace casefile::net {

class Client {
  public:
    explicit Client(std::uint16_t port, int receive_buffer = 0, in_addr_t address = INADDR_LOOPBACK)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer > 0)
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(address);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("no connection");
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { leave(); }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (put <= 0) throw std::runtime_error("the server does not read");
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
    }

    /// Everything up to and with `mark`; what follows stays for the next call.
    std::string read_to(std::string_view mark) {
        for (;;) {
            if (const auto at = got_.find(mark); at != std::string::npos) return cut(at + mark.size());
            if (!more()) throw std::runtime_error("the server closed; got: " + got_);
        }
    }

    /// One response with a Content-Length.
    std::string read_response() {
        auto head = read_to("\r\n\r\n");
        const auto field = head.find("Content-Length: ");
        if (field == std::string::npos) return head;
        const auto length = std::stoul(head.substr(field + 16));
        while (got_.size() < length)
            if (!more()) throw std::runtime_error("the server closed within a body");
        return head + cut(length);
    }

    std::string read_to_end() {
        while (more()) continue;
        return cut(got_.size());
    }

    void half_close() { ::shutdown(socket_, SHUT_WR); }
    void leave() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

  private:
    // False at the end, or when the server reset the connection.
    bool more() {
        char bytes[16'384];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got < 0 && errno == EAGAIN) throw std::runtime_error("no answer in time; got: " + got_);
        if (got > 0) got_.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    }

    std::string cut(std::size_t bytes) {
        auto front = got_.substr(0, bytes);
        got_.erase(0, bytes);
        return front;
    }

    int socket_;
    std::string got_;
};

/// Keeps requests for the test's own thread, which answers them.
class Desk {
  public:
    struct Case {
        Request request;
        std::shared_ptr<Exchange> exchange;
    };

    Handler handler() {
        return [this](Request request, std::shared_ptr<Exchange> exchange) {
            const std::lock_guard lock(mutex_);
            cases_.push_back({std::move(request), std::move(exchange)});
            came_.notify_all();
        };
    }

    Case next() {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, std::chrono::seconds(20), [&] { return !cases_.empty(); }))
            throw std::runtime_error("no request came");
        auto first = std::move(cases_.front());
        cases_.pop_front();
        return first;
    }

    bool empty() {
        const std::lock_guard lock(mutex_);
        return cases_.empty();
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<Case> cases_;
};

/// Set once by another thread.
class Signal {
  public:
    void set() {
        const std::lock_guard lock(mutex_);
        times_ += 1;
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return times_ > 0; });
    }
    int times() {
        const std::lock_guard lock(mutex_);
        return times_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int times_ = 0;
};

inline std::unique_ptr<Listener> open_listener(Handler handler, HttpLimits limits = {}) {
    return Listener::open({.limits = limits}, std::move(handler)).value();
}

/// Answers at once with what was asked: method, path, query and body.
inline void echo(Request request, std::shared_ptr<Exchange> exchange) {
    exchange->respond(
        {.content_type = "text/plain",
         .body = request.method + " " + request.path + "?" + request.query + " " + request.body});
}

}  // namespace casefile::net

#pragma once
// One loopback port, like that of `ssh -L`, whose far end a test can change.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace casefile {

/// Carries bytes both ways until it is destroyed. A new far end ends the connections to the one before.
class Tunnel {
  public:
    explicit Tunnel(std::uint16_t far_end) : far_end_(far_end), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        auto address = loopback(0);
        socklen_t length = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
            throw std::runtime_error("no port to listen on");
        port = ntohs(address.sin_port);
        carrier_ = std::jthread([this](const std::stop_token& stop) { carry(stop); });
    }
    ~Tunnel() {
        carrier_.request_stop();
        carrier_.join();
        drop_all();
        ::close(listener_);
    }
    Tunnel(const Tunnel&) = delete;
    Tunnel& operator=(const Tunnel&) = delete;

    void lead_to(std::uint16_t far_end) {
        const std::lock_guard lock(mutex_);
        far_end_ = far_end;
        drop_all();
    }

    std::uint16_t port = 0;

  private:
    struct Pair {
        int near, far;
    };

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }

    void drop_all() {
        for (const auto& pair : pairs_) {
            ::close(pair.near);
            ::close(pair.far);
        }
        pairs_.clear();
    }

    void accept_one() {
        const int near = ::accept(listener_, nullptr, nullptr);
        const int far = ::socket(AF_INET, SOCK_STREAM, 0);
        const auto address = loopback(far_end_);
        if (near >= 0 && ::connect(far, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            pairs_.push_back({near, far});
            return;
        }
        ::close(near);
        ::close(far);
    }

    /// False when that side is closed.
    static bool pass_on(int from, int to) {
        std::array<char, 65536> buffer;
        const auto count = ::recv(from, buffer.data(), buffer.size(), 0);
        for (ssize_t sent = 0; sent < count;) {
            const auto more =
                ::send(to, buffer.data() + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
            if (more <= 0) return false;
            sent += more;
        }
        return count > 0;
    }

    void carry(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::vector<pollfd> waits;
            {
                const std::lock_guard lock(mutex_);
                waits.push_back({listener_, POLLIN, 0});
                for (const auto& pair : pairs_) {
                    waits.push_back({pair.near, POLLIN, 0});
                    waits.push_back({pair.far, POLLIN, 0});
                }
            }
            if (::poll(waits.data(), waits.size(), 20) <= 0) continue;
            const std::lock_guard lock(mutex_);
            // What was dropped meanwhile is not looked at: its number may be another's by now.
            const auto ready = [&](int file) {
                return std::any_of(waits.begin(), waits.end(),
                                   [&](const pollfd& one) { return one.fd == file && one.revents != 0; });
            };
            std::erase_if(pairs_, [&](const Pair& pair) {
                const bool open = (!ready(pair.near) || pass_on(pair.near, pair.far)) &&
                                  (!ready(pair.far) || pass_on(pair.far, pair.near));
                if (open) return false;
                ::close(pair.near);
                ::close(pair.far);
                return true;
            });
            if (ready(listener_)) accept_one();
        }
    }

    std::atomic<std::uint16_t> far_end_;
    const int listener_;
    std::mutex mutex_;  ///< of pairs_
    std::list<Pair> pairs_;
    std::jthread carrier_;
};

}  // namespace casefile

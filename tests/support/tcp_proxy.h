#pragma once
// A tunnel that a test can break: carries bytes between loopback ports, until it is told to cut, to freeze,
// or to do either after so many bytes came from the server. One thread, ended with the object.

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <stdexcept>
#include <string>
#include <thread>

namespace casefile {

class TcpProxy {
  public:
    explicit TcpProxy(std::uint16_t target) : target_(target), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        auto address = loopback(0);
        socklen_t length = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
            throw std::runtime_error("no port for the proxy");
        port = ntohs(address.sin_port);
        thread_ = std::thread([this] { carry(); });
    }
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;
    ~TcpProxy() {
        ending_ = true;
        thread_.join();
        ::close(listener_);
    }

    /// Closes every connection now; later ones are carried again.
    void cut() { cutting_ = true; }
    /// Connections stay open and nothing goes through, in either direction, until thaw().
    void freeze() { frozen_ = true; }
    void thaw() { frozen_ = false; }
    /// Of the connections that are open now nothing goes through any more; later ones are carried.
    void hold_open_ones() { holding_ = true; }
    /// Once so many more bytes have come from the server.
    void cut_after(std::int64_t bytes) { cut_in_ = bytes; }
    void freeze_after(std::int64_t bytes) { freeze_in_ = bytes; }
    /// Where connections go from now on.
    void lead_to(std::uint16_t target) { target_ = target; }

    std::uint16_t port = 0;

  private:
    struct Pair {
        int client, server;
        std::string to_client, to_server;
        bool closed = false, held = false;
    };

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    void carry() {
        while (!ending_) {
            if (cutting_.exchange(false)) close_all();
            if (holding_.exchange(false))
                for (auto& pair : pairs_) pair.held = true;
            std::vector<pollfd> waits{{listener_, POLLIN, 0}};
            if (!frozen_)
                for (const auto& pair : pairs_) {
                    if (pair.held) continue;
                    waits.push_back({pair.client, events(pair.to_client, pair.to_server), 0});
                    waits.push_back({pair.server, events(pair.to_server, pair.to_client), 0});
                }
            ::poll(waits.data(), waits.size(), 5);
            if ((waits[0].revents & POLLIN) != 0) accept_one();
            if (frozen_) continue;
            for (auto& pair : pairs_)
                if (!pair.held) move(pair);
            close_closed();
        }
        close_all();
    }

    /// Reads on only while little is waiting to be written.
    static short events(const std::string& outgoing, const std::string& incoming) {
        return static_cast<short>((outgoing.empty() ? 0 : POLLOUT) | (incoming.size() < 65536 ? POLLIN : 0));
    }

    void accept_one() {
        const int client = ::accept(listener_, nullptr, nullptr);
        const int server = ::socket(AF_INET, SOCK_STREAM, 0);
        auto address = loopback(target_);
        if (client < 0 || ::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            if (client >= 0) ::close(client);
            ::close(server);
            return;
        }
        for (const int socket : {client, server}) ::fcntl(socket, F_SETFL, O_NONBLOCK);
        pairs_.push_back({client, server, {}, {}});
    }

    void move(Pair& pair) {
        take(pair, pair.client, pair.to_server);
        const auto before = pair.to_client.size();
        take(pair, pair.server, pair.to_client);
        count(static_cast<std::int64_t>(pair.to_client.size() - before));
        give(pair, pair.server, pair.to_server);
        give(pair, pair.client, pair.to_client);
    }

    void count(std::int64_t bytes) {
        if (cut_in_ > 0 && (cut_in_ -= bytes) <= 0) cutting_ = true;
        if (freeze_in_ > 0 && (freeze_in_ -= bytes) <= 0) frozen_ = true;
    }

    static void take(Pair& pair, int from, std::string& into) {
        if (into.size() >= 65536) return;
        std::array<char, 16384> part{};
        const auto got = ::recv(from, part.data(), part.size(), MSG_DONTWAIT);
        if (got > 0) into.append(part.data(), static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) pair.closed = true;
    }

    static void give(Pair& pair, int to, std::string& from) {
        if (from.empty()) return;
        const auto sent = ::send(to, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) from.erase(0, static_cast<std::size_t>(sent));
        if (sent < 0 && errno != EAGAIN && errno != EINTR) pair.closed = true;
    }

    void close_closed() {
        pairs_.remove_if([](const Pair& pair) {
            if (!pair.closed) return false;
            ::close(pair.client);
            ::close(pair.server);
            return true;
        });
    }
    void close_all() {
        for (auto& pair : pairs_) pair.closed = true;
        close_closed();
    }

    std::atomic<std::uint16_t> target_;
    int listener_;
    std::list<Pair> pairs_;  ///< of the thread alone
    std::atomic<bool> ending_ = false, cutting_ = false, frozen_ = false, holding_ = false;
    std::atomic<std::int64_t> cut_in_ = 0, freeze_in_ = 0;
    std::thread thread_;
};

}  // namespace casefile

#include "tests/integration/tools/kafka_requests.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace casefile {
namespace {

constexpr int stop_latency_ms = 20;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

class Socket {
  public:
    explicit Socket(int number) : number_(number) {
        if (number_ < 0) throw std::runtime_error("no socket");
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(number_); }
    int number() const { return number_; }

  private:
    int number_;
};

bool readable(int socket) {
    pollfd wait{socket, POLLIN, 0};
    return ::poll(&wait, 1, stop_latency_ms) > 0;
}

bool send_all(int socket, const char* bytes, std::size_t length) {
    for (std::size_t sent = 0; sent < length;) {
        const auto count = ::send(socket, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

}  // namespace

struct KafkaRequests::Impl {
    const sockaddr_in broker;
    Socket listener{::socket(AF_INET, SOCK_STREAM, 0)};
    std::uint16_t port = 0;
    std::atomic<bool> stopped = false;
    mutable std::mutex mutex;
    std::set<std::int16_t> seen;  // guarded by mutex
    std::vector<std::thread> connections;
    std::thread acceptor;

    explicit Impl(std::uint16_t broker_port) : broker(loopback(broker_port)) {
        auto address = loopback(0);
        socklen_t length = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener.number(), generic, length) != 0 || ::listen(listener.number(), 64) != 0 ||
            ::getsockname(listener.number(), generic, &length) != 0)
            throw std::runtime_error("no port to listen on");
        port = ntohs(address.sin_port);
        acceptor = std::thread([this] { accept_all(); });
    }
    ~Impl() {
        stopped = true;
        acceptor.join();
        for (auto& connection : connections) connection.join();
    }

    void accept_all() {
        while (!stopped) {
            if (!readable(listener.number())) continue;
            const int client = ::accept(listener.number(), nullptr, nullptr);
            if (client >= 0) connections.emplace_back([this, client] { pass_on(client); });
        }
    }

    void pass_on(int accepted) {
        const Socket client(accepted), server(::socket(AF_INET, SOCK_STREAM, 0));
        if (::connect(server.number(), reinterpret_cast<const sockaddr*>(&broker), sizeof broker) != 0)
            return;
        std::string unread;
        std::array<char, 64 * 1024> buffer;
        while (!stopped) {
            std::array<pollfd, 2> wait{{{client.number(), POLLIN, 0}, {server.number(), POLLIN, 0}}};
            if (::poll(wait.data(), wait.size(), stop_latency_ms) <= 0) continue;
            for (const bool asked : {true, false}) {
                if (wait[asked ? 0 : 1].revents == 0) continue;
                const auto count = ::recv(wait[asked ? 0 : 1].fd, buffer.data(), buffer.size(), 0);
                if (count <= 0) return;
                const auto length = static_cast<std::size_t>(count);
                if (asked) note(unread.append(buffer.data(), length));
                if (!send_all(wait[asked ? 1 : 0].fd, buffer.data(), length)) return;
            }
        }
    }

    /// A request is its length in four bytes, then its API key in two, all big-endian.
    void note(std::string& unread) {
        const auto byte = [&](std::size_t at) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(unread[at]));
        };
        while (unread.size() >= 6) {
            const std::size_t length = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
            if (unread.size() < 4 + length) return;
            {
                const std::lock_guard lock(mutex);
                seen.insert(static_cast<std::int16_t>(byte(4) << 8 | byte(5)));
            }
            unread.erase(0, 4 + length);
        }
    }
};

KafkaRequests::KafkaRequests(const std::string& broker)
    : impl_(std::make_unique<Impl>(
          static_cast<std::uint16_t>(std::stoi(broker.substr(broker.rfind(':') + 1))))) {}

KafkaRequests::~KafkaRequests() = default;

std::string KafkaRequests::address() const { return "127.0.0.1:" + std::to_string(impl_->port); }

std::set<std::int16_t> KafkaRequests::seen() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->seen;
}

}  // namespace casefile

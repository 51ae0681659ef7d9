#include "net/listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <set>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "net/connection.h"

namespace casefile::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// How long accepting waits after an error such as "too many open files".
constexpr std::chrono::milliseconds accept_pause{100};

// So many clients over the limit are told so; the rest find the connection closed.
constexpr std::size_t turned_away_max = 64;

class TcpListener final : public Listener {
  public:
    TcpListener(ListenOptions options, Handler handler, HeadCheck check_head, std::unique_ptr<TlsContext> tls)
        : tls_(std::move(tls)), acceptor_(io_), pause_(io_) {
        shared_.limits = options.limits;
        shared_.handler = std::move(handler);
        shared_.check_head = std::move(check_head);
        shared_.on_close = [this](Connection& connection) { forget(connection); };
    }

    ~TcpListener() override {
        if (!thread_.joinable()) return;
        asio::post(io_, [this] {
            while (!connections_.empty()) (*connections_.begin())->close();
            io_.stop();
        });
        thread_.join();
    }

    boost::system::error_code listen(const asio::ip::address& address, std::uint16_t port) {
        boost::system::error_code error;
        const tcp::endpoint endpoint(address, port);
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
        if (!error) acceptor_.non_blocking(true, error);
        protocol_ = endpoint.protocol();
        if (!error) port_ = acceptor_.local_endpoint(error).port();
        return error;
    }

    void run() {
        wait_for_clients();
        // Signals are for the program's own threads; SIGPIPE is for nobody.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        const std::shared_ptr<void> restore(nullptr,
                                            [&](void*) { pthread_sigmask(SIG_SETMASK, &before, nullptr); });
        thread_ = std::thread([this] { serve(); });
    }

    std::uint16_t port() const override { return port_; }
    std::size_t connections() const override { return count_; }

  private:
    void serve() {
        const auto work = asio::make_work_guard(io_);
        while (!io_.stopped()) {
            try {
                io_.run();
            } catch (const std::exception&) {
                // Memory was short outside of any connection: go on with the next event.
                continue;
            }
        }
    }

    void wait_for_clients() {
        acceptor_.async_wait(tcp::acceptor::wait_read, [this](boost::system::error_code error) {
            if (error == asio::error::operation_aborted) return;
            if (!error && accept_clients()) return wait_for_clients();
            pause_.expires_after(accept_pause);
            pause_.async_wait([this](boost::system::error_code aborted) {
                if (!aborted) wait_for_clients();
            });
        });
    }

    // False when the system has no more to give, and asking at once would spin.
    bool accept_clients() try {
        for (;;) {
            const int socket =
                ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (socket >= 0) {
                welcome(socket);
                continue;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
            if (errno != EINTR && errno != ECONNABORTED) return false;
        }
    } catch (const std::exception&) {
        return false;
    }

    void welcome(int handle) {
        const int yes = 1;
        ::setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        tcp::socket socket(io_);
        boost::system::error_code error;
        socket.assign(protocol_, handle, error);
        if (error) {
            ::close(handle);
            return;
        }
        const bool full = connections_.size() - turned_away_ >= shared_.limits.connections_max;
        auto transport = tls_ ? tls_->accept(handle) : plain_transport(handle);
        if (!transport || (full && turned_away_ >= turned_away_max)) return;
        const auto connection =
            std::make_shared<Connection>(io_, shared_, std::move(socket), std::move(transport));
        connections_.insert(connection);
        if (full) ++turned_away_;
        count_ = connections_.size() - turned_away_;
        if (full)
            connection->start_full();
        else
            connection->start();
    }

    void forget(Connection& connection) {
        if (connections_.erase(connection.shared_from_this()) == 0) return;
        if (connection.turned_away()) --turned_away_;
        count_ = connections_.size() - turned_away_;
    }

    // The io_context goes last: what still waits in it refers to all else.
    std::unique_ptr<TlsContext> tls_;
    Shared shared_;
    std::set<std::shared_ptr<Connection>> connections_;
    std::size_t turned_away_ = 0;
    std::atomic<std::size_t> count_ = 0;
    tcp protocol_ = tcp::v4();
    std::uint16_t port_ = 0;
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(ListenOptions options, Handler handler,
                                                 HeadCheck check_head) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error)
        return invalid("listen address: expected a numeric one, got '" + options.address + "'",
                       "use 127.0.0.1 or ::1");
    if (options.certificate_file.empty() != options.key_file.empty())
        return invalid("TLS: expected a certificate and its key, got one of them",
                       "give both files, or neither");
    std::unique_ptr<TlsContext> tls;
    if (!options.certificate_file.empty()) {
        auto loaded = TlsContext::load(options.certificate_file, options.key_file);
        if (!loaded) return loaded.error();
        tls = *std::move(loaded);
    }
    auto listener =
        std::make_unique<TcpListener>(options, std::move(handler), std::move(check_head), std::move(tls));
    error = listener->listen(address, options.port);
    if (error)
        return unavailable("listen on " + options.address + " port " + std::to_string(options.port) +
                               ": expected a free port, got " + error.message(),
                           "stop what listens there, or choose another port");
    try {
        listener->run();
    } catch (const std::system_error& failure) {
        return unavailable(std::string("listen: expected a thread of its own, got ") + failure.what());
    }
    return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace casefile::net

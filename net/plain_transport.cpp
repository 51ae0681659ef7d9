#include <sys/socket.h>

#include <cerrno>

#include "net/transport.h"

namespace casefile::net {
namespace {

class PlainTransport final : public Transport {
  public:
    explicit PlainTransport(int socket) : socket_(socket) {}

    Io shake_hands() override { return {}; }

    Io read(char* to, std::size_t bytes_max) override {
        const auto got = ::recv(socket_, to, bytes_max, 0);
        if (got == 0) return {Io::State::ended};
        return got > 0 ? Io{Io::State::done, static_cast<std::size_t>(got)}
                       : unfinished(Io::State::want_read);
    }

    Io write(std::string_view bytes) override {
        const auto put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return put >= 0 ? Io{Io::State::done, static_cast<std::size_t>(put)}
                        : unfinished(Io::State::want_write);
    }

    bool buffered() const override { return false; }
    void finish() override { ::shutdown(socket_, SHUT_WR); }

  private:
    static Io unfinished(Io::State wanted) {
        const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        return {later ? wanted : Io::State::failed};
    }

    int socket_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(int socket) { return std::make_unique<PlainTransport>(socket); }

}  // namespace casefile::net

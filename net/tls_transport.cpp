// TLS on OpenSSL alone. Asio's stream would keep two buffers of 17 KiB for every idle connection.

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "net/transport.h"

namespace casefile::net {
namespace {

struct Free {
    void operator()(SSL* tls) const { SSL_free(tls); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// OpenSSL writes to the socket without MSG_NOSIGNAL; the I/O thread blocks SIGPIPE.
class TlsTransport final : public Transport {
  public:
    TlsTransport(std::unique_ptr<SSL, Free> tls, int socket) : tls_(std::move(tls)), socket_(socket) {}

    Io shake_hands() override {
        ERR_clear_error();
        const int result = SSL_accept(tls_.get());
        open_ = result == 1;
        return outcome(result, 0);
    }

    Io read(char* to, std::size_t bytes_max) override {
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_read_ex(tls_.get(), to, bytes_max, &bytes);
        return outcome(result, bytes);
    }

    Io write(std::string_view bytes) override {
        ERR_clear_error();
        std::size_t put = 0;
        const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &put);
        return outcome(result, put);
    }

    bool buffered() const override { return open_ && SSL_pending(tls_.get()) > 0; }

    void finish() override {
        ERR_clear_error();
        if (open_) SSL_shutdown(tls_.get());
        ::shutdown(socket_, SHUT_WR);
    }

  private:
    Io outcome(int result, std::size_t bytes) {
        if (result == 1) return {Io::State::done, bytes};
        switch (SSL_get_error(tls_.get(), result)) {
            case SSL_ERROR_WANT_READ:
                return {Io::State::want_read};
            case SSL_ERROR_WANT_WRITE:
                return {Io::State::want_write};
            case SSL_ERROR_ZERO_RETURN:
                return {Io::State::ended};
            default:
                open_ = false;
                return {Io::State::failed};
        }
    }

    std::unique_ptr<SSL, Free> tls_;
    int socket_;
    bool open_ = false;  // after a failure OpenSSL must not be asked to say goodbye
};

class OpensslContext final : public TlsContext {
  public:
    explicit OpensslContext(std::unique_ptr<SSL_CTX, Free> context) : context_(std::move(context)) {}

    std::unique_ptr<Transport> accept(int socket) override {
        std::unique_ptr<SSL, Free> tls(SSL_new(context_.get()));
        if (!tls || SSL_set_fd(tls.get(), socket) != 1) return nullptr;
        return std::make_unique<TlsTransport>(std::move(tls), socket);
    }

  private:
    std::unique_ptr<SSL_CTX, Free> context_;
};

Error unusable(const std::string& what, const std::string& file) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return unavailable(
        what + " " + file + ": expected readable PEM, got " + (reason ? reason : "an error of TLS"),
        "give a PEM certificate chain and the key that belongs to it, without a passphrase");
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::load(const std::string& certificate_file,
                                                     const std::string& key_file) {
    ERR_clear_error();
    std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
    if (!context) return internal("TLS: expected a context of OpenSSL, got none");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // What is left of a message after a partial write may have moved; an idle connection keeps no buffers.
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    // A key with a passphrase would be asked for at the terminal.
    SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1)
        return unusable("certificate", certificate_file);
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return unusable("key", key_file);
    return std::unique_ptr<TlsContext>(std::make_unique<OpensslContext>(std::move(context)));
}

}  // namespace casefile::net

#pragma once
// Bytes in and out of an accepted socket that never blocks, with or without TLS. The caller waits for
// readiness.

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace casefile::net {

struct Io {
    enum class State { done, want_read, want_write, ended, failed };
    State state = State::done;
    std::size_t bytes = 0;
};

/// Borrows the socket. For the I/O thread alone.
class Transport {
  public:
    virtual ~Transport() = default;
    virtual Io shake_hands() = 0;
    virtual Io read(char* to, std::size_t bytes_max) = 0;
    virtual Io write(std::string_view bytes) = 0;
    /// Bytes have left the socket already and wait here: the socket will not become readable for them.
    virtual bool buffered() const = 0;
    /// Says that nothing more will be written.
    virtual void finish() = 0;
};

std::unique_ptr<Transport> plain_transport(int socket);

/// The server's certificate; TLS 1.2 or newer. Outlives its transports.
class TlsContext {
  public:
    virtual ~TlsContext() = default;
    static Result<std::unique_ptr<TlsContext>> load(const std::string& certificate_file,
                                                    const std::string& key_file);
    /// Null when memory is short.
    virtual std::unique_ptr<Transport> accept(int socket) = 0;
};

}  // namespace casefile::net

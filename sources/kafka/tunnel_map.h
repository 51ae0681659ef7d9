#pragma once
// Where to connect for an address that a broker advertised. Brokers name themselves as their own network
// knows them; from here they are reached through tunnels on loopback, and nothing else is ever dialled.

#include <netdb.h>

#include <mutex>
#include <optional>
#include <set>

#include "sources/source.h"

namespace casefile::sources::kafka {

/// Safe to call from any thread.
class TunnelMap {
  public:
    explicit TunnelMap(const Endpoint& endpoint) : endpoint_(endpoint) {}

    /// "127.0.0.1:19092" for "broker-1.internal:9092": the configured tunnel, or the only broker address
    /// there is.
    std::optional<std::string> dial(const std::string& advertised);

    /// Names the addresses that dial() had no answer for, and the configuration line to add; nothing when
    /// there are none.
    std::optional<Error> missing() const;

    /// For librdkafka's resolve callback, which is getaddrinfo() and, with no `node`, freeaddrinfo().
    int resolve(const char* node, const char* service, addrinfo** result);

  private:
    const Endpoint& endpoint_;
    mutable std::mutex mutex_;
    std::set<std::string> missing_;
};

}  // namespace casefile::sources::kafka

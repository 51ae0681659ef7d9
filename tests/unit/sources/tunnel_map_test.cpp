// Advertised Kafka addresses are reached through tunnels, or not at all.

#include "sources/kafka/tunnel_map.h"

#include <arpa/inet.h>

#include "tests/support/catch.h"

namespace casefile::sources::kafka {
namespace {

Endpoint endpoint(std::vector<std::string> brokers, std::map<std::string, std::string> tunnels = {}) {
    Endpoint out;
    out.kind = SourceKind::kafka;
    out.env = "PROD";
    out.brokers = std::move(brokers);
    out.tunnels = std::move(tunnels);
    return out;
}

struct Route {
    const char* advertised;
    std::optional<std::string> dialled;
    const char* why;
};

void check(const Endpoint& to, const std::vector<Route>& routes) {
    for (const auto& route : routes) {
        INFO(route.advertised << ": " << route.why);
        TunnelMap map(to);
        CHECK(map.dial(route.advertised) == route.dialled);
        CHECK(map.missing().has_value() == !route.dialled.has_value());
    }
}

}  // namespace

TEST_CASE("one tunnel: every advertised address goes there") {
    check(endpoint({"127.0.0.1:9092"}),
          {
              {"127.0.0.1:9092", "127.0.0.1:9092", "the tunnel itself"},
              {"broker-1.internal:9092", "127.0.0.1:9092", "a name of their network"},
              {"10.0.0.7:9093", "127.0.0.1:9092", "an address of their network"},
              {"127.0.0.1:3306", "127.0.0.1:9092", "a port of ours that is no tunnel"},
          });
}

TEST_CASE("several tunnels: only what the configuration maps is dialled") {
    check(endpoint({"127.0.0.1:19092", "127.0.0.1:19093"}, {{"broker-1.internal:9092", "127.0.0.1:19092"},
                                                            {"broker-2.internal:9092", "127.0.0.1:19093"}}),
          {
              {"broker-1.internal:9092", "127.0.0.1:19092", "mapped"},
              {"broker-2.internal:9092", "127.0.0.1:19093", "mapped"},
              {"127.0.0.1:19093", "127.0.0.1:19093", "given as a broker"},
              {"broker-3.internal:9092", std::nullopt, "not mapped"},
              {"broker-1.internal:9093", std::nullopt, "another port"},
              {"127.0.0.1:3306", std::nullopt, "a port of ours that is no tunnel"},
          });
    check(endpoint({"127.0.0.1:19092", "127.0.0.1:19093"}),
          {{"broker-1.internal:9092", std::nullopt, "two tunnels and no map"}});
    check(endpoint({"127.0.0.1:19092"}, {{"broker-1.internal:9092", "127.0.0.1:19092"}}),
          {{"broker-2.internal:9092", std::nullopt, "whoever writes a map means all of it"}});
}

TEST_CASE("an address without a tunnel is named with the configuration line to add") {
    const auto to = endpoint({"127.0.0.1:19092", "127.0.0.1:19093"});
    TunnelMap map(to);

    CHECK_FALSE(map.missing());
    map.dial("broker-3.internal:9092");

    const auto error = map.missing();
    REQUIRE(error);
    CHECK(error->kind == ErrorKind::unavailable);
    CHECK(error->message ==
          "no tunnel is known for broker-3.internal:9092, which the cluster behind "
          "127.0.0.1:19092,127.0.0.1:19093 "
          "names as its own");
    CHECK(error->hint ==
          "open a tunnel and add to the configuration: kafka.PROD.tunnels {\"broker-3.internal:9092\": "
          "\"127.0.0.1:<port of its tunnel>\"}");
}

TEST_CASE("the resolver gives librdkafka the tunnel's address and port, and frees them again") {
    const auto to = endpoint({"localhost:19092"});
    TunnelMap map(to);
    addrinfo* found = nullptr;

    REQUIRE(map.resolve("does-not-resolve.internal", "9092", &found) == 0);

    REQUIRE(found != nullptr);
    REQUIRE(found->ai_family == AF_INET);
    const auto* address = reinterpret_cast<const sockaddr_in*>(found->ai_addr);
    CHECK(ntohl(address->sin_addr.s_addr) == INADDR_LOOPBACK);
    CHECK(ntohs(address->sin_port) == 19092);
    CHECK(map.resolve(nullptr, nullptr, &found) == 0);
}

TEST_CASE("the resolver knows no address that has no tunnel") {
    const auto to = endpoint({"127.0.0.1:19092", "127.0.0.1:19093"});
    TunnelMap map(to);
    addrinfo* found = nullptr;

    CHECK(map.resolve("localhost", "3306", &found) == EAI_NONAME);
    CHECK(found == nullptr);
    CHECK(map.missing());
}

}  // namespace casefile::sources::kafka

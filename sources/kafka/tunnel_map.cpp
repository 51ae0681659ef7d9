#include "sources/kafka/tunnel_map.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::sources::kafka {
namespace {

/// So many unknown addresses are remembered for the message; a cluster could name any number.
constexpr std::size_t missing_max = 16;

struct Address {
    std::string host, port;
};

Address split_address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return {text, "9092"};
    Address out{text.substr(0, colon), text.substr(colon + 1)};
    if (out.host.starts_with('[') && out.host.ends_with(']'))
        out.host = out.host.substr(1, out.host.size() - 2);
    if (out.host == "localhost")
        out.host = "127.0.0.1";  // tunnels listen there, and ::1 would only cost a refusal
    return out;
}

}  // namespace

std::optional<std::string> TunnelMap::dial(const std::string& advertised) {
    if (const auto found = endpoint_.tunnels.find(advertised); found != endpoint_.tunnels.end())
        return found->second;
    const auto& brokers = endpoint_.brokers;
    if (std::find(brokers.begin(), brokers.end(), advertised) != brokers.end()) return advertised;
    if (brokers.size() == 1 && endpoint_.tunnels.empty()) return brokers.front();
    const std::lock_guard lock(mutex_);
    if (missing_.size() < missing_max) missing_.insert(printable(advertised));
    return std::nullopt;
}

std::optional<Error> TunnelMap::missing() const {
    const std::lock_guard lock(mutex_);
    if (missing_.empty()) return std::nullopt;
    std::vector<std::string> lines;
    for (const auto& one : missing_) lines.push_back("\"" + one + "\": \"127.0.0.1:<port of its tunnel>\"");
    return unavailable("no tunnel is known for " + join({missing_.begin(), missing_.end()}, ", ") +
                           ", which the cluster behind " + endpoint_.address() + " names as its own",
                       "open a tunnel and add to the configuration: kafka." + endpoint_.env + ".tunnels {" +
                           join(lines, ", ") + "}");
}

int TunnelMap::resolve(const char* node, const char* service, addrinfo** result) {
    if (node == nullptr) {
        freeaddrinfo(*result);
        return 0;
    }
    const auto bracketed = std::string_view(node).find(':') == std::string_view::npos
                               ? std::string(node)
                               : "[" + std::string(node) + "]";
    const auto target = dial(bracketed + ":" + service);
    if (!target) return EAI_NONAME;
    const auto address = split_address(*target);
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    hints.ai_flags = AI_NUMERICSERV;
    return getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, result);
}

}  // namespace casefile::sources::kafka

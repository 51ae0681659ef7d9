#include "sources/source.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::sources {
namespace {

/// A server could name itself so long that the rest is not read.
constexpr std::size_t word_bytes_max = 120;

/// "clock 12 ms ahead of ours"; empty where the source tells no time.
std::string clock_words(const json::object& facts) {
    const auto* skew = facts.if_contains("clock_skew_ms");
    if (skew == nullptr || !skew->is_int64()) return {};
    const auto ms = skew->get_int64();
    return "clock " + std::to_string(std::abs(ms)) + " ms " + (ms < 0 ? "behind" : "ahead of") + " ours";
}

/// The words of one kind's fingerprint, most telling first. Empty parts are left out.
std::vector<std::string> words_of(const Fingerprint& fingerprint) {
    const auto& identity = fingerprint.identity;
    const auto& facts = fingerprint.facts;
    const auto said = [](const std::string& before, const std::string& value, const std::string& after = {}) {
        return value.empty() ? std::string() : before + value + after;
    };
    switch (fingerprint.kind) {
        case SourceKind::mysql:
            return {
                string_or(facts, "product") + said(" ", string_or(facts, "version")),
                said("host ", string_or(identity, "hostname"), said(":", string_or(identity, "port"))),
                said("database ", string_or(identity, "database")),
                said("role ", string_or(facts, "role")),
                said("account ", string_or(facts, "account")),
                clock_words(facts),
            };
        case SourceKind::redis:
            return {
                "Redis" + said(" ", string_or(facts, "version")),
                said("port ", string_or(identity, "tcp_port")),
                said("configuration ", string_or(identity, "config_file")),
                said("database ", string_or(identity, "database")),
                said("role ", string_or(facts, "role")),
                said("account ", string_or(facts, "account")),
                clock_words(facts),
            };
        case SourceKind::kafka:
            return {
                "Kafka cluster " + string_or(identity, "cluster_id", "without an id"),
                said("brokers ", string_or(facts, "broker_names")),
                said("", string_or(facts, "topics"), " topics"),
            };
    }
    return {};
}

}  // namespace

std::string Endpoint::address() const {
    if (kind == SourceKind::kafka) return join(brokers, ",");
    return host + ":" + std::to_string(port);
}

std::chrono::milliseconds Control::left() const {
    const auto rest = deadline - std::chrono::steady_clock::now();
    return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(rest));
}

std::string describe(const Fingerprint& fingerprint) {
    std::vector<std::string> parts;
    for (const auto& word : words_of(fingerprint))
        if (!word.empty()) parts.push_back(printable(shorten(word, word_bytes_max)));
    parts.push_back((fingerprint.can_write ? "can write: " : "cannot write: ") +
                    printable(shorten(fingerprint.can_write_reason, word_bytes_max)));
    return join(parts, ", ");
}

Error tunnel_error(const Endpoint& endpoint, const std::string& what) {
    const auto address = endpoint.address();
    return {ErrorKind::unavailable, "no answer from " + address + " (" + what + ")",
            "is the tunnel on " + address + " up? start it and ask again; " + endpoint.variable +
                " says where it is expected",
            Layer::tunnel};
}

Error timed_out_error(const Endpoint& endpoint, const std::string& what) {
    return {ErrorKind::timed_out,
            name_of_source(endpoint.env, endpoint.kind) + ": " + what + " ran out of time",
            "narrow the question, or ask again later", Layer::database};
}

Error silent_error(const Endpoint& endpoint, const std::string& what) {
    const auto address = endpoint.address();
    return {ErrorKind::timed_out,
            name_of_source(endpoint.env, endpoint.kind) + ": " + what +
                " ran out of time, and nothing came from " + address,
            "check the tunnel on " + address + " and the server behind it, then ask again", Layer::tunnel};
}

Error cancelled_error() { return {ErrorKind::cancelled, "the call was cancelled"}; }

Error by_server(Error error) {
    if (error.layer == Layer::casefile && error.kind != ErrorKind::cancelled) error.layer = Layer::database;
    return error;
}

}  // namespace casefile::sources

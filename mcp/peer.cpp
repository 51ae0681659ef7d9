#include "mcp/peer.h"

#include <algorithm>

#include "base/text.h"
#include "mcp/question.h"

namespace casefile::mcp {
namespace {

/// The client's own words about itself, made safe for the record.
std::string client_name(const json::object* info) {
    if (info == nullptr) return {};
    const auto version = string_or(*info, "version");
    return shorten(printable(string_or(*info, "name") + (version.empty() ? "" : "/" + version)), 200);
}

bool declares_tasks(const json::object& capabilities) {
    const auto* extensions = capabilities.if_contains("extensions");
    return extensions != nullptr && extensions->is_object() &&
           extensions->get_object().contains(extension::tasks);
}

RpcError unsupported(const std::string& version) {
    json::array supported;
    for (const auto& one : revisions())
        if (one.modern) supported.emplace_back(one.name);
    return {
        .code = rpc::unsupported_protocol_version,
        .message =
            "unsupported protocol version in _meta: expected one of data.supported; those before 2026-07-28 "
            "begin with initialize",
        .data = json::object{{"supported", std::move(supported)}, {"requested", version}},
        .http_status = 400};
}

Answer<Peer> read_modern(const json::object& meta) {
    const auto version = required_string(meta, meta_key::version);
    if (!version) return version.error();
    // First: what a revision that we do not know requires cannot be judged.
    const auto* revision = find_revision(*version);
    if (revision == nullptr || !revision->modern) return unsupported(*version);
    const auto capabilities = required_object(meta, meta_key::capabilities);
    if (!capabilities) return capabilities.error();
    const auto info = optional_object(meta, meta_key::client);
    if (!info) return info.error();
    std::optional<int> severity;
    if (meta.contains(meta_key::log_level)) {
        const auto level = required_string(meta, meta_key::log_level);
        if (!level) return level.error();
        severity = log_severity(*level);
        if (!severity) return expected(meta_key::log_level, log_levels, shown(*level));
    }
    return Peer{.revision = revision,
                .client = client_name(*info),
                .can = abilities_of(**capabilities),
                .knows_tasks = declares_tasks(**capabilities),
                .log_severity = severity};
}

}  // namespace

bool speaks_modern(const json::object* meta) {
    return meta != nullptr && (meta->contains(meta_key::version) || meta->contains(meta_key::capabilities) ||
                               meta->contains(meta_key::client));
}

Answer<Peer> modern_peer(const json::object* meta) {
    auto peer =
        meta == nullptr ? Answer<Peer>(expected("_meta", "an object", "nothing")) : read_modern(*meta);
    if (peer) return peer;
    auto error = peer.error();
    error.http_status = 400;
    return error;
}

Answer<Peer> introduced_peer(const json::object& params) {
    const auto version = required_string(params, "protocolVersion");
    if (!version) return version.error();
    const auto capabilities = optional_object(params, "capabilities");
    if (!capabilities) return capabilities.error();
    const auto info = optional_object(params, "clientInfo");
    if (!info) return info.error();

    const auto* revision = find_revision(*version);
    if (revision == nullptr || revision->modern) revision = &newest_handshake();
    Peer peer{
        .revision = revision, .client = client_name(*info), .can = {}, .log_severity = log_severity("info")};
    if (*capabilities != nullptr) peer.can = abilities_of(**capabilities);
    peer.can.forms = peer.can.forms && revision->elicitation;
    return peer;
}

std::optional<std::string> trace_parent(const json::object* meta) {
    const auto text = meta == nullptr ? std::string() : string_or(*meta, "traceparent");
    constexpr std::string_view shape = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    const bool fits = text.size() == shape.size() &&
                      std::equal(text.begin(), text.end(), shape.begin(), [](char got, char wanted) {
                          if (wanted != 'x') return got == wanted;
                          return (got >= '0' && got <= '9') || (got >= 'a' && got <= 'f');
                      });
    return fits ? std::optional(text) : std::nullopt;
}

}  // namespace casefile::mcp

#include "tools/environment/last_seen.h"

#include "base/hash.h"
#include "base/small_file.h"
#include "base/text.h"

namespace casefile::tools {
namespace {

/// Clocks that move apart by less are no news.
constexpr std::int64_t clock_moved_ms = 1'000;

constexpr std::uint64_t note_bytes_max = 16 * 1024 * 1024;

/// Facts that stay as they are unless somebody changes something.
constexpr const char* lasting_facts[] = {
    "product",    "version",   "version_comment", "account",          "privileges",       "role",
    "replica_of", "read_only", "super_read_only", "server_time_zone", "system_time_zone", "brokers"};

/// One file for each environment and principal: what others saw is nobody's business.
std::filesystem::path file_of(const Workbench& bench, const std::string& principal, const std::string& env) {
    return bench.cases.store().home() / "seen" /
           (slug(env, 40) + "." + sha256_hex(env + "\n" + principal).substr(0, 16) + ".json");
}

json::object read_seen(const std::filesystem::path& file) {
    const auto text = read_small_file(file, note_bytes_max);
    if (!text) return {};
    auto parsed = parse_json(*text);
    return parsed && parsed->is_object() ? std::move(parsed->get_object()) : json::object{};
}

json::object look_of(const sources::Fingerprint& fingerprint) {
    json::object out = fingerprint.identity;
    out.erase("databases");  // those of Redis come and go with their keys
    for (const auto* name : lasting_facts)
        if (const auto* fact = fingerprint.facts.if_contains(name)) out[name] = *fact;
    out["can_write"] = fingerprint.can_write;
    return out;
}

std::string told(const json::value* value) {
    return value == nullptr ? std::string("nothing") : shorten(json::serialize(*value), 120);
}

void compare(const json::object& before, const json::object& now, const std::string& prefix,
             std::vector<std::string>& lines) {
    std::set<std::string> names;
    for (const auto& pair : before) names.emplace(pair.key());
    for (const auto& pair : now) names.emplace(pair.key());
    for (const auto& name : names) {
        const auto* then = before.if_contains(name);
        const auto* today = now.if_contains(name);
        if (then != nullptr && today != nullptr && *then == *today) continue;
        lines.push_back(prefix + name + ": before " + told(then) + ", now " + told(today));
    }
}

std::optional<std::int64_t> skew_of(const json::object& from) {
    const auto* skew = from.if_contains("clock_skew_ms");
    return skew != nullptr && skew->is_int64() ? std::optional(skew->get_int64()) : std::nullopt;
}

}  // namespace

std::vector<std::string> unlike_last_time(const Workbench& bench, const std::string& principal,
                                          const std::string& env, const Probe& found) {
    const auto seen = read_seen(file_of(bench, principal, env));
    std::vector<std::string> lines;
    for (const auto& fingerprint : found.fingerprints) {
        const auto* before = member(seen, fingerprint.variable);
        const auto* look =
            before != nullptr && before->is_object() ? member(before->get_object(), "look") : nullptr;
        if (look == nullptr || !look->is_object()) continue;
        const auto prefix = fingerprint.variable + " unlike " + string_or(before->get_object(), "at") + ": ";
        compare(look->get_object(), look_of(fingerprint), prefix, lines);
        const auto then = skew_of(before->get_object()), now = skew_of(fingerprint.facts);
        if (then && now && std::abs(*now - *then) > clock_moved_ms)
            lines.push_back(prefix + "clock against ours: before " + std::to_string(*then) + " ms, now " +
                            std::to_string(*now) + " ms");
    }
    return lines;
}

void remember_seen(const Workbench& bench, const std::string& principal, const std::string& env,
                   const Probe& found) {
    const auto file = file_of(bench, principal, env);
    auto seen = read_seen(file);
    for (const auto& fingerprint : found.fingerprints) {
        json::object note{{"at", fingerprint.taken_at}, {"look", look_of(fingerprint)}};
        if (const auto skew = skew_of(fingerprint.facts)) note["clock_skew_ms"] = *skew;
        seen[fingerprint.variable] = std::move(note);
    }
    (void)replace_small_file(file, canonical(seen) + "\n", false);
}

}  // namespace casefile::tools

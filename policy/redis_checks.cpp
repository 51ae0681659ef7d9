#include "policy/redis_checks.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

using Problem = std::optional<RedisProblem>;

constexpr WordList harmless_settings =
    "activedefrag activerehashing appendfsync appendonly auto-aof-rewrite-min-size "
    "auto-aof-rewrite-percentage client-output-buffer-limit client-query-buffer-limit cluster-enabled "
    "databases hash-max-listpack-entries hash-max-listpack-value hash-max-ziplist-entries "
    "hash-max-ziplist-value hz io-threads latency-monitor-threshold lazyfree-lazy-eviction "
    "lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del list-compress-depth "
    "list-max-listpack-size list-max-ziplist-size maxclients maxmemory maxmemory-clients "
    "maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag "
    "min-replicas-to-write notify-keyspace-events port proto-max-bulk-len repl-backlog-size "
    "repl-backlog-ttl repl-diskless-sync repl-timeout replica-priority replica-read-only "
    "replica-serve-stale-data save set-max-intset-entries set-max-listpack-entries "
    "slowlog-log-slower-than slowlog-max-len stop-writes-on-bgsave-error stream-node-max-bytes "
    "stream-node-max-entries tcp-keepalive timeout tracking-table-max-keys zset-max-listpack-entries "
    "zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value";

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return value;
}

/// What may be shown of an argument within a message.
std::string shown(std::string_view argument) { return shorten(printable(argument), 40); }

Problem problem(std::string reason, std::string hint) {
    return RedisProblem{std::move(reason), std::move(hint)};
}

Problem check_range(std::string_view name, std::string_view text, std::int64_t low, std::int64_t high) {
    const auto value = number(text);
    if (value && *value >= low && *value <= high) return std::nullopt;
    const auto range = std::to_string(low) + ".." + std::to_string(high);
    return problem(std::string(name) + ": expected " + range + ", got " + shown(text),
                   "give a number within " + range + " and read on from there");
}

Problem check_count(std::string_view text) { return check_range("COUNT", text, 1, redis_elements_max); }

Problem unknown_option(std::string_view option, std::string_view known) {
    return problem("option " + shown(option) + " is not one of those allowed",
                   "allowed here: " + std::string(known));
}

Problem check_pattern(std::string_view pattern) {
    const auto stars = std::ranges::count(pattern, '*');
    if (pattern.size() <= redis_pattern_bytes_max && stars <= redis_pattern_stars_max) return std::nullopt;
    return problem("the pattern has " + std::to_string(pattern.size()) + " bytes and " +
                       std::to_string(stars) + " stars, which can hold up the server",
                   "at most " + std::to_string(redis_pattern_bytes_max) + " bytes and " +
                       std::to_string(redis_pattern_stars_max) + " stars, for example product:*");
}

Problem check_scan_options(RedisArguments options) {
    for (std::size_t i = 0; i < options.size(); ++i) {
        const auto name = upper(options[i]);
        if (name == "NOVALUES") continue;
        if (name != "MATCH" && name != "COUNT" && name != "TYPE")
            return unknown_option(options[i], "MATCH pattern, COUNT n, TYPE name");
        if (++i == options.size()) return problem(name + " has no value", "give one after it");
        if (name == "COUNT")
            if (auto wrong = check_count(options[i])) return wrong;
        if (name == "MATCH")
            if (auto wrong = check_pattern(options[i])) return wrong;
    }
    return std::nullopt;
}

/// Positions count from the start, or from the end when negative; a window is bounded when both count the
/// same way or when it reaches less than the limit past an end.
Problem check_window(std::string_view start_text, std::string_view stop_text) {
    const auto start = number(start_text);
    const auto stop = number(stop_text);
    constexpr auto hint = "give a window, such as 0 99, and read on from there";
    if (!start || !stop || *start < -redis_elements_max * 1'000'000 || *stop > redis_elements_max * 1'000'000)
        return problem(
            "start and stop: expected whole numbers, got " + shown(start_text) + " " + shown(stop_text),
            hint);
    const bool from_start = *start >= 0;
    const bool up_to_end = *stop < 0;
    if (from_start && up_to_end)
        return problem("the window " + shown(start_text) + " " + shown(stop_text) + " is without a bound",
                       hint);
    const bool same_end = from_start != up_to_end;
    const auto elements = same_end ? *stop - *start + 1 : std::min(-*start, *stop + 1);
    if (elements > redis_elements_max)
        return problem("the window holds " + std::to_string(elements) + " elements, more than " +
                           std::to_string(redis_elements_max),
                       hint);
    return std::nullopt;
}

/// The options after key, start and stop of the sorted-set ranges.
struct RangeOptions {
    bool by_value = false;
    bool limited = false;
    Problem wrong = std::nullopt;
};

RangeOptions read_range_options(RedisArguments options) {
    RangeOptions out;
    for (std::size_t i = 0; i < options.size() && !out.wrong; ++i) {
        const auto name = upper(options[i]);
        if (name == "BYSCORE" || name == "BYLEX") {
            out.by_value = true;
        } else if (name == "LIMIT") {
            if (i + 2 >= options.size()) {
                out.wrong = problem("LIMIT: expected offset and count", "write LIMIT 0 100");
            } else {
                out.limited = true;
                out.wrong = check_range("LIMIT count", options[i + 2], 0, redis_elements_max);
                i += 2;
            }
        } else if (name != "REV" && name != "WITHSCORES") {
            out.wrong = unknown_option(options[i], "BYSCORE, BYLEX, REV, WITHSCORES, LIMIT offset count");
        }
    }
    return out;
}

Problem need_limit() {
    return problem("a range by score or by name has no bound", "add LIMIT 0 100 and read on from there");
}

Problem need_count() { return problem("COUNT is missing, so the reply has no bound", "add COUNT 100"); }

}  // namespace

Problem check_nothing(RedisArguments) { return std::nullopt; }

Problem check_scan(RedisArguments arguments) { return check_scan_options(arguments.subspan(1)); }

Problem check_collection_scan(RedisArguments arguments) { return check_scan_options(arguments.subspan(2)); }

Problem check_index_window(RedisArguments arguments) {
    if (arguments.size() > 3 && upper(arguments[3]) != "WITHSCORES")
        return unknown_option(arguments[3], "WITHSCORES");
    return check_window(arguments[1], arguments[2]);
}

Problem check_zrange(RedisArguments arguments) {
    auto options = read_range_options(arguments.subspan(3));
    if (options.wrong) return options.wrong;
    if (!options.by_value) return check_window(arguments[1], arguments[2]);
    return options.limited ? std::nullopt : need_limit();
}

Problem check_limited_range(RedisArguments arguments) {
    auto options = read_range_options(arguments.subspan(3));
    if (options.wrong) return options.wrong;
    return options.limited ? std::nullopt : need_limit();
}

Problem check_random_count(RedisArguments arguments) {
    if (arguments.size() < 2) return std::nullopt;
    return check_range("count", arguments[1], -redis_elements_max, redis_elements_max);
}

Problem check_positions(RedisArguments arguments) {
    const auto options = arguments.subspan(2);
    for (std::size_t i = 0; i < options.size(); i += 2) {
        const auto name = upper(options[i]);
        if (name != "RANK" && name != "COUNT" && name != "MAXLEN")
            return unknown_option(options[i], "RANK n, COUNT n, MAXLEN n");
        if (i + 1 == options.size()) return problem(name + " has no value", "give one after it");
        if (name == "COUNT")
            if (auto wrong = check_count(options[i + 1])) return wrong;
    }
    return std::nullopt;
}

Problem check_bitfield(RedisArguments arguments) {
    for (std::size_t i = 1; i < arguments.size(); i += 3)
        if (upper(arguments[i]) != "GET") return unknown_option(arguments[i], "GET type offset");
    return std::nullopt;
}

Problem check_stream_range(RedisArguments arguments) {
    if (arguments.size() != 5 || upper(arguments[3]) != "COUNT") return need_count();
    return check_count(arguments[4]);
}

Problem check_stream_read(RedisArguments arguments) {
    bool counted = false;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const auto name = upper(arguments[i]);
        if (name == "STREAMS") return counted ? std::nullopt : need_count();
        if (name == "BLOCK")
            return problem("BLOCK makes the connection wait",
                           "leave out BLOCK; ask again later for new entries");
        if (name != "COUNT" || i + 1 == arguments.size())
            return unknown_option(arguments[i], "COUNT n STREAMS key… id…");
        if (auto wrong = check_count(arguments[i + 1])) return wrong;
        counted = true;
    }
    return problem("STREAMS is missing", "write XREAD COUNT 100 STREAMS key 0");
}

Problem check_pending(RedisArguments arguments) {
    auto rest = arguments.subspan(2);
    if (rest.empty()) return std::nullopt;
    if (upper(rest[0]) == "IDLE" && rest.size() >= 2) rest = rest.subspan(2);
    if (rest.size() != 3 && rest.size() != 4)
        return problem("expected key group, then start end count", "write XPENDING key group - + 100");
    return check_count(rest[2]);
}

Problem check_stream_info(RedisArguments arguments) {
    if (arguments.size() == 1) return std::nullopt;
    if (upper(arguments[1]) != "FULL") return unknown_option(arguments[1], "FULL, FULL COUNT n");
    if (arguments.size() == 2) return std::nullopt;
    if (arguments.size() != 4 || upper(arguments[2]) != "COUNT")
        return unknown_option(arguments[2], "COUNT n");
    return check_count(arguments[3]);
}

Problem check_document(RedisArguments arguments) {
    // What these put around each value multiplies the answer.
    constexpr std::size_t layout_bytes_max = 8;
    for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
        const auto name = upper(arguments[i]);
        if (name != "INDENT" && name != "NEWLINE" && name != "SPACE") continue;
        if (arguments[++i].size() > layout_bytes_max)
            return problem(name + ": expected at most " + std::to_string(layout_bytes_max) + " bytes, got " +
                               std::to_string(arguments[i].size()),
                           "leave it out");
    }
    return std::nullopt;
}

Problem check_channels(RedisArguments arguments) {
    return arguments.empty() ? std::nullopt : check_pattern(arguments[0]);
}

Problem check_command_list(RedisArguments arguments) {
    return arguments.size() < 3 ? std::nullopt : check_pattern(arguments[2]);
}

Problem check_memory_usage(RedisArguments arguments) {
    if (arguments.size() == 1) return std::nullopt;
    if (arguments.size() != 3 || upper(arguments[1]) != "SAMPLES")
        return unknown_option(arguments[1], "SAMPLES n");
    return check_range("SAMPLES", arguments[2], 1, 1'000);
}

Problem check_slowlog(RedisArguments arguments) {
    return arguments.empty() ? std::nullopt : check_range("count", arguments[0], 1, 1'000);
}

Problem check_client_list(RedisArguments arguments) {
    if (arguments.empty()) return std::nullopt;
    const auto name = upper(arguments[0]);
    if (name == "ID" || (name == "TYPE" && arguments.size() == 2)) return std::nullopt;
    return unknown_option(arguments[0], "TYPE name, ID id…");
}

Problem check_config_names(RedisArguments arguments) {
    for (const auto& argument : arguments) {
        const auto name = lower(argument);
        if (name == "maxmemory*" || name == "slowlog*" || lists(harmless_settings, name)) continue;
        return problem(
            "the setting " + shown(argument) + " is not on the list of harmless ones",
            "ask by full name for maxmemory*, save, appendonly, timeout, maxclients, slowlog* and the like, "
            "or read INFO");
    }
    return std::nullopt;
}

Problem check_slot_keys(RedisArguments arguments) { return check_count(arguments[1]); }

}  // namespace casefile::policy

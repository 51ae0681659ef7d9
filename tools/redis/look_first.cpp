#include "tools/redis/look_first.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace casefile::tools::redis {
namespace {

/// In which way an answer can grow.
enum class Grows {
    never,      ///< bounded by itself
    text,       ///< one string, which can be read in part
    range,      ///< the same, with bounds given
    texts,      ///< one string for each key or field named
    elements,   ///< the whole collection
    window,     ///< the elements from one index to another
    counted,    ///< elements bounded by LIMIT or COUNT
    sampled,    ///< so many elements as the number after the key says; when negative, some more than once
    scanned,    ///< about COUNT elements, the others in further steps
    one,        ///< a single element
    streams,    ///< COUNT entries of each stream named
    entries,    ///< a few entries among facts about a stream
    document,   ///< one document whose size only the server knows
    documents,  ///< one for each key named
};

/// So many elements does MEMORY USAGE look at. Five, as many as it does by itself, miss the one that is huge.
constexpr const char* samples = "1000";

struct Shape {
    std::string_view name;
    std::size_t key_at;
    Grows grows = Grows::never;
    std::string_view measured_by = {};
};

constexpr Shape shapes[] = {
    {"GET", 1, Grows::text, "STRLEN"},
    {"GETRANGE", 1, Grows::range, "STRLEN"},
    {"SUBSTR", 1, Grows::range, "STRLEN"},
    {"MGET", 1, Grows::texts, "STRLEN"},
    {"HGET", 1, Grows::texts, "HSTRLEN"},
    {"HMGET", 1, Grows::texts, "HSTRLEN"},
    {"HGETALL", 1, Grows::elements, "HLEN"},
    {"LRANGE", 1, Grows::window, "LLEN"},
    {"ZRANGE", 1, Grows::window, "ZCARD"},
    {"ZREVRANGE", 1, Grows::window, "ZCARD"},
    {"ZRANGEBYSCORE", 1, Grows::counted, "ZCARD"},
    {"ZREVRANGEBYSCORE", 1, Grows::counted, "ZCARD"},
    {"ZRANGEBYLEX", 1, Grows::counted, "ZCARD"},
    {"ZREVRANGEBYLEX", 1, Grows::counted, "ZCARD"},
    {"XRANGE", 1, Grows::counted, "XLEN"},
    {"XREVRANGE", 1, Grows::counted, "XLEN"},
    {"XREAD", 0, Grows::streams, "XLEN"},
    {"LINDEX", 1, Grows::one, "LLEN"},
    {"HSCAN", 1, Grows::scanned, "HLEN"},
    {"SSCAN", 1, Grows::scanned, "SCARD"},
    {"ZSCAN", 1, Grows::scanned, "ZCARD"},
    {"HRANDFIELD", 1, Grows::sampled, "HLEN"},
    {"SRANDMEMBER", 1, Grows::sampled, "SCARD"},
    {"ZRANDMEMBER", 1, Grows::sampled, "ZCARD"},
    {"JSON.GET", 1, Grows::document},
    {"JSON.OBJKEYS", 1, Grows::document},
    {"JSON.MGET", 1, Grows::documents},
    {"MEMORY", 2},
    {"OBJECT", 2},
    {"XINFO", 2, Grows::entries, "XLEN"},
};

/// Commands whose first argument is a key and whose answer is small, or bounded by policy.
constexpr std::string_view small_reads[] = {
    "BITCOUNT",    "BITFIELD_RO", "BITPOS",      "EXISTS",      "EXPIRETIME", "GEODIST", "GEOHASH",
    "GEOPOS",      "GETBIT",      "HEXISTS",     "HEXPIRETIME", "HLEN",       "HPTTL",   "HSTRLEN",
    "HTTL",        "JSON.ARRLEN", "JSON.OBJLEN", "JSON.STRLEN", "JSON.TYPE",  "LLEN",    "LPOS",
    "PEXPIRETIME", "PTTL",        "SCARD",       "SISMEMBER",   "SMISMEMBER", "STRLEN",  "TS.GET",
    "TS.INFO",     "TTL",         "TYPE",        "XLEN",        "XPENDING",   "ZCARD",   "ZCOUNT",
    "ZLEXCOUNT",   "ZMSCORE",     "ZRANK",       "ZREVRANK",    "ZSCORE",
};

/// None for commands without a key, and for those that are not known here.
std::optional<Shape> shape_of(const Command& command) {
    if (command.empty()) return std::nullopt;
    const auto name = upper(command.front());
    std::optional<Shape> shape;
    if (const auto* found = std::ranges::find(shapes, name, &Shape::name); found != std::end(shapes))
        shape = *found;
    if (name == "XINFO" && !(command.size() > 1 && equals_ignoring_case(command[1], "STREAM")))
        shape = Shape{{}, 2};
    if (std::ranges::find(small_reads, name) != std::end(small_reads)) shape = Shape{{}, 1};
    return shape && shape->key_at < command.size() ? shape : std::nullopt;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> size_in(std::span<const Reply> looked, std::size_t at) {
    if (at >= looked.size() || looked[at].kind != Reply::Kind::integer) return std::nullopt;
    return looked[at].integer;
}

/// How many of `length` elements lie between two indexes, either of which may count from the end.
std::int64_t within(std::int64_t first, std::int64_t last, std::int64_t length) {
    if (first < 0) first = std::max<std::int64_t>(0, first + length);
    if (last < 0) last += length;
    last = std::min(last, length - 1);
    return std::max<std::int64_t>(0, last - first + 1);
}

/// The largest number that LIMIT or COUNT gives: of several the server heeds the last.
std::optional<std::int64_t> count_given(const Command& command, std::size_t from) {
    std::optional<std::int64_t> largest;
    for (std::size_t i = from; i + 1 < command.size(); ++i) {
        if (equals_ignoring_case(command[i], "STREAMS")) break;
        const bool limit = equals_ignoring_case(command[i], "LIMIT") && i + 2 < command.size();
        if (!limit && !equals_ignoring_case(command[i], "COUNT")) continue;
        const auto count = whole_number(command[limit ? i + 2 : i + 1]);
        if (count && *count >= 0) largest = std::max(largest.value_or(0), *count);
    }
    return largest;
}

std::int64_t in_window(const Command& command, std::int64_t length) {
    if (command.size() < 4) return length;
    const auto first = whole_number(command[2]), last = whole_number(command[3]);
    const bool by_index =
        first && last && std::none_of(command.begin() + 4, command.end(), [](const auto& option) {
            return equals_ignoring_case(option, "BYSCORE") || equals_ignoring_case(option, "BYLEX");
        });
    return by_index ? within(*first, *last, length) : length;
}

/// The elements that the command would give of a collection of `length`.
std::int64_t elements_asked(const Command& command, Grows grows, std::int64_t length) {
    constexpr std::int64_t scanned_by_itself = 10;
    if (grows == Grows::one) return std::min<std::int64_t>(1, length);
    if (grows == Grows::sampled) {
        const auto count = command.size() > 2 ? whole_number(command[2]) : 1;
        if (length == 0 || !count) return 0;
        return *count < 0 ? -*count : std::min(*count, length);
    }
    if (const auto count = count_given(command, grows == Grows::streams ? 1 : 2))
        return std::min(*count, length);
    if (grows == Grows::window) return in_window(command, length);
    if (grows == Grows::scanned) return std::min(scanned_by_itself, length);
    if (grows == Grows::entries) return std::min<std::int64_t>(command.size() > 3 ? 10 : 2, length);
    return length;
}

/// The keys of a command that reads several collections or documents; otherwise its one key.
std::span<const std::string> keys_of(const Command& command, const Shape& shape) {
    const std::span words(command);
    if (shape.grows == Grows::documents) return words.subspan(1, words.size() > 2 ? words.size() - 2 : 0);
    if (shape.grows != Grows::streams) return words.subspan(shape.key_at, 1);
    const auto streams =
        std::ranges::find_if(command, [](const auto& word) { return equals_ignoring_case(word, "STREAMS"); });
    if (streams == command.end()) return {};
    const auto rest = words.subspan(static_cast<std::size_t>(streams - command.begin()) + 1);
    return rest.first(rest.size() / 2);  // then as many positions
}

std::string windowed_form(const Command& command) {
    const auto name = upper(command.front());
    if (name.ends_with("SCAN")) return "a smaller COUNT";
    if (name.ends_with("RANDFIELD") || name.ends_with("RANDMEMBER")) return "a smaller count";
    if (name == "LINDEX") return "another index; LLEN and MEMORY USAGE tell how large the elements are";
    if (name.starts_with('H')) return "HSCAN key 0 COUNT 100, or HMGET with the fields you need";
    if (name == "LRANGE" || name == "ZRANGE" || name == "ZREVRANGE")
        return "a smaller window, for example 0 99";
    return name.starts_with('X') ? "COUNT 100" : "LIMIT 0 100";
}

Decision decide_text(const Command& command, std::optional<std::int64_t> length, const Bounds& bounds) {
    if (!length || *length <= bounds.value_bytes_max) return {.send = command, .bytes = length.value_or(0)};
    return {.send = {"GETRANGE", command[1], "0", std::to_string(bounds.value_bytes_max - 1)},
            .whole_bytes = length,
            .bytes = bounds.value_bytes_max};
}

Decision decide_range(const Command& command, std::optional<std::int64_t> length, const Bounds& bounds) {
    if (command.size() < 4) return {.send = command};
    const auto first = whole_number(command[2]), last = whole_number(command[3]);
    if (!length || !first || !last) return {.send = command};
    if (const auto bytes = within(*first, *last, *length); bytes <= bounds.value_bytes_max)
        return {.send = command, .bytes = bytes};
    const auto from = *first < 0 ? std::max<std::int64_t>(0, *first + *length) : *first;
    return {.send = {"GETRANGE", command[1], std::to_string(from),
                     std::to_string(from + bounds.value_bytes_max - 1)},
            .whole_bytes = length,
            .bytes = bounds.value_bytes_max};
}

Decision decide_texts(const Command& command, std::span<const Reply> looked, const Bounds& bounds) {
    std::int64_t all = 0;
    for (std::size_t i = 0; i < looked.size(); ++i) {
        const auto bytes = size_in(looked, i).value_or(0);
        all += bytes;
        if (bytes <= bounds.value_bytes_max) continue;
        const bool keys = upper(command.front()) == "MGET";
        const auto& name = command[(keys ? 1 : 2) + i];
        return {.refused = (keys ? "key '" : "field '") + printable(shorten(name, 80)) + "' holds " +
                           std::to_string(bytes) + " bytes, more than " +
                           std::to_string(bounds.value_bytes_max),
                .hint = keys ? "leave it out here, and read it with GETRANGE key 0 999" : "leave it out"};
    }
    if (all <= bounds.reply_bytes_max) return {.send = command, .bytes = all};
    return {.refused = "the values hold " + std::to_string(all) + " bytes, more than " +
                       std::to_string(bounds.reply_bytes_max),
            .hint = "ask for fewer at once"};
}

/// `looked` holds length and memory of each collection in turn.
Decision decide_elements(const Command& command, Grows grows, std::span<const Reply> looked,
                         const Bounds& bounds) {
    std::int64_t asked = 0, bytes = 0;
    for (std::size_t at = 0; at < looked.size(); at += 2) {
        const auto length = size_in(looked, at);
        if (!length || *length == 0) continue;
        const auto here = elements_asked(command, grows, *length);
        asked += here;
        bytes += size_in(looked, at + 1).value_or(0) / *length * here;
    }
    // A step of a scan is bounded by policy, and its COUNT is work rather than answer where it has a MATCH.
    if (asked > bounds.elements_max && grows != Grows::scanned)
        return {.refused = "would give " + std::to_string(asked) + " elements, more than " +
                           std::to_string(bounds.elements_max),
                .hint = "ask with " + windowed_form(command)};
    if (bytes <= bounds.reply_bytes_max) return {.send = command, .bytes = bytes};
    return {.refused = "would give about " + std::to_string(bytes) + " bytes, more than " +
                       std::to_string(bounds.reply_bytes_max),
            .hint = "ask with " + windowed_form(command)};
}

/// A document comes once for each path.
Decision decide_documents(const Command& command, Grows grows, std::span<const Reply> looked,
                          const Bounds& bounds) {
    const auto paths = grows == Grows::document && command.size() > 3 ? std::ssize(command) - 2 : 1;
    std::int64_t bytes = 0;
    for (std::size_t at = 0; at < looked.size(); ++at) bytes += size_in(looked, at).value_or(0) * paths;
    if (bytes <= bounds.reply_bytes_max) return {.send = command, .bytes = bytes};
    return {.refused = "what is asked takes " + std::to_string(bytes) + " bytes, more than " +
                       std::to_string(bounds.reply_bytes_max),
            .hint = grows == Grows::document ? "ask for one path within it" : "ask for fewer keys at once"};
}

}  // namespace

std::optional<std::string> first_key(const Command& command) {
    const auto shape = shape_of(command);
    if (!shape || shape->key_at == 0) return std::nullopt;
    return command[shape->key_at];
}

std::optional<std::string> only_key(const Command& command) {
    const auto key = first_key(command);
    if (!key) return std::nullopt;
    const auto name = upper(command.front());
    const std::size_t others = name == "JSON.MGET" ? 2 : 1;  // the path is its last word
    const bool names_keys = name == "MGET" || name == "EXISTS" || name == "JSON.MGET";
    return names_keys && command.size() > 1 + others ? std::nullopt : key;
}

std::vector<Command> looks_before(const Command& command) {
    const auto shape = shape_of(command);
    if (!shape) return {};
    const std::string measure(shape->measured_by);
    const auto& key = command[shape->key_at];
    std::vector<Command> looks;
    switch (shape->grows) {
        case Grows::never:
            break;
        case Grows::text:
        case Grows::range:
            looks.push_back({measure, key});
            break;
        case Grows::texts:
            if (measure == "STRLEN")
                for (std::size_t i = 1; i < command.size(); ++i) looks.push_back({measure, command[i]});
            else
                for (std::size_t i = 2; i < command.size(); ++i) looks.push_back({measure, key, command[i]});
            break;
        case Grows::elements:
        case Grows::window:
        case Grows::counted:
        case Grows::sampled:
        case Grows::scanned:
        case Grows::one:
        case Grows::streams:
        case Grows::entries:
            for (const auto& one : keys_of(command, *shape)) {
                looks.push_back({measure, one});
                looks.push_back({"MEMORY", "USAGE", one, "SAMPLES", samples});
            }
            break;
        case Grows::document:
        case Grows::documents:
            for (const auto& one : keys_of(command, *shape)) looks.push_back({"MEMORY", "USAGE", one});
            break;
    }
    return looks;
}

Decision decide(const Command& command, std::span<const Reply> looked, const Bounds& bounds) {
    const auto shape = shape_of(command);
    if (!shape) return {.send = command};
    switch (shape->grows) {
        case Grows::never:
            return {.send = command};
        case Grows::text:
            return decide_text(command, size_in(looked, 0), bounds);
        case Grows::range:
            return decide_range(command, size_in(looked, 0), bounds);
        case Grows::texts:
            return decide_texts(command, looked, bounds);
        case Grows::elements:
        case Grows::window:
        case Grows::counted:
        case Grows::sampled:
        case Grows::scanned:
        case Grows::one:
        case Grows::streams:
        case Grows::entries:
            return decide_elements(command, shape->grows, looked, bounds);
        case Grows::document:
        case Grows::documents:
            return decide_documents(command, shape->grows, looked, bounds);
    }
    return {.send = command};
}

void keep_within_call(std::vector<Decision>& decisions, const Bounds& bounds) {
    std::int64_t before = 0;
    for (auto& decision : decisions) {
        if (!decision.refused.empty()) continue;
        if (before + decision.bytes <= bounds.call_bytes_max) {
            before += decision.bytes;
            continue;
        }
        decision = {.refused = "would give about " + std::to_string(decision.bytes) + " bytes after " +
                               std::to_string(before) + " of the commands before it, more than " +
                               std::to_string(bounds.call_bytes_max) + " together",
                    .hint = "ask for it in a call of its own"};
    }
}

std::optional<Command> smaller_form(const Command& command, const Bounds& bounds) {
    const auto shape = shape_of(command);
    if (!shape || (shape->grows != Grows::text && shape->grows != Grows::range)) return std::nullopt;
    return Command{"GETRANGE", command[1], "0", std::to_string(bounds.value_bytes_max - 1)};
}

std::string command_line(const Command& command) {
    std::vector<std::string> words;
    for (const auto& argument : command) {
        const bool plain =
            !argument.empty() && std::all_of(argument.begin(), argument.end(), [](unsigned char c) {
                return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\';
            });
        if (plain) {
            words.push_back(argument);
            continue;
        }
        std::string quoted = "\"";
        for (const char c : argument) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\')
                quoted += std::string("\\") + c;
            else if (c == '\n')
                quoted += "\\n";
            else if (c == '\r')
                quoted += "\\r";
            else if (c == '\t')
                quoted += "\\t";
            else if (byte < ' ' || byte == 0x7f)
                quoted += "\\x" + to_hex(std::string_view(&c, 1));
            else
                quoted += c;
        }
        words.push_back(quoted + '"');
    }
    return join(words, " ");
}

}  // namespace casefile::tools::redis

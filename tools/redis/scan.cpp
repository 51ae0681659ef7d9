// scan_redis: which keys match, with type, TTL and size of each, and grouped by their template. Walks with
// SCAN in small steps until the cursor is back at 0, enough keys were found, or the time for walking is over.

#include <unordered_set>

#include "base/text.h"
#include "tools/preview.h"
#include "tools/redis/key_patterns.h"
#include "tools/redis/look_first.h"
#include "tools/redis/masked.h"
#include "tools/redis/second_opinion.h"
#include "tools/redis/tools.h"

namespace casefile::tools::redis {
namespace {

constexpr std::int64_t step = 1000;           // buckets a SCAN looks at
constexpr std::size_t keys_a_pipeline = 300;  // three questions each
constexpr std::size_t patterns_kept = 1000;
constexpr std::size_t patterns_shown = 20;

struct Args {
    std::string match = "*";
    std::optional<std::string> type;
    std::optional<std::int64_t> keys_max;
};

struct Answer {
    std::vector<json::object> keys, patterns;
    std::int64_t keys_found = 0, scanned = 0;
    bool truncated = false;
    std::optional<std::string> reason = {};
};

struct Walk {
    std::vector<std::string> keys;  // each once, though SCAN may give one twice
    std::int64_t scanned = 0;       // about, until complete
    std::int64_t in_database = 0;
    std::string stopped_by;  // empty when every key was walked over
};

Command scan_command(const Args& args, const std::string& cursor) {
    Command command{"SCAN", cursor, "MATCH", args.match, "COUNT", std::to_string(step)};
    if (args.type) {
        command.emplace_back("TYPE");
        command.push_back(*args.type);
    }
    return command;
}

Error unexpected(const Reply& reply) {
    Error error = unavailable("redis would not scan: " + printable(shorten(reply.text, 200)),
                              "the account needs the commands SCAN, TYPE, PTTL, MEMORY USAGE and DBSIZE");
    error.layer = Layer::database;
    return error;
}

/// Adds the keys of one SCAN reply; false when there are enough.
bool take_keys(const Reply& reply, const Args& args, const Masks& masks, std::size_t keys_max,
               std::unordered_set<std::string>& seen, Walk& walk) {
    for (const auto& key : reply.items[1].items) {
        if (!seen.insert(key.text).second || tells_of_name(masks, args.match, key.text)) continue;
        if (walk.keys.size() == keys_max) return false;
        walk.keys.push_back(key.text);
    }
    return true;
}

Result<Walk> walk(const Args& args, std::int64_t keys_max, sources::redis::RedisSource& source, Call& call) {
    // What comes after the walk needs a third of the time.
    const auto began = std::chrono::steady_clock::now();
    const auto walk_until = began + (call.deadline - began) * 2 / 3;
    Walk walk;
    std::unordered_set<std::string> seen;
    std::string cursor = "0";
    bool first = true;
    do {
        std::vector<Command> commands{scan_command(args, cursor)};
        if (first) commands.push_back({"DBSIZE"});
        auto replies = source.pipeline(commands, call.control());
        if (!replies) return replies.error();
        const auto& page = replies->front();
        if (page.kind != Reply::Kind::array || page.items.size() != 2 ||
            page.items[1].kind != Reply::Kind::array)
            return unexpected(page);
        if (first) walk.in_database = replies->back().integer;
        first = false;
        cursor = page.items[0].text;
        walk.scanned = std::min(walk.scanned + step, walk.in_database);
        if (!take_keys(page, args, call.bench.masks, static_cast<std::size_t>(keys_max), seen, walk)) {
            walk.stopped_by = "keys_max " + std::to_string(keys_max) + " was reached";
            return walk;
        }
        call.progress(static_cast<double>(walk.scanned), static_cast<double>(walk.in_database),
                      std::to_string(walk.keys.size()) + " keys match");
        if (cursor != "0" && std::chrono::steady_clock::now() > walk_until) {
            walk.stopped_by = "the time for walking was over";
            return walk;
        }
    } while (cursor != "0");
    walk.scanned = walk.in_database;
    return walk;
}

/// Type, TTL and size of each key, in pipelines.
Result<std::vector<json::object>> describe_keys(const std::vector<std::string>& keys,
                                                sources::redis::RedisSource& source, Call& call,
                                                Patterns& patterns) {
    std::vector<json::object> lines;
    for (std::size_t from = 0; from < keys.size(); from += keys_a_pipeline) {
        const auto to = std::min(keys.size(), from + keys_a_pipeline);
        std::vector<Command> commands;
        for (std::size_t i = from; i < to; ++i) {
            commands.push_back({"TYPE", keys[i]});
            commands.push_back({"PTTL", keys[i]});
            commands.push_back({"MEMORY", "USAGE", keys[i]});
        }
        auto replies = source.pipeline(commands, call.control());
        if (!replies) return replies.error();
        for (std::size_t i = from; i < to; ++i) {
            const auto* three = &(*replies)[(i - from) * 3];
            const auto number = [](const Reply& reply) {
                return reply.kind == Reply::Kind::integer ? json::value(reply.integer) : json::value();
            };
            const bool never_expires = three[1].kind == Reply::Kind::integer && three[1].integer == -1;
            const auto bytes = number(three[2]);
            const auto shown = call.bench.masks.key_name(keys[i]);
            lines.push_back(
                {{"key", shown_bytes(shown)},
                 {"type", three[0].kind == Reply::Kind::error ? json::value() : json::value(three[0].text)},
                 {"ttl_ms", number(three[1])},
                 {"bytes", bytes}});
            patterns.count(shown, bytes.is_int64() ? bytes.get_int64() : 0, !never_expires);
        }
    }
    return lines;
}

std::vector<json::object> write_patterns(const Patterns& patterns) {
    std::vector<json::object> out;
    for (const auto& pattern : patterns.sorted())
        out.push_back({{"pattern", pattern.pattern},
                       {"keys", pattern.keys},
                       {"bytes", pattern.bytes},
                       {"never_expire", pattern.never_expire},
                       {"example", pattern.example}});
    return out;
}

Result<std::variant<Answer, mcp::NeedsInput>> scan(const Args& args, Call& call) {
    const auto& limits = call.bench.limits;
    auto source = call.bench.sources.redis(call.env);
    if (!source) return source.error();
    auto walked = walk(args, args.keys_max.value_or(limits.keys_max), **source, call);
    if (!walked) return walked.error();
    log_missing_opinion(**source, call.run);
    std::sort(walked->keys.begin(), walked->keys.end());  // SCAN gives them in no order
    Patterns patterns(patterns_kept);
    auto lines = describe_keys(walked->keys, **source, call, patterns);
    if (!lines) return lines.error();

    Answer answer{.keys = *std::move(lines), .patterns = write_patterns(patterns)};
    answer.keys_found = std::ssize(answer.keys);
    answer.scanned = walked->scanned;
    const json::object head{
        {"match", args.match}, {"scanned", walked->scanned}, {"complete", walked->stopped_by.empty()}};
    if (auto done = call.run.write_output("redis_value." + call.task() + ".json", "data", "json",
                                          list_document(head, "keys", answer.keys));
        !done)
        return done.error();

    std::vector<std::string> reasons;
    if (!walked->stopped_by.empty())
        reasons.push_back(walked->stopped_by + " after about " + std::to_string(walked->scanned) + " of " +
                          std::to_string(walked->in_database) + " keys; narrow match to see the rest");
    auto left = preview_bytes(limits);
    const bool fewer_patterns = answer.patterns.size() > patterns_shown;
    if (fewer_patterns) answer.patterns.resize(patterns_shown);
    auto half = left / 2;
    const bool cut_patterns = keep_within(answer.patterns, half) || fewer_patterns;
    left -= std::min(left, left / 2 - half);
    if (keep_within(answer.keys, left) || cut_patterns)
        reasons.push_back("all " + std::to_string(answer.keys_found) +
                          " keys are in the file, the answer shows the first " +
                          std::to_string(answer.keys.size()));
    answer.truncated = !reasons.empty();
    if (answer.truncated) answer.reason = join(reasons, "; ");
    return {std::move(answer)};
}

/// Which keys will be found is not known yet: the gate judges the questions about them with the pattern in
/// their place.
Result<Plan> plan(const Args& args, const Situation& situation) {
    const auto first = scan_command(args, "0");
    return Plan{
        .intents = {{.action = policy::Intent::Action::read,
                     .env = situation.env,
                     .sources = {SourceKind::redis},
                     .redis = {{first},
                               {{"DBSIZE"}},
                               {{"TYPE", args.match}},
                               {{"PTTL", args.match}},
                               {{"MEMORY", "USAGE", args.match}}}}},
        .script = {"redis",
                   "DBSIZE\n" + command_line(first) +
                       "\n# on until the cursor is 0, then TYPE, PTTL and MEMORY USAGE of each key\n"},
        .task = "scan",
        .time_max = std::chrono::seconds(situation.limits.query_seconds_max)};
}

}  // namespace

GuardedTool scan_tool(Workbench& bench) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "scan_redis",
        .title = "Scan Redis keys",
        .description =
            "Finds keys by glob pattern with SCAN, never KEYS: type, TTL and size of each, and how many keys "
            "share a template, most first.",
        .input = Schema<Args>{}
                     .field("match", &Args::match,
                            "Glob, for example product:*; of masked keys, what is shown of them and *.")
                     .length(1, 1024)
                     .optional()
                     .field("type", &Args::type, "")
                     .choices({"string", "hash", "list", "set", "zset", "stream"})
                     .field("keys_max", &Args::keys_max, "")
                     .range(1, bench.limits.keys_max),
        .output = Schema<Answer>{}
                      .field("keys", &Answer::keys, "{key, type, ttl_ms (-1: never), bytes}")
                      .field("patterns", &Answer::patterns, "{pattern, keys, bytes, never_expire, example}")
                      .field("keys_found", &Answer::keys_found, "")
                      .field("scanned", &Answer::scanned, "Keys walked over, about, when truncated.")
                      .field("truncated", &Answer::truncated, "")
                      .field("reason", &Answer::reason, ""),
        .plan = plan,
        .run = scan,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.keys_found) + " keys match" +
                       (answer.truncated ? ", " + *answer.reason : "");
            },
    });
}

}  // namespace casefile::tools::redis

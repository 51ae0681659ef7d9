#include "policy/redis_command.h"

#include <algorithm>

#include "base/text.h"
#include "policy/redis_checks.h"

namespace casefile::policy {
namespace {

/// A command with its subcommand, and how many arguments may follow.
struct Reading {
    std::string_view name;
    std::size_t arguments_min;
    std::size_t arguments_max;
    RedisCheck check = check_nothing;
};

constexpr Reading readings[] = {
    // keys
    {"EXISTS", 1, redis_keys_max},
    {"EXPIRETIME", 1, 1},
    {"OBJECT ENCODING", 1, 1},
    {"OBJECT FREQ", 1, 1},
    {"OBJECT IDLETIME", 1, 1},
    {"OBJECT REFCOUNT", 1, 1},
    {"PEXPIRETIME", 1, 1},
    {"PTTL", 1, 1},
    {"SCAN", 1, 8, check_scan},
    {"TTL", 1, 1},
    {"TYPE", 1, 1},
    // strings
    {"BITCOUNT", 1, 4},
    {"BITFIELD_RO", 1, 301, check_bitfield},
    {"BITPOS", 2, 5},
    {"GET", 1, 1},
    {"GETBIT", 2, 2},
    {"GETRANGE", 3, 3},
    {"MGET", 1, redis_keys_max},
    {"STRLEN", 1, 1},
    {"SUBSTR", 3, 3},
    // hashes; HGETALL is what a cached row is read with, and the tool looks at HLEN before
    {"HEXISTS", 2, 2},
    {"HEXPIRETIME", 4, redis_keys_max},
    {"HGET", 2, 2},
    {"HGETALL", 1, 1},
    {"HLEN", 1, 1},
    {"HMGET", 2, redis_keys_max},
    {"HPTTL", 4, redis_keys_max},
    {"HRANDFIELD", 1, 3, check_random_count},
    {"HSCAN", 2, 9, check_collection_scan},
    {"HSTRLEN", 2, 2},
    {"HTTL", 4, redis_keys_max},
    // lists
    {"LINDEX", 2, 2},
    {"LLEN", 1, 1},
    {"LPOS", 2, 8, check_positions},
    {"LRANGE", 3, 3, check_index_window},
    // sets
    {"SCARD", 1, 1},
    {"SISMEMBER", 2, 2},
    {"SMISMEMBER", 2, redis_keys_max},
    {"SRANDMEMBER", 1, 2, check_random_count},
    {"SSCAN", 2, 9, check_collection_scan},
    // sorted sets
    {"GEODIST", 3, 4},
    {"GEOHASH", 1, redis_keys_max},
    {"GEOPOS", 1, redis_keys_max},
    {"ZCARD", 1, 1},
    {"ZCOUNT", 3, 3},
    {"ZLEXCOUNT", 3, 3},
    {"ZMSCORE", 2, redis_keys_max},
    {"ZRANDMEMBER", 1, 3, check_random_count},
    {"ZRANGE", 3, 9, check_zrange},
    {"ZRANGEBYLEX", 3, 6, check_limited_range},
    {"ZRANGEBYSCORE", 3, 7, check_limited_range},
    {"ZRANK", 2, 3},
    {"ZREVRANGE", 3, 4, check_index_window},
    {"ZREVRANGEBYLEX", 3, 6, check_limited_range},
    {"ZREVRANGEBYSCORE", 3, 7, check_limited_range},
    {"ZREVRANK", 2, 3},
    {"ZSCAN", 2, 9, check_collection_scan},
    {"ZSCORE", 2, 2},
    // streams
    {"XINFO CONSUMERS", 2, 2},
    {"XINFO GROUPS", 1, 1},
    {"XINFO STREAM", 1, 4, check_stream_info},
    {"XLEN", 1, 1},
    {"XPENDING", 2, 8, check_pending},
    {"XRANGE", 3, 5, check_stream_range},
    {"XREAD", 3, 40, check_stream_read},
    {"XREVRANGE", 3, 5, check_stream_range},
    // documents and series of the Redis modules
    {"JSON.ARRLEN", 1, 2},
    {"JSON.GET", 1, 100, check_document},
    {"JSON.MGET", 2, redis_keys_max},
    {"JSON.OBJKEYS", 1, 2},
    {"JSON.OBJLEN", 1, 2},
    {"JSON.STRLEN", 1, 2},
    {"JSON.TYPE", 1, 2},
    {"TS.GET", 1, 2},
    {"TS.INFO", 1, 2},
    // the server
    {"ACL WHOAMI", 0, 0},
    {"CLIENT GETNAME", 0, 0},
    {"CLIENT ID", 0, 0},
    {"CLIENT INFO", 0, 0},
    {"CLIENT LIST", 0, 100, check_client_list},
    {"CLUSTER COUNTKEYSINSLOT", 1, 1},
    {"CLUSTER GETKEYSINSLOT", 2, 2, check_slot_keys},
    {"CLUSTER INFO", 0, 0},
    {"CLUSTER KEYSLOT", 1, 1},
    {"CLUSTER MYID", 0, 0},
    {"CLUSTER NODES", 0, 0},
    {"CLUSTER SHARDS", 0, 0},
    {"CLUSTER SLOTS", 0, 0},
    {"COMMAND COUNT", 0, 0},
    {"COMMAND DOCS", 1, 100},
    {"COMMAND INFO", 1, 100},
    {"COMMAND LIST", 0, 3, check_command_list},
    {"CONFIG GET", 1, 20, check_config_names},
    {"DBSIZE", 0, 0},
    {"INFO", 0, 20},
    {"LASTSAVE", 0, 0},
    {"LATENCY DOCTOR", 0, 0},
    {"LATENCY HISTOGRAM", 0, 100},
    {"LATENCY HISTORY", 1, 1},
    {"LATENCY LATEST", 0, 0},
    {"MEMORY DOCTOR", 0, 0},
    {"MEMORY STATS", 0, 0},
    {"MEMORY USAGE", 1, 3, check_memory_usage},
    {"MODULE LIST", 0, 0},
    {"PING", 0, 1},
    {"PUBSUB CHANNELS", 0, 1, check_channels},
    {"PUBSUB NUMPAT", 0, 0},
    {"PUBSUB NUMSUB", 0, redis_keys_max},
    {"PUBSUB SHARDCHANNELS", 0, 1, check_channels},
    {"PUBSUB SHARDNUMSUB", 0, redis_keys_max},
    {"ROLE", 0, 0},
    {"SLOWLOG GET", 0, 1, check_slowlog},
    {"SLOWLOG LEN", 0, 0},
    {"TIME", 0, 0},
};

struct Refused {
    std::string_view name;
    std::string_view reason;
    std::string_view hint;
};

constexpr std::string_view whole = "reads a whole collection without a bound";
constexpr std::string_view code = "runs code on the server";
constexpr std::string_view use_get = "read the value with GET";

/// Commands that are asked for often, with what to ask instead.
constexpr Refused refused[] = {
    {"ACL GETUSER", "prints password hashes", "ask ACL WHOAMI"},
    {"ACL LIST", "prints password hashes", "ask ACL WHOAMI"},
    {"DUMP", "copies a value in a form that nobody reads", "read the value by its type"},
    {"EVAL", code, "read the keys with plain commands in one call"},
    {"EVALSHA", code, "read the keys with plain commands in one call"},
    {"EVALSHA_RO", code, "read the keys with plain commands in one call"},
    {"EVAL_RO", code, "read the keys with plain commands in one call"},
    {"FCALL", code, "read the keys with plain commands in one call"},
    {"FCALL_RO", code, "read the keys with plain commands in one call"},
    {"GETDEL", "deletes the key", use_get},
    {"GETEX", "may change when the key expires", use_get},
    {"GETSET", "writes the key", use_get},
    {"HKEYS", whole, "use HSCAN key 0 COUNT 100"},
    {"HVALS", whole, "use HSCAN key 0 COUNT 100"},
    {"KEYS", "walks every key and stops the server meanwhile",
     "use SCAN 0 MATCH pattern COUNT 1000, or scan_redis"},
    {"MONITOR", "shows what every client sends", "ask SLOWLOG GET or LATENCY LATEST"},
    {"PFCOUNT", "may write its cached count", "ask STRLEN key, or count at the source"},
    {"RANDOMKEY", "can walk many expired keys", "use SCAN 0 COUNT 10"},
    {"SDIFF", whole, "read both sets with SSCAN and compare them"},
    {"SELECT", "changes the database of a shared connection", "name the database in the source's variable"},
    {"SINTER", whole, "read both sets with SSCAN and compare them"},
    {"SMEMBERS", whole, "use SSCAN key 0 COUNT 100"},
    {"SORT", "can write, and sorts a whole collection", "read a window with LRANGE or ZRANGE"},
    {"SORT_RO", "sorts a whole collection", "read a window with LRANGE or ZRANGE"},
    {"SUNION", whole, "read both sets with SSCAN and compare them"},
    {"TOUCH", "changes when the key was last used", "ask OBJECT IDLETIME key"},
    {"XREADGROUP", "takes entries away from the group's consumers",
     "use XRANGE key - + COUNT 100, or XPENDING"},
};

Verdict refuse(std::string reason, std::string hint) {
    return Verdict::no("command not allowed: " + std::move(reason), std::move(hint));
}

/// "1 argument", "3..9 arguments"; where only our own limit ends a list, and it was not reached, "2 or more".
std::string arguments_expected(const Reading& reading, std::size_t got) {
    const auto least = std::to_string(reading.arguments_min);
    if (reading.arguments_min == reading.arguments_max)
        return least + (reading.arguments_min == 1 ? " argument" : " arguments");
    if (reading.arguments_max == redis_keys_max && got < reading.arguments_min)
        return least + " or more arguments";
    return least + ".." + std::to_string(reading.arguments_max) + " arguments";
}

/// "OBJECT ENCODING" for a command that has subcommands on the lists, "GET" otherwise.
std::string name_with_subcommand(const std::vector<std::string>& command) {
    const auto first = upper(command[0]);
    const auto has_subcommands = [&](const auto& entry) {
        return entry.name.size() > first.size() && entry.name.starts_with(first) &&
               entry.name[first.size()] == ' ';
    };
    if (command.size() < 2 || std::ranges::none_of(readings, has_subcommands)) return first;
    return first + " " + upper(command[1]);
}

}  // namespace

Verdict judge_redis(const std::vector<std::string>& command) {
    // With a space in it, one word could pass for a command and its subcommand.
    if (command.empty() || command[0].empty() || command[0].find(' ') != std::string::npos)
        return refuse("expected a command and its arguments, each a string of its own",
                      "write for example [\"GET\", \"key\"]");
    const auto name = name_with_subcommand(command);
    const auto shown = shorten(printable(name), 64);

    if (const auto no = std::ranges::find(refused, name, &Refused::name); no != std::end(refused))
        return refuse(shown + " " + std::string(no->reason), std::string(no->hint));
    const auto yes = std::ranges::find(readings, name, &Reading::name);
    if (yes == std::end(readings))
        return refuse(
            shown + " is not on the list of reading commands",
            "read with GET, MGET, HGETALL, LRANGE, SSCAN, ZRANGE, XRANGE, SCAN, TYPE, TTL or INFO; casefile "
            "never writes");

    const std::size_t words = name == upper(command[0]) ? 1 : 2;
    const auto arguments = RedisArguments(command).subspan(words);
    if (arguments.size() < yes->arguments_min || arguments.size() > yes->arguments_max)
        return refuse(shown + ": expected " + arguments_expected(*yes, arguments.size()) + ", got " +
                          std::to_string(arguments.size()),
                      "see the command's documentation; send long lists in several calls");
    if (const auto wrong = yes->check(arguments)) return refuse(shown + ": " + wrong->reason, wrong->hint);
    return Verdict::yes();
}

}  // namespace casefile::policy

#include "tools/environment/redis_health.h"

#include <charconv>
#include <map>

#include "base/text.h"
#include "tools/redis/second_opinion.h"

namespace casefile::tools::environment {
namespace {

using sources::redis::Command;
using sources::redis::Reply;

constexpr std::size_t words_shown = 2;  // the command and what is usually its key
constexpr double hits_that_tell = 1'000;

const std::vector<Command>& questions() {
    static const std::vector<Command> all = {{"INFO"}, {"SLOWLOG", "GET", "20"}, {"SLOWLOG", "LEN"}};
    return all;
}

class Info {
  public:
    explicit Info(const std::string& text) {
        for (const auto& line : split(text, '\n')) {
            const auto one = trim(line);
            const auto colon = one.find(':');
            if (colon != std::string_view::npos && !one.starts_with('#'))
                values_[std::string(one.substr(0, colon))] = one.substr(colon + 1);
        }
    }
    bool has(const std::string& name) const { return values_.contains(name); }
    std::string text(const std::string& name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? "?" : found->second;
    }
    double number(const std::string& name) const {
        const auto value = text(name);
        double out = 0;
        std::from_chars(value.data(), value.data() + value.size(), out);
        return out;
    }

  private:
    std::map<std::string, std::string> values_;
};

std::string percent(double ratio) {
    const auto tenths = static_cast<std::int64_t>(ratio * 1000 + 0.5);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

void check_memory(const Info& info, Health& out) {
    const double used = info.number("used_memory"), allowed = info.number("maxmemory");
    if (allowed > 0)
        out.check(SourceKind::redis, "memory",
                  info.text("used_memory_human") + " of " + info.text("maxmemory_human") + ", " +
                      percent(used / allowed),
                  verdict_at(used / allowed, 0.85, 0.95),
                  "of maxmemory: warning from 85 %, critical from 95 %");
    else
        out.check(SourceKind::redis, "memory", info.text("used_memory_human") + ", no maxmemory", "UNKNOWN",
                  "without maxmemory the machine's memory is the limit, and Redis does not tell it");
    const double fragmented = info.number("mem_fragmentation_ratio");
    // Of a small server the ratio says nothing: what the program itself takes counts too.
    if (used >= 64.0 * 1024 * 1024)
        out.check(SourceKind::redis, "fragmentation", info.text("mem_fragmentation_ratio"),
                  fragmented < 1 ? "WARNING" : verdict_at(fragmented, 1.5, 3),
                  "below 1 memory is swapped out: warning; warning from 1.5, critical from 3");
    out.check(SourceKind::redis, "evictions",
              info.text("evicted_keys") + " by " + info.text("maxmemory_policy"),
              verdict_at(info.number("evicted_keys"), 1, 1e18), "since the server started: warning from 1");
}

void check_hits(const Info& info, Health& out) {
    const double hits = info.number("keyspace_hits"), misses = info.number("keyspace_misses");
    const double all = hits + misses;
    const auto told = all > 0 ? percent(hits / all) + " of " + std::to_string(static_cast<std::int64_t>(all))
                              : std::string("no look-up yet");
    out.check(
        SourceKind::redis, "hit_rate", told,
        all < hits_that_tell ? "UNKNOWN" : verdict_at(misses / all, 0.2, 0.5),
        "since the server started: warning below 80 %, critical below 50 %, unknown below 1000 look-ups");
}

void check_clients(const Info& info, Health& out) {
    const double allowed = info.number("maxclients");
    out.check(SourceKind::redis, "clients", info.text("connected_clients") + " of " + info.text("maxclients"),
              allowed > 0 ? verdict_at(info.number("connected_clients") / allowed, 0.8, 0.95) : "UNKNOWN",
              "of maxclients: warning from 80 %, critical from 95 %");
    out.check(SourceKind::redis, "clients_blocked", info.text("blocked_clients"),
              verdict_at(info.number("blocked_clients"), 1, 1e18),
              "waiting in BLPOP, XREAD BLOCK or the like, which may be as meant: warning from 1");
    out.check(SourceKind::redis, "connections_refused", info.text("rejected_connections"),
              verdict_at(info.number("rejected_connections"), 1, 1e18),
              "for maxclients, since the server started: warning from 1");
}

void check_persistence(const Info& info, Health& out) {
    const auto saved = info.text("rdb_last_bgsave_status");
    out.check(SourceKind::redis, "snapshot",
              saved + ", " + info.text("rdb_changes_since_last_save") + " changes since the last",
              saved == "ok" ? "OK" : "CRITICAL", "the last one failed: critical");
    if (info.number("aof_enabled") == 0) return;
    const auto rewritten = info.text("aof_last_bgrewrite_status"),
               written = info.text("aof_last_write_status");
    out.check(SourceKind::redis, "append_only_file", "written " + written + ", rewritten " + rewritten,
              written != "ok"     ? "CRITICAL"
              : rewritten != "ok" ? "WARNING"
                                  : "OK",
              "the last write failed: critical; the last rewrite: warning");
}

void check_replication(const Info& info, Health& out) {
    if (info.text("role") != "slave") return;
    const bool up = info.text("master_link_status") == "up";
    out.check(
        SourceKind::redis, "replica_link",
        info.text("master_link_status") + ", heard " + info.text("master_last_io_seconds_ago") + " s ago",
        up ? verdict_at(info.number("master_last_io_seconds_ago"), 15, 60) : "CRITICAL",
        "down: critical; nothing heard for 15 s: warning, for 60 s: critical");
}

}  // namespace

void check_redis_info(const std::string& text, Health& out) {
    const Info info(text);
    if (info.has("used_memory")) check_memory(info, out);
    if (info.has("keyspace_hits")) check_hits(info, out);
    if (info.has("connected_clients")) check_clients(info, out);
    if (info.has("rdb_last_bgsave_status")) check_persistence(info, out);
    check_replication(info, out);
}

std::vector<json::object> slow_commands(const Reply& reply) {
    std::vector<json::object> out;
    for (const auto& entry : reply.items) {
        // id, Unix time, microseconds, the command's words, and since Redis 4 who sent it.
        if (entry.items.size() < 4) continue;
        const auto& words = entry.items[3].items;
        std::vector<std::string> shown;
        for (std::size_t i = 0; i < std::min(words.size(), words_shown); ++i)
            shown.push_back(printable(shorten(words[i].text, 80)));
        if (words.size() > words_shown)
            shown.push_back("+" + std::to_string(words.size() - words_shown) + " words");
        out.push_back({{"id", entry.items[0].integer},
                       {"at", rfc3339(WallTime(std::chrono::seconds(entry.items[1].integer)))},
                       {"took_us", entry.items[2].integer},
                       {"command", join(shown, " ")}});
    }
    return out;
}

Result<void> redis_health(Call& call, Health& out) {
    auto source = call.bench.sources.redis(call.env);
    if (!source) return source.error();
    for (const auto& question : questions()) call.run.log("redis health: " + join(question, " "));
    const auto replies = (*source)->pipeline(questions(), call.control());
    if (!replies) return replies.error();
    redis::log_missing_opinion(**source, call.run);
    const auto& info = (*replies)[0];
    if (info.kind == Reply::Kind::error)
        out.problems.push_back("redis: not told, the account needs +info (" +
                               printable(shorten(info.text, 200)) + ")");
    else
        check_redis_info(info.text, out);
    const auto& slow = (*replies)[1];
    if (slow.kind == Reply::Kind::error) {
        out.problems.push_back("redis slow log: not told, the account needs +slowlog (" +
                               printable(shorten(slow.text, 200)) + ")");
        return {};
    }
    out.slow = slow_commands(slow);
    out.check(SourceKind::redis, "slow_log", std::to_string((*replies)[2].integer) + " entries",
              verdict_at(static_cast<double>((*replies)[2].integer), 1, 1e18),
              "commands slower than slowlog-log-slower-than: warning from 1");
    return {};
}

void add_redis_intents(policy::Intent& intent) {
    for (const auto& question : questions()) intent.redis.push_back({question});
}

}  // namespace casefile::tools::environment

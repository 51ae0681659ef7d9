#pragma once
// The planted incident, worked out before anything is written: the same seed and time give the same plan, so
// that separate processes can plant their part of one story.
//
// The story: a consumer keeps cached copies of prices up to date. It stopped; then a price list came into
// force, an entity was added and one was removed. The database knows all of it, the cache none, and the topic
// holds the messages that nobody read.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "sandbox/names.h"

namespace casefile::sandbox {

struct Entity {
    std::string id, title, category;
    std::int64_t cents = 0;
    bool flag = true;
    std::optional<std::string> note;
    WallTime created_at, updated_at;
};

/// A row of the audit table and a message of the topic, in order of time.
struct Change {
    std::string id;
    std::optional<std::int64_t> old_cents, new_cents;  ///< none before: added; none after: removed
    WallTime at;
    std::int32_t partition = 0;
};

struct Plan {
    std::uint64_t seed = 0;
    WallTime now;
    Names names;

    std::vector<Entity> rows;    ///< as the database has them
    std::vector<Entity> cached;  ///< as the cache has them
    std::vector<Change> changes;

    std::vector<std::string> stale, missing, left_over;  ///< ids, sorted
    WallTime stopped_at, repriced_at;
    std::int32_t partitions = 0;
    std::map<std::int32_t, std::int64_t> committed, end;  ///< of the group that stopped

    std::int64_t lag() const;
};

Plan make_plan(std::uint64_t seed, WallTime now);

/// "product:1042"
std::string cache_key(const Names& names, const std::string& id);
/// The members of a cached copy, in the order in which the shop writes them.
std::vector<std::pair<std::string, std::string>> cached_fields(const Names& names, const Entity& entity);
/// The cached copy of a theme that writes JSON.
std::string cached_json(const Names& names, const Entity& entity);
std::string message_json(const Names& names, const Change& change);
std::vector<std::string> all_groups(const Names& names);  ///< sorted

std::string decimal(std::int64_t cents);  ///< "12.50"
std::string sql_time(WallTime at);        ///< "2026-11-22 14:02:03"

/// The answer key: what a good investigation has to find.
json::object answer_key(const Plan& plan);
/// What the person who noticed would say, as arguments of open_case; it names one faulty entity and no cause.
json::object complaint(const Plan& plan);

}  // namespace casefile::sandbox

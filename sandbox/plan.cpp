#include "sandbox/plan.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace casefile::sandbox {
namespace {

using namespace std::chrono_literals;
using std::chrono::minutes;
using std::chrono::seconds;

WallTime whole_second(WallTime at) { return std::chrono::floor<seconds>(at); }

/// Builds a plan step by step; each step of the story is one function.
class Story {
  public:
    Story(std::uint64_t seed, WallTime now) : dice_(seed) {
        plan_.seed = seed;
        plan_.now = whole_second(now);
        plan_.names = choose_names(seed, dice_);
        plan_.partitions = static_cast<std::int32_t>(dice_.between(2, 4));
        plan_.stopped_at = plan_.now - minutes(dice_.between(38, 50));
        plan_.repriced_at = plan_.now - minutes(dice_.between(22, 32));
    }

    Plan tell() {
        add_entities();
        change_prices_while_the_cache_followed();
        plan_.cached = plan_.rows;
        remember_commits();
        change_prices_unseen();
        remove_rows();
        add_rows();
        count_messages();
        for (auto* ids : {&plan_.stale, &plan_.missing, &plan_.left_over})
            std::sort(ids->begin(), ids->end());
        return std::move(plan_);
    }

  private:
    Entity new_entity(WallTime created_at) {
        const auto& names = plan_.names;
        // Numbers with gaps, as in any table that has lived.
        next_number_ += dice_.between(1, 3);
        Entity entity;
        entity.id = names.code_prefix + std::to_string(next_number_);
        entity.title = dice_.pick(names.first_words);
        entity.title += " " + dice_.pick(names.last_words);
        entity.title += " " + std::to_string(dice_.between(1, 99));
        entity.category = dice_.pick(names.categories);
        entity.cents = some_price();
        entity.flag = dice_.chance(90);
        if (dice_.chance(60))
            entity.note = "no. " + std::to_string(dice_.between(100, 999)) + " – “as shown”";
        entity.created_at = entity.updated_at = created_at;
        return entity;
    }

    // Many end in zero, so that 12.50 and 12.5 both occur.
    std::int64_t some_price() {
        const auto round = dice_.between(30, 2400) * 10;
        return dice_.chance(40) ? round + dice_.between(1, 9) : round;
    }

    std::int64_t other_price(std::int64_t cents) {
        const auto step = dice_.between(5, 60) * 10;
        return dice_.chance(75) || cents <= step ? cents + step : cents - step;
    }

    void add_entities() {
        const auto count = dice_.between(200, 500);
        for (std::int64_t i = 0; i < count; ++i)
            plan_.rows.push_back(new_entity(plan_.now - minutes(dice_.between(10 * 1440, 200 * 1440))));
    }

    std::int32_t partition_of(const std::string& id) const {
        std::uint32_t sum = 0;
        for (const char c : id) sum = sum * 31 + static_cast<unsigned char>(c);
        return static_cast<std::int32_t>(sum % static_cast<std::uint32_t>(plan_.partitions));
    }

    void reprice(Entity& row, WallTime at) {
        const auto old_cents = row.cents;
        row.cents = other_price(old_cents);
        row.updated_at = at;
        plan_.changes.push_back({row.id, old_cents, row.cents, at, partition_of(row.id)});
    }

    void change_prices_while_the_cache_followed() {
        const auto count = dice_.between(60, 120);
        const auto first = plan_.stopped_at - 48h;
        const auto step = std::chrono::floor<seconds>((plan_.stopped_at - first) / (count + 1));
        for (std::int64_t i = 1; i <= count; ++i) {
            auto& row = plan_.rows[dice_.index(plan_.rows.size())];
            reprice(row, first + step * i);
        }
    }

    void remember_commits() {
        for (std::int32_t partition = 0; partition < plan_.partitions; ++partition)
            plan_.committed[partition] = 0;
        for (const auto& change : plan_.changes) ++plan_.committed[change.partition];
    }

    void change_prices_unseen() {
        std::vector<std::size_t> places(plan_.rows.size());
        for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
        auto at = plan_.repriced_at;
        std::vector<std::size_t> changed;
        for (auto left = dice_.between(5, 14); left > 0; --left) {
            changed.push_back(dice_.take(places));
            auto& row = plan_.rows[changed.back()];
            reprice(row, at);
            plan_.stale.push_back(row.id);
            at += seconds(dice_.between(0, 3));
        }
        // A correction of one of them: more messages than entities, as in life. It must not land on the price
        // that the cache still has, or the entity would not be stale.
        auto& corrected = plan_.rows[dice_.pick(changed)];
        const auto before = corrected.cents;
        corrected.updated_at = at + 60s;
        corrected.cents += 5;
        if (is_cached_price(corrected)) corrected.cents += 5;
        plan_.changes.push_back(
            {corrected.id, before, corrected.cents, corrected.updated_at, partition_of(corrected.id)});
    }

    bool is_cached_price(const Entity& row) const {
        const auto same = [&](const Entity& copy) { return copy.id == row.id && copy.cents == row.cents; };
        return std::any_of(plan_.cached.begin(), plan_.cached.end(), same);
    }

    void remove_rows() {
        auto at = plan_.repriced_at + 2min;
        for (auto left = dice_.between(1, 3); left > 0;) {
            const auto place = dice_.index(plan_.rows.size());
            const auto row = plan_.rows[place];
            if (std::find(plan_.stale.begin(), plan_.stale.end(), row.id) != plan_.stale.end()) continue;
            plan_.rows.erase(plan_.rows.begin() + static_cast<std::ptrdiff_t>(place));
            plan_.changes.push_back({row.id, row.cents, std::nullopt, at, partition_of(row.id)});
            plan_.left_over.push_back(row.id);
            at += 10s;
            --left;
        }
    }

    void add_rows() {
        auto at = plan_.repriced_at + 4min;
        for (auto left = dice_.between(1, 3); left > 0; --left) {
            const auto row = new_entity(at);
            plan_.changes.push_back({row.id, std::nullopt, row.cents, at, partition_of(row.id)});
            plan_.missing.push_back(row.id);
            plan_.rows.push_back(row);
            at += 10s;
        }
    }

    void count_messages() {
        for (std::int32_t partition = 0; partition < plan_.partitions; ++partition) plan_.end[partition] = 0;
        for (const auto& change : plan_.changes) ++plan_.end[change.partition];
    }

    Dice dice_;
    Plan plan_;
    std::int64_t next_number_ = 1000;
};

std::string short_number(std::int64_t cents) {
    auto text = decimal(cents);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string json_text(const std::string& text) { return json::serialize(json::string(text)); }

json::array texts(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

json::object by_partition(const std::map<std::int32_t, std::int64_t>& offsets) {
    json::object out;
    for (const auto& [partition, offset] : offsets) out[std::to_string(partition)] = offset;
    return out;
}

}  // namespace

std::int64_t Plan::lag() const {
    std::int64_t sum = 0;
    for (const auto& [partition, offset] : end) sum += offset - committed.at(partition);
    return sum;
}

Plan make_plan(std::uint64_t seed, WallTime now) { return Story(seed, now).tell(); }

std::string decimal(std::int64_t cents) {
    const auto rest = cents % 100;
    return std::to_string(cents / 100) + (rest < 10 ? ".0" : ".") + std::to_string(rest);
}

std::string sql_time(WallTime at) {
    auto text = rfc3339(at).substr(0, 19);
    text[10] = ' ';
    return text;
}

std::string cache_key(const Names& names, const std::string& id) {
    auto key = names.key_template;
    return key.replace(key.find('{'), names.key.size() + 2, id);
}

std::vector<std::pair<std::string, std::string>> cached_fields(const Names& names, const Entity& entity) {
    const auto time = names.time_style == TimeStyle::sql ? sql_time(entity.updated_at)
                                                         : rfc3339(entity.updated_at).substr(0, 19) + "Z";
    const bool plain = names.form == CacheForm::hash;
    const auto quoted = [plain](const std::string& text) { return plain ? text : json_text(text); };
    const auto price =
        names.price_style == PriceStyle::text ? quoted(decimal(entity.cents)) : short_number(entity.cents);
    const auto flag = names.flag_style == FlagStyle::digit ? std::string(entity.flag ? "1" : "0")
                                                           : std::string(entity.flag ? "true" : "false");
    std::vector<std::pair<std::string, std::string>> fields{{names.title, quoted(entity.title)},
                                                            {names.category, quoted(entity.category)},
                                                            {names.price, price},
                                                            {names.flag, flag}};
    // A hash has no null, so the shop that uses hashes leaves the nullable column out of them.
    if (!plain) fields.emplace_back(names.note, entity.note ? json_text(*entity.note) : "null");
    fields.emplace_back("updated_at", quoted(time));
    return fields;
}

std::string cached_json(const Names& names, const Entity& entity) {
    // Put together by hand because the shop writes 12.5, and Boost.JSON would write 1.25E1.
    std::vector<std::string> members;
    for (const auto& [name, value] : cached_fields(names, entity))
        members.push_back(json_text(name) + ":" + value);
    return "{" + join(members, ",") + "}";
}

std::string message_json(const Names& names, const Change& change) {
    const auto price = [](const std::optional<std::int64_t>& cents) {
        return cents ? json::value(decimal(*cents)) : json::value();
    };
    const char* event = !change.old_cents ? "added" : !change.new_cents ? "removed" : "price_changed";
    return json::serialize(json::object{{"event", event},
                                        {names.key, change.id},
                                        {"old_" + names.price, price(change.old_cents)},
                                        {"new_" + names.price, price(change.new_cents)},
                                        {"at", rfc3339(change.at)}});
}

std::vector<std::string> all_groups(const Names& names) {
    std::vector<std::string> groups{names.group, names.healthy_group, names.order_group, names.other_group};
    std::sort(groups.begin(), groups.end());
    return groups;
}

json::object answer_key(const Plan& plan) {
    const auto& names = plan.names;
    std::vector<std::string> fields;
    for (const auto& [name, value] : cached_fields(names, plan.cached.front())) fields.push_back(name);
    return {{"seed", plan.seed},
            {"theme", names.theme},
            {"stale", texts(plan.stale)},
            {"missing", texts(plan.missing)},
            {"left_over", texts(plan.left_over)},
            {"group", names.group},
            {"topic", names.topic},
            {"lag", plan.lag()},
            {"committed", by_partition(plan.committed)},
            {"end", by_partition(plan.end)},
            {"database", names.database},
            {"table", names.table},
            {"key", names.key},
            {"price", names.price},
            {"audit_table", names.audit_table},
            {"key_template", names.key_template},
            {"type", names.form == CacheForm::hash ? "hash" : "json"},
            {"fields", texts(fields)},
            {"stopped_at", rfc3339(plan.stopped_at)},
            {"repriced_at", rfc3339(plan.repriced_at)}};
}

json::object complaint(const Plan& plan) {
    const auto& names = plan.names;
    const auto& id = plan.stale.front();
    const auto same_id = [&](const Entity& entity) { return entity.id == id; };
    const auto row = std::find_if(plan.rows.begin(), plan.rows.end(), same_id);
    const auto copy = std::find_if(plan.cached.begin(), plan.cached.end(), same_id);
    return {
        {"topic", "Pages show old prices"},
        {"entity_ids", {{names.key, id}}},
        {"time_window", {{"start", rfc3339(plan.now - 1h)}, {"end", rfc3339(plan.now)}, {"timezone", "UTC"}}},
        {"symptoms",
         {{"expected", row->title + " costs " + decimal(row->cents) + " since the new price list"},
          {"actual", "the page still shows " + decimal(copy->cents)}}},
        {"severity", "P1"}};
}

}  // namespace casefile::sandbox

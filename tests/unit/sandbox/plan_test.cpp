#include "sandbox/plan.h"

#include <algorithm>
#include <set>

#include "tests/support/catch.h"

namespace casefile::sandbox {
namespace {

constexpr std::uint64_t seeds = 150;

const WallTime noon = parse_rfc3339("2026-11-22T12:00:00Z").value();

const Entity* find(const std::vector<Entity>& entities, const std::string& id) {
    const auto found =
        std::find_if(entities.begin(), entities.end(), [&](const auto& one) { return one.id == id; });
    return found == entities.end() ? nullptr : &*found;
}

bool holds(const std::vector<std::string>& ids, const std::string& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

TEST_CASE("the same seed and time give the same plan, so that separate processes tell one story") {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const auto one = make_plan(seed, noon), other = make_plan(seed, noon);
        CHECK(answer_key(one) == answer_key(other));
        CHECK(one.changes.size() == other.changes.size());
        CHECK(cached_json(one.names, one.cached.back()) == cached_json(other.names, other.cached.back()));
    }
}

TEST_CASE("the default story has the names of the manual") {
    const auto names = make_plan(0, noon).names;
    CHECK(names.database == "shop");
    CHECK(names.table == "products");
    CHECK(names.key_template == "product:{id}");
    CHECK(names.topic == "price-changes");
    CHECK(names.group == "cache-writer");
}

TEST_CASE("other seeds have other names and other faults") {
    std::set<std::string> tables, templates, groups, topics;
    std::set<std::vector<std::string>> faults;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const auto plan = make_plan(seed, noon);
        tables.insert(plan.names.table);
        templates.insert(plan.names.key_template);
        groups.insert(plan.names.group);
        topics.insert(plan.names.topic);
        faults.insert(plan.stale);
    }
    CHECK(tables.size() == 9);
    CHECK(templates.size() > 15);
    CHECK(groups.size() == 9);
    CHECK(topics.size() == 9);
    CHECK(faults.size() == seeds);
}

TEST_CASE("every entity is healthy unless it is listed as faulty, and every fault is what it is called") {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        CAPTURE(seed);
        const auto plan = make_plan(seed, noon);
        REQUIRE(plan.stale.size() >= 5);
        REQUIRE_FALSE(plan.missing.empty());
        REQUIRE_FALSE(plan.left_over.empty());
        std::set<std::string> ids;
        for (const auto& row : plan.rows) {
            CHECK(ids.insert(row.id).second);
            const auto* copy = find(plan.cached, row.id);
            REQUIRE((copy == nullptr) == holds(plan.missing, row.id));
            if (copy == nullptr) continue;
            const bool stale = holds(plan.stale, row.id);
            REQUIRE((row.cents != copy->cents) == stale);
            REQUIRE((row.updated_at > copy->updated_at) == stale);
            REQUIRE((row.updated_at >= plan.repriced_at) == stale);
        }
        for (const auto& copy : plan.cached)
            REQUIRE((find(plan.rows, copy.id) == nullptr) == holds(plan.left_over, copy.id));
        CHECK(plan.cached.size() >= 200);
        CHECK(plan.cached.size() <= 500);
    }
}

TEST_CASE("the unread messages are those after the consumer stopped, and they are in order of time") {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        CAPTURE(seed);
        const auto plan = make_plan(seed, noon);
        CHECK(std::is_sorted(plan.changes.begin(), plan.changes.end(),
                             [](const auto& left, const auto& right) { return left.at < right.at; }));
        const auto unread = std::count_if(plan.changes.begin(), plan.changes.end(),
                                          [&](const auto& change) { return change.at > plan.stopped_at; });
        CHECK(plan.lag() == unread);
        CHECK(plan.changes.back().at < plan.now);
        CHECK(plan.stopped_at < plan.repriced_at);
        CHECK(plan.now - plan.repriced_at < std::chrono::hours(1));
        for (const auto& [partition, offset] : plan.committed) CHECK(offset > 0);
    }
}

TEST_CASE("copies are written as each theme writes them") {
    Entity entity{.id = "7",
                  .title = "Café \"x\"",
                  .category = "table",
                  .cents = 1250,
                  .flag = true,
                  .note = std::nullopt,
                  .created_at = noon,
                  .updated_at = noon};
    const auto products = make_plan(0, noon).names;
    CHECK(cache_key(products, "7") == "product:7");
    CHECK(cached_json(products, entity) ==
          R"({"name":"Café \"x\"","category":"table","price":12.5,"active":1,"description":null,)"
          R"("updated_at":"2026-11-22 12:00:00"})");

    const auto rooms = make_plan(2, noon).names;
    const auto quote = parse_json(cached_json(rooms, entity)).value().as_object();
    CHECK(quote.at(rooms.price) == "12.50");
    CHECK(quote.at(rooms.flag) == true);
    CHECK(quote.at("updated_at") == "2026-11-22T12:00:00Z");

    const auto listings = make_plan(1, noon).names;
    for (const auto& [field, value] : cached_fields(listings, entity)) {
        CHECK(field != listings.note);
        if (field == listings.title) CHECK(value == "Café \"x\"");
        if (field == listings.price) CHECK(value == "12.50");
    }
}

TEST_CASE("the complaint names one stale entity and none of the causes") {
    const auto plan = make_plan(4, noon);
    const auto told = complaint(plan);
    CHECK(holds(plan.stale, std::string(told.at("entity_ids").at(plan.names.key).as_string())));
    const auto text = json::serialize(told);
    for (const auto& cause : {plan.names.group, plan.names.topic, plan.names.key_template})
        CHECK(text.find(cause) == std::string::npos);
}

TEST_CASE("cents are written as the database writes them") {
    CHECK(decimal(1250) == "12.50");
    CHECK(decimal(1209) == "12.09");
    CHECK(decimal(1210) == "12.10");
    CHECK(decimal(90) == "0.90");
    CHECK(decimal(100000) == "1000.00");
}

}  // namespace casefile::sandbox

// What the answer key says is what a plain client finds in the servers.

#include "sandbox/shop.h"

#include <fstream>
#include <set>
#include <span>
#include <sstream>

#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "tests/integration/sandbox/kafka_reader.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace casefile::sandbox {
namespace {

const std::filesystem::path program = CASEFILE_BUILD_DIR "/casefile-sandbox";

Result<void> go_on(const std::string&) { return {}; }

json::object read_object(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return parse_json_with_comments(text.str()).value().as_object();
}

std::set<std::string> ids(const json::object& planted, const char* name) {
    std::set<std::string> out;
    for (const auto& id : planted.at(name).as_array()) out.insert(std::string(id.as_string()));
    return out;
}

std::string text(const json::object& planted, const char* name) {
    return std::string(planted.at(name).as_string());
}

/// A price as written by anyone, in cents: "12.50", 12.5 and 12 and their like.
std::int64_t cents(const std::string& price) { return std::llround(std::stod(price) * 100); }

/// The digits of a time: "2026-11-22T14:02:03Z" and "2026-11-22 14:02:03" have the same.
std::string digits(const std::string& time) {
    std::string out;
    for (const char c : time)
        if (c >= '0' && c <= '9') out += c;
    return out;
}

struct Copy {
    std::int64_t cents = 0;
    std::string updated_at;
};

Copy read_copy(RedisClient& redis, const json::object& planted, const std::string& key) {
    if (text(planted, "type") == "hash") {
        const auto values = redis.run({"HMGET", key, text(planted, "price"), "updated_at"}).value();
        return {cents(values.at(0)), digits(values.at(1))};
    }
    const auto copy = parse_json(redis.run({"GET", key}).value().at(0)).value().as_object();
    const auto& price = copy.at(text(planted, "price"));
    const auto price_text = price.is_string() ? std::string(price.as_string()) : json::serialize(price);
    return {cents(price_text), digits(std::string(copy.at("updated_at").as_string()))};
}

/// Every key of the cache, as the id in it and the key.
std::map<std::string, std::string> cached_keys(RedisClient& redis, const json::object& planted) {
    const auto key_template = text(planted, "key_template");
    const auto open = key_template.find('{'), close = key_template.find('}');
    const auto before = key_template.substr(0, open), after = key_template.substr(close + 1);
    std::map<std::string, std::string> keys;
    std::string cursor = "0";  // the reader may not call KEYS
    do {
        const auto found =
            redis.run({"SCAN", cursor, "MATCH", before + "*" + after, "COUNT", "1000"}).value();
        cursor = found.front();
        for (const auto& key : std::span(found).subspan(1))
            keys[key.substr(before.size(), key.size() - before.size() - after.size())] = key;
    } while (cursor != "0");
    return keys;
}

void check_cache(const State& state, const json::object& planted) {
    auto mariadb = MariadbClient::connect(
        static_cast<std::uint16_t>(state.processes.at("mariadb").port), "reader",
        std::string(state.passwords.at("mariadb_reader").as_string()), text(planted, "database"));
    REQUIRE(mariadb);
    auto redis = RedisClient::connect(static_cast<std::uint16_t>(state.processes.at("redis").port),
                                      std::string(state.passwords.at("redis_reader").as_string()), "reader");
    REQUIRE(redis);
    const auto rows = mariadb->query("SELECT " + text(planted, "key") + ", " + text(planted, "price") +
                                     ", updated_at FROM " + text(planted, "table"));
    REQUIRE(rows);
    auto keys = cached_keys(*redis, planted);
    std::set<std::string> stale, missing, left_over;
    for (const auto& row : *rows) {
        const auto found = keys.find(*row[0]);
        if (found == keys.end()) {
            missing.insert(*row[0]);
            continue;
        }
        const auto copy = read_copy(*redis, planted, found->second);
        keys.erase(found);
        const bool newer = digits(*row[2]) > copy.updated_at;
        CHECK(newer == (cents(*row[1]) != copy.cents));
        if (newer) stale.insert(*row[0]);
    }
    for (const auto& [id, key] : keys) left_over.insert(id);

    CHECK(rows->size() >= 197);
    CHECK(stale == ids(planted, "stale"));
    CHECK(missing == ids(planted, "missing"));
    CHECK(left_over == ids(planted, "left_over"));
    CHECK(stale.size() >= 5);
    CHECK_FALSE(missing.empty());
    CHECK_FALSE(left_over.empty());
}

/// What the stopped group has not read is what changed the faulty entities, and nothing else.
void check_stopped_group(const std::string& brokers, const json::object& planted) {
    const auto topic = text(planted, "topic");
    KafkaReader stopped(brokers, text(planted, "group"));
    std::int64_t lag = 0;
    std::set<std::string> unread;
    for (const auto& [partition_name, offset] : planted.at("committed").as_object()) {
        const auto partition = std::stoi(partition_name);
        CHECK(stopped.committed(topic, partition) == offset.as_int64());
        for (const auto& message : stopped.messages(topic, partition)) {
            const bool read = message.offset < offset.as_int64();
            const auto at = rfc3339(WallTime(std::chrono::milliseconds(message.timestamp_ms)));
            CHECK(read == (at < text(planted, "repriced_at")));
            if (read) continue;
            ++lag;
            unread.insert(message.key);
        }
    }
    CHECK(lag == planted.at("lag").as_int64());
    auto faulty = ids(planted, "stale");
    faulty.merge(ids(planted, "missing"));
    faulty.merge(ids(planted, "left_over"));
    CHECK(unread == faulty);
}

void check_other_groups(const std::string& brokers, const Names& names, const json::object& config) {
    const auto groups = config.at("kafka").at("SANDBOX").at("groups").as_array();
    CHECK(groups.size() == 4);
    for (const auto& [group, topic] :
         {std::pair(names.healthy_group, names.topic), std::pair(names.order_group, names.order_topic),
          std::pair(names.other_group, names.other_topic)}) {
        KafkaReader reader(brokers, group);
        CHECK(std::find(groups.begin(), groups.end(), json::value(group)) != groups.end());
        CHECK(reader.end(topic, 0) > 0);
        CHECK(reader.committed(topic, 0) == reader.end(topic, 0));
    }
}

}  // namespace

TEST_CASE(
    "a shop has exactly the faults that its answer key names, and every other group has read everything") {
    for (const auto seed : {0u, 1u, 2u}) {
        CAPTURE(seed);
        const TemporaryFolder folder;
        const auto shop =
            Shop::start({.folder = folder.path(), .seed = seed, .program = program, .on_step = go_on});
        REQUIRE(shop);
        const auto& state = shop->state();
        const auto planted = read_object(state.planted);
        const auto brokers = std::string(state.variables.at("KAFKA_SANDBOX_BROKERS").as_string());

        check_cache(state, planted);
        check_stopped_group(brokers, planted);
        check_other_groups(brokers, shop->plan().names, read_object(state.config));
    }
}

TEST_CASE("a start that fails halfway leaves nothing running") {
    const TemporaryFolder folder;
    const auto failing_step = GENERATE(as<std::string>{}, "starting Kafka", "planting the cache");

    const auto shop = Shop::start({.folder = folder.path(),
                                   .seed = 0,
                                   .program = program,
                                   .on_step = [&](const std::string& step) -> Result<void> {
                                       if (step.find(failing_step) == 0) return unavailable("no more");
                                       return {};
                                   }});

    REQUIRE_FALSE(shop);
    CHECK(shop.error().message == "no more");
    const auto state = load_state(folder.path()).value().value();
    CHECK_FALSE(state.complete);
    CHECK(state.processes.size() >= 2);
    CHECK(ended_processes(state).size() == state.processes.size());
}

}  // namespace casefile::sandbox

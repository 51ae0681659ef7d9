#include "base/text.h"
#include "sandbox/plant.h"
#include "sandbox/redis_client.h"

namespace casefile::sandbox {
namespace {

// Long enough for a sandbox that is left running over a weekend.
constexpr std::int64_t cache_seconds = 7 * 86'400;

void add_cached_copies(const Plan& plan, Dice& dice, std::vector<RedisClient::Command>& commands) {
    for (const auto& copy : plan.cached) {
        const auto key = cache_key(plan.names, copy.id);
        const auto seconds = std::to_string(cache_seconds + dice.between(0, 3600));
        if (plan.names.form == CacheForm::json) {
            commands.push_back({"SET", key, cached_json(plan.names, copy), "EX", seconds});
            continue;
        }
        RedisClient::Command command{"HSET", key};
        for (const auto& [field, value] : cached_fields(plan.names, copy)) {
            command.push_back(field);
            command.push_back(value);
        }
        commands.push_back(std::move(command));
        commands.push_back({"EXPIRE", key, seconds});
    }
}

std::string hex_digits(Dice& dice, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "0123456789abcdef"[dice.between(0, 15)];
    return text;
}

// Keys that have nothing to do with the incident, of every common type.
void add_innocent_keys(const Plan& plan, Dice& dice, std::vector<RedisClient::Command>& commands) {
    for (int i = 0; i < 40; ++i) {
        const json::object session{{"user", dice.between(1, 40)}, {"logged_in", dice.chance(70)}};
        commands.push_back({"SET", "session:" + hex_digits(dice, 16), json::serialize(session), "EX",
                            std::to_string(dice.between(20'000, 90'000))});
    }
    for (int i = 1; i <= 15; ++i)
        commands.push_back({"SET", "ratelimit:203.0.113." + std::to_string(i),
                            std::to_string(dice.between(1, 90)), "EX",
                            std::to_string(dice.between(30'000, 60'000))});
    for (int i = 1; i <= 12; ++i)
        commands.push_back({"HSET", "cart:" + std::to_string(i), dice.pick(plan.cached).id,
                            std::to_string(dice.between(1, 3)), dice.pick(plan.cached).id, "1"});
    for (int i = 0; i < 10; ++i)
        commands.push_back(
            {"ZADD", "bestsellers", std::to_string(dice.between(5, 500)), dice.pick(plan.cached).id});
    for (int i = 1; i <= 20; ++i) commands.push_back({"RPUSH", "recent:orders", std::to_string(i)});
    commands.push_back({"SADD", "features:enabled", "new-checkout", "gift-cards", "dark-mode"});
}

}  // namespace

Result<void> plant_redis(const Plan& plan, const RedisServer& server) {
    auto client = RedisClient::connect(server.port, server.password);
    if (!client) return client.error();
    Dice dice(plan.seed + 2'000'003);
    std::vector<RedisClient::Command> commands;
    add_cached_copies(plan, dice, commands);
    add_innocent_keys(plan, dice, commands);
    const auto replies = client->run_all(commands);
    if (!replies) return replies.error();
    return {};
}

}  // namespace casefile::sandbox

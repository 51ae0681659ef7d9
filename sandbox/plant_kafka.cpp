#include "sandbox/plant.h"

namespace casefile::sandbox {
namespace {

using Offsets = std::map<std::int32_t, std::int64_t>;

std::int64_t milliseconds(WallTime at) { return at.time_since_epoch().count(); }

Result<void> plant_price_topic(const Plan& plan, KafkaMock& kafka) {
    const auto& names = plan.names;
    if (auto done = kafka.create_topic(names.topic, plan.partitions); !done) return done;
    std::vector<KafkaMock::Message> messages;
    for (const auto& change : plan.changes)
        messages.push_back({.topic = names.topic,
                            .partition = change.partition,
                            .key = change.id,
                            .value = message_json(names, change),
                            .headers = {{"source", "back-office"}, {"schema", "1"}},
                            .timestamp_ms = milliseconds(change.at)});
    if (auto done = kafka.produce(messages); !done) return done;
    if (auto done = kafka.commit(names.group, {{names.topic, plan.committed}}); !done) return done;
    return kafka.commit(names.healthy_group, {{names.topic, plan.end}});
}

/// A topic whose one group has read everything.
Result<void> plant_healthy_topic(const Plan& plan, KafkaMock& kafka, const std::string& topic,
                                 const std::string& group) {
    Dice dice(plan.seed + topic.size());
    const auto partitions = static_cast<std::int32_t>(dice.between(1, 3));
    if (auto done = kafka.create_topic(topic, partitions); !done) return done;
    std::vector<KafkaMock::Message> messages;
    Offsets end;
    const auto count = dice.between(40, 90);
    for (std::int64_t i = 1; i <= count; ++i) {
        const auto partition = static_cast<std::int32_t>(i % partitions);
        const auto at = plan.now - std::chrono::minutes((count - i) * 11);
        messages.push_back({.topic = topic,
                            .partition = partition,
                            .key = std::to_string(i),
                            .value = json::serialize(json::object{{"id", i}, {"at", rfc3339(at)}}),
                            .headers = {},
                            .timestamp_ms = milliseconds(at)});
        ++end[partition];
    }
    if (auto done = kafka.produce(messages); !done) return done;
    return kafka.commit(group, {{topic, end}});
}

}  // namespace

Result<void> plant_kafka(const Plan& plan, KafkaMock& kafka) {
    if (auto done = plant_price_topic(plan, kafka); !done) return done;
    const auto& names = plan.names;
    if (auto done = plant_healthy_topic(plan, kafka, names.order_topic, names.order_group); !done)
        return done;
    return plant_healthy_topic(plan, kafka, names.other_topic, names.other_group);
}

}  // namespace casefile::sandbox

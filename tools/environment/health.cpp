#include "tools/environment/health.h"

namespace casefile::tools::environment {

std::string_view verdict_at(double value, double warning, double critical) {
    return value >= critical ? "CRITICAL" : value >= warning ? "WARNING" : "OK";
}

void Health::check(SourceKind source, std::string_view name, std::string value, std::string_view verdict,
                   std::string_view rule) {
    checks.push_back({{"source", name_of(source)},
                      {"check", name},
                      {"value", std::move(value)},
                      {"verdict", verdict},
                      {"rule", rule}});
}

/// Topics come from one request for the cluster's metadata, which names no group and reads no message.
Result<void> kafka_health(Call& call, Health& out) {
    auto source = call.bench.sources.kafka(call.env);
    if (!source) return source.error();
    call.run.log("kafka health: Metadata of the cluster and all topics");
    const auto topics = (*source)->topics(call.control());
    if (!topics) return topics.error();
    std::size_t partitions = 0, behind = 0, offline = 0;
    for (const auto& topic : *topics) {
        partitions += topic.partitions.size();
        offline += topic.offline.size();
        behind += topic.under_replicated.size();
        for (const auto partition : topic.offline)
            out.partitions.push_back({{"topic", topic.name}, {"partition", partition}, {"state", "offline"}});
        for (const auto partition : topic.under_replicated)
            out.partitions.push_back(
                {{"topic", topic.name}, {"partition", partition}, {"state", "under-replicated"}});
    }
    const auto of_all = [&](std::size_t count) {
        return std::to_string(count) + " of " + std::to_string(partitions);
    };
    out.check(SourceKind::kafka, "partitions_offline", of_all(offline),
              verdict_at(static_cast<double>(offline), 1, 1), "without a leader: critical from 1");
    out.check(SourceKind::kafka, "partitions_under_replicated", of_all(behind),
              verdict_at(static_cast<double>(behind), 1, 1e18),
              "fewer replicas in sync than there are: warning from 1");
    return {};
}

}  // namespace casefile::tools::environment

#pragma once
// Kafka without a broker: holds topics, groups and messages in memory, and records what was asked of it, in
// order.

#include "sources/kafka/source.h"
#include "tests/fakes/fake_source.h"

namespace casefile::sources::kafka {

class FakeKafkaSource : public KafkaSource {
  public:
    explicit FakeKafkaSource(const std::string& env) : where(fake_endpoint(env, SourceKind::kafka)) {}

    const Endpoint& endpoint() const override { return where; }
    Result<Fingerprint> fingerprint(const Control&) override { return fake_fingerprint(where); }

    Result<std::vector<Topic>> topics(const Control&) override {
        asked.emplace_back("topics");
        if (failure) return *failure;
        return all_topics;
    }
    Result<GroupList> groups(const Control&) override {
        asked.emplace_back("groups");
        return group_list;
    }
    Result<std::vector<Group>> describe_groups(const std::vector<std::string>& names,
                                               const std::vector<Partition>&, const Control&) override {
        asked.emplace_back("describe_groups");
        std::vector<Group> out;
        for (const auto& name : names) {
            const auto found = std::find_if(described.begin(), described.end(),
                                            [&](const Group& group) { return group.name == name; });
            if (found != described.end())
                out.push_back(*found);
            else
                out.push_back(
                    {.name = name, .state = "Dead", .note = {}, .members = {}, .offsets = {}, .error = {}});
        }
        return out;
    }
    Result<std::vector<Watermarks>> watermarks(const std::vector<Partition>& partitions,
                                               const Control&) override {
        asked.emplace_back("watermarks");
        std::vector<Watermarks> out;
        for (const auto& partition : partitions) {
            const auto found = marks.find(partition);
            out.push_back(found == marks.end() ? Watermarks{partition, 0, 0, "unknown partition"}
                                               : found->second);
        }
        return out;
    }
    Result<ReadEnd> read(const ReadRequest& request, const Control&) override {
        asked.emplace_back("read");
        requests.push_back(request);
        ReadEnd end;
        for (const auto& message : messages) {
            const bool here = message.partition.topic == request.topic &&
                              (request.partitions.empty() ||
                               std::find(request.partitions.begin(), request.partitions.end(),
                                         message.partition.partition) != request.partitions.end());
            if (!here || (request.key && message.key != request.key)) continue;
            if (request.start.kind == Start::Kind::offset && message.offset < request.start.value) continue;
            if (request.start.kind == Start::Kind::timestamp_ms && message.timestamp_ms < request.start.value)
                continue;
            ++end.scanned;
            if (std::ssize(end.messages) == request.messages_max)
                end.truncated = true;
            else
                end.messages.push_back(message);
        }
        for (const auto& [partition, mark] : marks)
            if (partition.topic == request.topic) end.watermarks.push_back(mark);
        end.stretches = stretches;
        end.times_searched = times_searched;
        return end;
    }

    Result<std::vector<FirstMessage>> first_messages(const std::vector<Place>& places,
                                                     const Control&) override {
        asked.emplace_back("first_messages");
        std::vector<FirstMessage> out;
        for (const auto& place : places) {
            looked_for.push_back(place);
            FirstMessage first{FirstMessage::Kind::nothing, -1};
            for (const auto& message : messages)
                if (message.partition == place.partition && message.offset >= place.offset) {
                    first = {FirstMessage::Kind::found, message.timestamp_ms};
                    break;
                }
            out.push_back(first);
        }
        return out;
    }

    Endpoint where;
    std::vector<Topic> all_topics;
    GroupList group_list;
    std::vector<Group> described;
    std::map<Partition, Watermarks> marks;
    std::vector<Message> messages;
    std::optional<Error> failure;  ///< of topics()
    std::vector<std::string> asked;
    std::vector<ReadRequest> requests;
    std::vector<Place> looked_for;
    std::vector<Stretch> stretches;  ///< told by read()
    bool times_searched = false;     ///< told by read()
};

}  // namespace casefile::sources::kafka

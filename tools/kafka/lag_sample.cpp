#include "tools/kafka/lag_sample.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace casefile::tools::kafka {
namespace {

using sources::kafka::Committed;
using sources::kafka::Topic;
using sources::kafka::Watermarks;
using Ends = std::map<Partition, Watermarks>;

Result<void> choose_topics(const std::vector<std::string>& wanted, const std::vector<Topic>& all,
                           Scope& scope) {
    std::set<std::string> missing(wanted.begin(), wanted.end());
    std::vector<std::string> known;
    for (const auto& topic : all) {
        const bool named = missing.erase(topic.name) > 0;
        if (!topic.internal) known.push_back(topic.name);
        if (!named && (!wanted.empty() || topic.internal)) continue;
        for (const auto partition : topic.partitions) scope.partitions.insert({topic.name, partition});
    }
    if (missing.empty()) return {};
    return not_found(
        "topics: there is no topic '" + printable(shorten(*missing.begin(), 120)) + "'",
        "topics there are: " + (known.empty() ? "none" : printable(shorten(join(known, ", "), 400))));
}

Result<Ends> ends_of(const std::set<Partition>& partitions, KafkaSource& source, const Control& control) {
    Ends ends;
    if (partitions.empty()) return ends;
    auto marks = source.watermarks({partitions.begin(), partitions.end()}, control);
    if (!marks) return marks.error();
    for (auto& mark : *marks) ends[mark.partition] = std::move(mark);
    return ends;
}

/// The partitions in which a group has a part: those it committed, those of the same topics, those assigned
/// to a member.
std::map<Partition, Committed> parts_of(const Group& group, const Scope& scope) {
    const auto& meant = scope.partitions;
    std::set<std::string> topics;
    for (const auto& one : group.offsets)
        if (one.offset || !one.error.empty()) topics.insert(one.partition.topic);
    std::map<Partition, Committed> parts;
    for (const auto& one : group.offsets)
        if (meant.contains(one.partition) && (scope.topics_named || topics.contains(one.partition.topic)))
            parts[one.partition] = one;
    for (const auto& member : group.members)
        for (const auto& partition : member.assigned)
            if (meant.contains(partition))
                parts.try_emplace(partition, Committed{partition, std::nullopt, {}});
    return parts;
}

std::map<Partition, std::string> members_of(const Group& group) {
    std::map<Partition, std::string> out;
    for (const auto& member : group.members)
        for (const auto& partition : member.assigned)
            out[partition] = member.client_id + " at " + member.host;
    return out;
}

Consumers consumers_of(const Group& group) {
    if (!group.members.empty()) return Consumers::alive;
    return group.state == "Empty" || group.state == "Dead" ? Consumers::none : Consumers::unknown;
}

Sample sample_of(const Committed& committed, const Ends& ends, std::string& error) {
    Sample sample{.committed = committed.offset};
    if (error.empty()) error = committed.error;
    const auto found = ends.find(committed.partition);
    if (found == ends.end()) {
        if (error.empty()) error = "the broker told no end offset";
        return sample;
    }
    if (error.empty()) error = found->second.error;
    sample.low = found->second.low;
    sample.end = found->second.end;
    return sample;
}

}  // namespace

Result<Scope> find_scope(const std::vector<std::string>& groups, const std::vector<std::string>& topics,
                         KafkaSource& source, const Control& control) {
    Scope scope{.groups = groups,
                .groups_from = "arguments",
                .note = {},
                .partitions = {},
                .topics_named = !topics.empty()};
    auto all = source.topics(control);
    if (!all) return all.error();
    if (auto done = choose_topics(topics, *all, scope); !done) return done.error();
    if (!groups.empty()) return scope;
    auto listed = source.groups(control);
    if (!listed) return listed.error();
    scope.groups = std::move(listed->names);
    scope.groups_from = listed->listed ? "broker" : "configuration";
    scope.note = std::move(listed->reason);
    return scope;
}

Result<Picture> take_first(const Scope& scope, KafkaSource& source, const Control& control) {
    Picture picture;
    if (scope.groups.empty()) return picture;
    auto groups =
        source.describe_groups(scope.groups, {scope.partitions.begin(), scope.partitions.end()}, control);
    if (!groups) return groups.error();
    picture.groups = *std::move(groups);

    std::set<Partition> needed;
    std::vector<std::map<Partition, Committed>> parts;
    for (const auto& group : picture.groups) {
        parts.push_back(parts_of(group, scope));
        for (const auto& [partition, committed] : parts.back()) needed.insert(partition);
    }
    const auto ends = ends_of(needed, source, control);
    if (!ends) return ends.error();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& group = picture.groups[i];
        const auto members = members_of(group);
        for (const auto& [partition, committed] : parts[i]) {
            View view{.group = group.name, .partition = partition, .member = {}, .facts = {}, .judged = {}};
            if (const auto found = members.find(partition); found != members.end())
                view.member = found->second;
            view.facts.consumers = consumers_of(group);
            view.facts.first = sample_of(committed, *ends, view.facts.error);
            picture.views.push_back(std::move(view));
        }
    }
    return picture;
}

Result<void> take_second(const Scope& scope, std::int64_t seconds, Picture& picture, KafkaSource& source,
                         const Control& control) {
    auto groups =
        source.describe_groups(scope.groups, {scope.partitions.begin(), scope.partitions.end()}, control);
    if (!groups) return groups.error();
    std::set<Partition> needed;
    for (const auto& view : picture.views) needed.insert(view.partition);
    const auto ends = ends_of(needed, source, control);
    if (!ends) return ends.error();

    std::map<std::string, std::map<Partition, Committed>> parts;
    std::map<std::string, Consumers> consumers;
    for (const auto& group : *groups) {
        parts[group.name] = parts_of(group, scope);
        consumers[group.name] = consumers_of(group);
    }
    std::set<std::string> moving;
    for (auto& view : picture.views) {
        const auto& of_group = parts[view.group];
        const auto found = of_group.find(view.partition);
        const auto committed =
            found == of_group.end() ? Committed{view.partition, std::nullopt, {}} : found->second;
        view.facts.second = sample_of(committed, *ends, view.facts.error);
        view.facts.sample_seconds = seconds;
        view.facts.consumers = consumers[view.group];
        if (view.facts.commits_moved()) moving.insert(view.group);
    }
    // Whoever commits is alive, also where the broker tells no members.
    for (auto& view : picture.views)
        if (moving.contains(view.group)) view.facts.consumers = Consumers::alive;
    picture.groups = *std::move(groups);
    return {};
}

}  // namespace casefile::tools::kafka

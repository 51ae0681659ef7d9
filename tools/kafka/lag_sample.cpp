#include "tools/kafka/lag_sample.h"

#include <algorithm>
#include <set>

#include "sources/kafka/unknown_topic.h"

namespace casefile::tools::kafka {
namespace {

using sources::kafka::Topic;
using sources::kafka::Watermarks;
/// By place among the partitions of the scope; none where nobody asked.
using Ends = std::vector<std::optional<Watermarks>>;

/// What a group committed in one partition of the scope.
struct Part {
    std::size_t place = 0;
    std::optional<std::int64_t> committed;
    std::string error;
};

Result<void> choose_topics(const std::vector<std::string>& wanted, const std::vector<Topic>& all,
                           Scope& scope) {
    std::set<std::string> missing(wanted.begin(), wanted.end());
    for (const auto& topic : all) {
        const bool named = missing.erase(topic.name) > 0;
        if (!named && (!wanted.empty() || topic.internal)) continue;
        for (const auto partition : topic.partitions) scope.partitions.push_back({topic.name, partition});
    }
    std::sort(scope.partitions.begin(), scope.partitions.end());
    if (missing.empty()) return {};
    return sources::kafka::unknown_topic("topics", *missing.begin(), all);
}

/// Of the places that are needed.
Result<Ends> ends_of(const std::vector<bool>& needed, const Scope& scope, KafkaSource& source,
                     const Control& control) {
    Ends ends(scope.partitions.size());
    std::vector<std::size_t> places;
    std::vector<Partition> asked;
    for (std::size_t place = 0; place < needed.size(); ++place) {
        if (!needed[place]) continue;
        places.push_back(place);
        asked.push_back(scope.partitions[place]);
    }
    if (asked.empty()) return ends;
    auto marks = source.watermarks(asked, control);
    if (!marks) return marks.error();
    for (std::size_t i = 0; i < places.size() && i < marks->size(); ++i)
        ends[places[i]] = std::move((*marks)[i]);
    return ends;
}

/// Finds partitions of an ordered list, at once when they come in its order.
class Finder {
  public:
    explicit Finder(const std::vector<Partition>& ordered) : ordered_(ordered) {}

    std::optional<std::size_t> place_of(const Partition& partition) {
        if (next_ == ordered_.size() || ordered_[next_] != partition) {
            const auto found = std::lower_bound(ordered_.begin(), ordered_.end(), partition);
            if (found == ordered_.end() || *found != partition) return std::nullopt;
            next_ = static_cast<std::size_t>(found - ordered_.begin());
        }
        return next_++;
    }

  private:
    const std::vector<Partition>& ordered_;
    std::size_t next_ = 0;
};

/// The partitions in which a group has a part, in order: those it committed, those of the same topics, those
/// assigned to a member.
std::vector<Part> parts_of(const Group& group, const Scope& scope) {
    Finder finder(scope.partitions);
    std::set<std::string_view> topics;
    for (const auto& one : group.offsets)
        if (one.offset || !one.error.empty()) topics.insert(one.partition.topic);
    std::vector<Part> parts;
    for (const auto& one : group.offsets) {
        if (!scope.topics_named && !topics.contains(one.partition.topic)) continue;
        if (const auto place = finder.place_of(one.partition))
            parts.push_back({*place, one.offset, one.error});
    }
    for (const auto& member : group.members)
        for (const auto& partition : member.assigned)
            if (const auto place = finder.place_of(partition)) parts.push_back({*place, std::nullopt, {}});
    // What was committed stands before what is only assigned.
    std::ranges::stable_sort(parts, {}, &Part::place);
    const auto doubled = std::ranges::unique(parts, {}, &Part::place);
    parts.erase(doubled.begin(), doubled.end());
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

Sample sample_of(const Part& part, const Ends& ends, std::string& error) {
    Sample sample{.committed = part.committed};
    if (error.empty()) error = part.error;
    const auto& marks = ends[part.place];
    if (!marks) {
        if (error.empty()) error = "the broker told no end offset";
        return sample;
    }
    if (error.empty()) error = marks->error;
    sample.low = marks->low;
    sample.end = marks->end;
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

Result<Picture> take_first(const Scope& scope, KafkaSource& source, const Control& control,
                           const Stopwatch& now) {
    Picture picture;
    if (scope.groups.empty()) return picture;
    auto groups = source.describe_groups(scope.groups, scope.partitions, control);
    if (!groups) return groups.error();
    picture.groups = *std::move(groups);
    picture.commits_at = now();

    std::vector<bool> needed(scope.partitions.size());
    std::vector<std::vector<Part>> parts;
    std::size_t count = 0;
    for (const auto& group : picture.groups) {
        parts.push_back(parts_of(group, scope));
        count += parts.back().size();
        for (const auto& part : parts.back()) needed[part.place] = true;
    }
    const auto ends = ends_of(needed, scope, source, control);
    if (!ends) return ends.error();
    picture.ends_at = now();
    picture.views.reserve(count);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& group = picture.groups[i];
        const auto members = members_of(group);
        for (const auto& part : parts[i]) {
            auto& view = picture.views.emplace_back();
            view.group = group.name;
            view.partition = scope.partitions[part.place];
            view.place = part.place;
            if (const auto found = members.find(view.partition); found != members.end())
                view.member = found->second;
            view.facts.consumers = consumers_of(group);
            view.facts.first = sample_of(part, *ends, view.facts.error);
        }
    }
    return picture;
}

Result<void> take_second(const Scope& scope, Picture& picture, KafkaSource& source, const Control& control,
                         const Stopwatch& now) {
    using Seconds = std::chrono::duration<double>;
    auto groups = source.describe_groups(scope.groups, scope.partitions, control);
    if (!groups) return groups.error();
    const auto commit_seconds = Seconds(now() - picture.commits_at).count();
    std::vector<bool> needed(scope.partitions.size());
    for (const auto& view : picture.views) needed[view.place] = true;
    const auto ends = ends_of(needed, scope, source, control);
    if (!ends) return ends.error();
    const auto end_seconds = Seconds(now() - picture.ends_at).count();

    std::map<std::string, std::vector<Part>> parts;
    std::map<std::string, Consumers> consumers;
    for (const auto& group : *groups) {
        parts[group.name] = parts_of(group, scope);
        consumers[group.name] = consumers_of(group);
    }
    std::set<std::string> moving;
    for (auto& view : picture.views) {
        const auto& of_group = parts[view.group];
        const auto found = std::ranges::lower_bound(of_group, view.place, {}, &Part::place);
        const bool is_there = found != of_group.end() && found->place == view.place;
        view.facts.second =
            sample_of(is_there ? *found : Part{view.place, std::nullopt, {}}, *ends, view.facts.error);
        view.facts.commit_seconds = commit_seconds;
        view.facts.end_seconds = end_seconds;
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

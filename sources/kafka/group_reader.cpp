#include "sources/kafka/group_reader.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "base/text.h"
#include "sources/kafka/group_batch.h"
#include "sources/kafka/metadata.h"

namespace casefile::sources::kafka {
namespace {

using std::chrono::milliseconds;

/// Offset requests in flight. A first one goes alone: a cluster that never had groups needs time to begin.
constexpr std::size_t in_flight_max = 64;
/// From so many groups on they are described all at once.
constexpr std::size_t batch_min = 8;
/// A coordinator that moves says so in its answer; a moment later another one knows.
constexpr int attempts_max = 4;
constexpr milliseconds retry_pause{250};

bool is_coordinator_change(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
           code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
}

OptionsPtr options_for(rd_kafka_t* handle, rd_kafka_admin_op_t operation, const Control& control,
                       void* opaque) {
    OptionsPtr options(rd_kafka_AdminOptions_new(handle, operation));
    char why[256];
    rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_of(control.left()), why, sizeof why);
    rd_kafka_AdminOptions_set_opaque(options.get(), opaque);
    return options;
}

/// Names and states as the brokers list them, and what the brokers said that did not.
struct Listing {
    std::map<std::string, std::string> states;
    std::string error;
    bool supported = true;  ///< false when no broker knows these requests at all
};

Result<Listing> ask_for_list(ClusterHandle& handle, const Control& control) {
    const QueuePtr queue(rd_kafka_queue_new(handle.get()));
    const auto options = options_for(handle.get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, control, nullptr);
    rd_kafka_ListConsumerGroups(handle.get(), options.get(), queue.get());
    const auto event = handle.next_event(queue.get(), control);
    if (!event) {
        if (control.stopped()) return cancelled_error();
        return handle.error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "listing groups");
    }
    Listing out;
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT)
            return handle.error_of(code, "listing groups");
        out.error = rd_kafka_event_error_string(event.get());
        return out;
    }
    const auto* result = rd_kafka_event_ListConsumerGroups_result(event.get());
    std::size_t count = 0;
    const auto* listed = rd_kafka_ListConsumerGroups_result_valid(result, &count);
    for (std::size_t i = 0; i < count; ++i)
        out.states[rd_kafka_ConsumerGroupListing_group_id(listed[i])] =
            rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(listed[i]));
    const auto* errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
    if (count > 0) {
        out.error = rd_kafka_error_string(errors[0]);
        out.supported = rd_kafka_error_code(errors[0]) != RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
    }
    return out;
}

/// All questions about all groups go to one queue, and their answers come back in any order.
class GroupQuestions {
  public:
    GroupQuestions(ClusterHandle& handle, const std::vector<std::string>& names, const Control& control)
        : handle_(handle), control_(control), queue_(rd_kafka_queue_new(handle.get())) {
        for (const auto& name : names) {
            auto& group = groups_.emplace_back();
            group.name = name;
            group.state = "unknown";
        }
    }

    Result<std::vector<Group>> run(std::vector<Partition> partitions) {
        std::sort(partitions.begin(), partitions.end());
        auto listing = ask_for_list(handle_, control_);
        if (!listing) return listing.error();
        std::future<std::map<std::string, Group>> batch;  // its end is waited for, whichever way this ends
        // A broker that cannot list groups cannot describe them, and librdkafka 2.0.2 does not survive asking
        // it to: it uses memory that it freed, and its main thread stands still from then on.
        if (!listing->supported)
            put_no_descriptions("state and members unknown: " + listing->error);
        else if (is_batch_worth_it(*listing))
            batch = std::async(std::launch::async, [this] { return describe_all_groups(handle_, control_); });
        else
            describe(everybody());
        const auto all = everybody();
        fetch_offsets(all, nullptr);
        if (!partitions.empty()) {
            // Some brokers answer a question for "all" with nothing, so whoever has nothing is asked by name.
            std::vector<std::size_t> empty;
            for (const auto i : all)
                if (groups_[i].error.empty() && groups_[i].offsets.empty()) empty.push_back(i);
            fetch_offsets(empty, list_of(partitions, RD_KAFKA_OFFSET_INVALID).get());
        }
        if (batch.valid()) describe(take_batch(batch.get()));
        wait_for([this] { return described_; });
        if (control_.stopped()) return cancelled_error();
        if (!anything_came_) return handle_.error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "reading consumer groups");
        for (auto& group : groups_) complete_offsets(group, partitions);
        explain_dead_groups(*listing);
        return std::move(groups_);
    }

  private:
    std::vector<std::size_t> everybody() const {
        std::vector<std::size_t> all(groups_.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return all;
    }

    /// All at once tells also of groups that nobody asked for.
    bool is_batch_worth_it(const Listing& listing) const {
        return groups_.size() >= batch_min && groups_.size() * 2 >= listing.states.size();
    }

    /// The groups that the batch did not tell of.
    std::vector<std::size_t> take_batch(const std::map<std::string, Group>& batch) {
        std::vector<std::size_t> missing;
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            const auto found = batch.find(groups_[i].name);
            if (found == batch.end()) {
                missing.push_back(i);
                continue;
            }
            groups_[i].state = found->second.state;
            groups_[i].members = found->second.members;
        }
        return missing;
    }

    void describe(const std::vector<std::size_t>& wanted) {
        described_ = wanted.empty();
        if (described_) return;
        std::vector<const char*> names;
        for (const auto i : wanted) names.push_back(groups_[i].name.c_str());
        const auto options =
            options_for(handle_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, control_, nullptr);
        rd_kafka_DescribeConsumerGroups(handle_.get(), names.data(), names.size(), options.get(),
                                        queue_.get());
    }

    /// `list` is null for all partitions. Groups whose coordinator is on the move are asked again.
    void fetch_offsets(std::vector<std::size_t> wanted, const rd_kafka_topic_partition_list_t* list) {
        for (int attempt = 1; !wanted.empty() && attempt <= attempts_max; ++attempt) {
            if (attempt > 1) pause();
            to_retry_.clear();
            outstanding_ = 0;
            for (const auto i : wanted) {
                const auto most = answered_once_ ? in_flight_max : 1;
                if (!wait_for([&] { return outstanding_ < most; })) return;
                ask_for_offsets(i, list);
            }
            if (!wait_for([this] { return outstanding_ == 0; })) return;
            wanted = to_retry_;
        }
    }

    void ask_for_offsets(std::size_t i, const rd_kafka_topic_partition_list_t* list) {
        // The opaque pointer carries the group's place, counted from one.
        const auto options = options_for(handle_.get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, control_,
                                         reinterpret_cast<void*>(i + 1));
        auto* request = rd_kafka_ListConsumerGroupOffsets_new(groups_[i].name.c_str(), list);
        groups_[i].error = "no answer in time";
        ++outstanding_;
        rd_kafka_ListConsumerGroupOffsets(handle_.get(), &request, 1, options.get(), queue_.get());
        rd_kafka_ListConsumerGroupOffsets_destroy(request);
    }

    /// Takes events until `done`; false when stopped or out of time.
    template <class Done>
    bool wait_for(Done done) {
        while (!done()) {
            const auto event = handle_.next_event(queue_.get(), control_);
            if (!event) return false;
            take(*event);
        }
        return true;
    }

    void take(rd_kafka_event_t& event) {
        if (rd_kafka_event_type(&event) == RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT)
            take_descriptions(event);
        else
            take_offsets(event);
    }

    void pause() {
        const Control moment{std::min(control_.deadline, std::chrono::steady_clock::now() + retry_pause),
                             control_.stop};
        while (const auto event = handle_.next_event(queue_.get(), moment)) take(*event);
    }

    void take_offsets(rd_kafka_event_t& event) {
        const auto place = reinterpret_cast<std::size_t>(rd_kafka_event_opaque(&event));
        if (place == 0 || place > groups_.size()) return;
        if (outstanding_ > 0) --outstanding_;
        answered_once_ = true;
        auto& group = groups_[place - 1];
        group.error.clear();

        // An event without an error may hold a group with one, and a group without one partitions with
        // theirs.
        auto code = rd_kafka_event_error(&event);
        std::string words = code == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_event_error_string(&event);
        const auto* result = rd_kafka_event_ListConsumerGroupOffsets_result(&event);
        std::size_t count = 0;
        const auto* answers =
            result == nullptr ? nullptr : rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && count > 0) {
            if (const auto* error = rd_kafka_group_result_error(answers[0])) {
                code = rd_kafka_error_code(error);
                words = rd_kafka_error_string(error);
            }
        }
        if (code != RD_KAFKA_RESP_ERR__TIMED_OUT && code != RD_KAFKA_RESP_ERR__TRANSPORT)
            anything_came_ = true;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            group.error = words;
            if (is_coordinator_change(code)) to_retry_.push_back(place - 1);
            return;
        }
        const auto* list = count == 0 ? nullptr : rd_kafka_group_result_partitions(answers[0]);
        group.offsets.clear();
        for (int i = 0; list != nullptr && i < list->cnt; ++i) {
            const auto& from = list->elems[i];
            auto& to = group.offsets.emplace_back();
            to.partition = {from.topic, from.partition};
            if (from.offset >= 0) to.offset = from.offset;
            if (from.err != RD_KAFKA_RESP_ERR_NO_ERROR) to.error = rd_kafka_err2str(from.err);
            if (is_coordinator_change(from.err) && (to_retry_.empty() || to_retry_.back() != place - 1))
                to_retry_.push_back(place - 1);
        }
    }

    void put_no_descriptions(const std::string& why) {
        described_ = true;
        for (auto& group : groups_) group.note = why;
    }

    void take_descriptions(rd_kafka_event_t& event) {
        if (rd_kafka_event_error(&event) != RD_KAFKA_RESP_ERR_NO_ERROR)
            return put_no_descriptions(std::string("state and members unknown: ") +
                                       rd_kafka_event_error_string(&event));
        described_ = true;
        std::size_t count = 0;
        const auto* described = rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(&event), &count);
        for (std::size_t i = 0; i < count; ++i) take_description(*described[i]);
    }

    void take_description(const rd_kafka_ConsumerGroupDescription_t& from) {
        const std::string name = rd_kafka_ConsumerGroupDescription_group_id(&from);
        const auto found = std::find_if(groups_.begin(), groups_.end(),
                                        [&](const Group& group) { return group.name == name; });
        if (found == groups_.end()) return;
        if (const auto* error = rd_kafka_ConsumerGroupDescription_error(&from)) {
            if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                found->note = std::string("state and members unknown: ") + rd_kafka_error_string(error);
                return;
            }
        }
        found->state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(&from));
        const auto count = rd_kafka_ConsumerGroupDescription_member_count(&from);
        for (std::size_t i = 0; i < count; ++i) {
            const auto* member = rd_kafka_ConsumerGroupDescription_member(&from, i);
            auto& to = found->members.emplace_back();
            to.member_id = rd_kafka_MemberDescription_consumer_id(member);
            to.client_id = rd_kafka_MemberDescription_client_id(member);
            to.host = rd_kafka_MemberDescription_host(member);
            const auto* assignment = rd_kafka_MemberDescription_assignment(member);
            const auto* list =
                assignment == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assignment);
            for (int j = 0; list != nullptr && j < list->cnt; ++j)
                to.assigned.push_back({list->elems[j].topic, list->elems[j].partition});
        }
    }

    /// A group has to do with a topic when it committed on any of its partitions or has members that read it.
    /// Partitions of it without a commit are said, those of other topics are left out, whichever way the
    /// broker answered.
    static void complete_offsets(Group& group, const std::vector<Partition>& sorted) {
        // Brokers mostly answer in order.
        if (!std::ranges::is_sorted(group.offsets, {}, &Committed::partition))
            std::ranges::sort(group.offsets, {}, &Committed::partition);
        std::set<std::string, std::less<>> topics;
        for (const auto& one : group.offsets)
            if (one.offset || !one.error.empty()) topics.insert(one.partition.topic);
        for (const auto& member : group.members)
            for (const auto& partition : member.assigned) topics.insert(partition.topic);
        std::erase_if(group.offsets,
                      [&](const Committed& one) { return !topics.contains(one.partition.topic); });
        const auto told = group.offsets.size();
        for (const auto& topic : topics) {
            auto one = std::ranges::lower_bound(sorted, topic, {}, &Partition::topic);
            for (; one != sorted.end() && one->topic == topic; ++one)
                if (!std::ranges::binary_search(std::span(group.offsets).first(told), *one, {},
                                                &Committed::partition))
                    group.offsets.push_back({.partition = *one, .offset = std::nullopt, .error = {}});
        }
        if (group.offsets.size() > told) std::ranges::sort(group.offsets, {}, &Committed::partition);
    }

    /// A group of the newer protocol is described as Dead by brokers that list it as alive.
    void explain_dead_groups(const Listing& listing) {
        for (auto& group : groups_) {
            if (group.state != "Dead" || !group.note.empty()) continue;
            const auto listed = listing.states.find(group.name);
            if (listed == listing.states.end()) {
                group.note = "the broker lists no such group";
            } else if (listed->second != "Dead") {
                group.state = listed->second;
                group.note = "members unknown (newer group protocol)";
            }
        }
    }

    ClusterHandle& handle_;
    const Control& control_;
    const QueuePtr queue_;
    std::vector<Group> groups_;
    std::vector<std::size_t> to_retry_;
    std::size_t outstanding_ = 0;
    bool answered_once_ = false;
    bool anything_came_ = false;  ///< anything but silence
    bool described_ = false;
};

}  // namespace

Result<GroupList> list_groups(ClusterHandle& handle, const Control& control) {
    const auto listing = ask_for_list(handle, control);
    if (!listing) return listing.error();
    std::set<std::string> names;
    for (const auto& [name, state] : listing->states) names.insert(name);
    GroupList out;
    if (!listing->error.empty()) {
        out.listed = false;
        out.reason = "the broker does not list groups (" + printable(listing->error) + ")";
        names.insert(handle.endpoint().groups.begin(), handle.endpoint().groups.end());
    }
    out.names.assign(names.begin(), names.end());
    return out;
}

Result<std::vector<Group>> read_groups(ClusterHandle& handle, const std::vector<std::string>& names,
                                       const std::vector<Partition>& partitions, const Control& control) {
    if (names.empty()) return std::vector<Group>{};
    return GroupQuestions(handle, names, control).run(partitions);
}

}  // namespace casefile::sources::kafka

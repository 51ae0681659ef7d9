#include "sources/kafka/group_batch.h"

#include <span>

#include "sources/kafka/assignment.h"

namespace casefile::sources::kafka {
namespace {

using GroupListPtr = std::unique_ptr<const rd_kafka_group_list, Deleter<rd_kafka_group_list_destroy>>;

/// librdkafka waits for each broker, also for one that is down, and cannot be interrupted meanwhile.
constexpr std::chrono::milliseconds patience{1000};

std::optional<Group> group_from(const rd_kafka_group_info& from) {
    const std::string_view protocol = from.protocol_type;
    if (from.err != RD_KAFKA_RESP_ERR_NO_ERROR || (!protocol.empty() && protocol != "consumer"))
        return std::nullopt;
    Group group;
    group.name = from.group;
    group.state = rd_kafka_consumer_group_state_name(rd_kafka_consumer_group_state_code(from.state));
    for (const auto& member : std::span(from.members, static_cast<std::size_t>(from.member_cnt))) {
        auto assigned = read_assignment({static_cast<const char*>(member.member_assignment),
                                         static_cast<std::size_t>(member.member_assignment_size)});
        if (!assigned) return std::nullopt;
        group.members.push_back(
            {member.member_id, member.client_id, member.client_host, *std::move(assigned)});
    }
    return group;
}

}  // namespace

std::map<std::string, Group> describe_all_groups(const ClusterHandle& handle, const Control& control) {
    std::map<std::string, Group> out;
    const rd_kafka_group_list* list = nullptr;
    // An error does not mean that nothing came: some broker may have been late.
    rd_kafka_list_groups(handle.get(), nullptr, &list, timeout_of(std::min(control.left(), patience)));
    const GroupListPtr owned(list);
    if (list == nullptr) return out;
    for (const auto& from : std::span(list->groups, static_cast<std::size_t>(list->group_cnt)))
        if (auto group = group_from(from)) out[from.group] = *std::move(group);
    return out;
}

}  // namespace casefile::sources::kafka

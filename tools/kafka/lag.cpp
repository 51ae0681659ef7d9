// kafka_lag: how far each consumer group is behind, in messages and in time, and whether it moves. Commits
// are read before end offsets; a second sample tells rates; every verdict comes with the rule that gave it.

#include <condition_variable>

#include "base/text.h"
#include "tools/kafka/lag_line.h"
#include "tools/kafka/lag_sample.h"
#include "tools/kafka/tools.h"
#include "tools/preview.h"

namespace casefile::tools::kafka {
namespace {

constexpr std::size_t time_lags_max = 200;  // each costs a read of one message
constexpr std::chrono::seconds time_lags_time_max{10};
constexpr std::int64_t sample_seconds_max = 300;

struct Args {
    std::vector<std::string> groups, topics;
    std::int64_t sample_seconds = 0;
};

struct Answer {
    json::object verdicts;
    std::vector<json::object> groups, partitions;
    std::string groups_from, taken_at;
    bool truncated = false;
    std::optional<std::string> reason;
    std::string told;  // for the summary
};

/// Lagging partitions, the worst of each group before all others.
std::vector<View*> by_need(std::vector<View>& views) {
    std::vector<View*> lagging;
    for (auto& view : views)
        if (view.facts.error.empty() && view.facts.lag().value_or(0) > 0) lagging.push_back(&view);
    std::stable_sort(lagging.begin(), lagging.end(),
                     [](const View* l, const View* r) { return *l->facts.lag() > *r->facts.lag(); });
    std::set<std::string> groups;
    std::stable_partition(lagging.begin(), lagging.end(),
                          [&](const View* view) { return groups.insert(view->group).second; });
    return lagging;
}

/// Reads the oldest message that waits, to learn since when. What cannot be read stays unknown and is told
/// so.
Result<std::string> read_time_lags(std::vector<View>& views, KafkaSource& source, Call& call) {
    const auto lagging = by_need(views);
    std::vector<sources::kafka::Place> places;
    for (const auto* view : lagging) {
        if (places.size() == time_lags_max) break;
        const auto& sample = view->facts.latest();
        places.push_back({view->partition, std::max(*sample.committed, sample.low)});
    }
    if (places.empty()) return std::string();
    auto control = call.control();
    const auto now = std::chrono::steady_clock::now();
    control.deadline =
        now + std::min<std::chrono::steady_clock::duration>((call.deadline - now) / 2, time_lags_time_max);
    const auto came = source.first_messages(places, control);
    if (!came && came.error().kind == ErrorKind::cancelled) return came.error();
    if (!came) return "time lag is unknown: " + came.error().message;

    std::size_t known = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        using Kind = sources::kafka::FirstMessage::Kind;
        const auto& first = (*came)[i];
        auto& facts = lagging[i]->facts;
        if (first.kind != Kind::unknown) ++known;
        facts.nothing_readable = first.kind == Kind::nothing;
        if (first.kind != Kind::found || first.timestamp_ms < 0) continue;
        const auto at = call.bench.clock.now().time_since_epoch().count();
        facts.time_lag_seconds = std::max<std::int64_t>(0, (at - first.timestamp_ms) / 1000);
    }
    if (known == lagging.size()) return std::string();
    return "time lag was read for " + std::to_string(known) + " of " + std::to_string(lagging.size()) +
           " lagging partitions";
}

/// The views with the worst first, and with the most that waits among those.
std::vector<const View*> worst_first(const std::vector<View>& views) {
    // Views are large: their order is found by what it depends on.
    struct Rank {
        LagState state;
        std::int64_t lag;
        const View* view;
    };
    std::vector<Rank> ranks;
    ranks.reserve(views.size());
    for (const auto& view : views) ranks.push_back({view.judged.state, view.facts.lag().value_or(0), &view});
    std::stable_sort(ranks.begin(), ranks.end(), [](const Rank& left, const Rank& right) {
        return left.state != right.state ? left.state > right.state : left.lag > right.lag;
    });
    std::vector<const View*> out;
    out.reserve(ranks.size());
    for (const auto& rank : ranks) out.push_back(rank.view);
    return out;
}

struct GroupSummary {
    const Group* group = nullptr;
    Judgement verdict;
    std::int64_t lag = 0, partitions = 0, lost = 0;
    std::int64_t beyond_end = 0;  ///< what was committed of messages that are not there
    std::optional<std::int64_t> time_lag_seconds;
    Rates rates;
    bool has_rates = false;
    /// Of all partitions; null when one never drains, none when of one it is not known.
    std::optional<json::value> drain = 0;
};

/// Of a group that has no part in the topics looked at.
Judgement judge_absent(const Group& group) {
    if (!group.error.empty()) return {LagState::unknown, group.error};
    if (group.state == "Dead") return {LagState::unknown, "the broker knows no such group"};
    if (group.state == "unknown")
        return {LagState::unknown,
                "no commit in the topics looked at, and the broker does not tell whether "
                "there is such a group"};
    return {LagState::empty, "the group is there, without a commit in the topics looked at"};
}

/// A group is drained when its last partition is.
void add_drain(GroupSummary& summary, const PartitionFacts& facts) {
    const auto& now = facts.latest();
    const bool may_wait = !facts.error.empty() || facts.lag().value_or(now.end - now.low) > 0;
    const bool never = summary.drain && summary.drain->is_null();
    if (!may_wait || never) return;
    const auto drain = facts.error.empty() ? drain_of(facts) : std::nullopt;
    if (drain && drain->is_null())
        summary.drain = nullptr;
    else if (!drain || !summary.drain)
        summary.drain.reset();
    else
        summary.drain = std::max(summary.drain->as_int64(), drain->as_int64());
}

void add(GroupSummary& summary, const View& view) {
    const auto& facts = view.facts;
    // Views come with the worst first, and a group is as bad as its worst partition.
    if (summary.partitions++ == 0)
        summary.verdict = {
            view.judged.state,
            view.partition.topic + "/" + std::to_string(view.partition.partition) + ": " + view.judged.rule};
    if (facts.time_lag_seconds)
        summary.time_lag_seconds = std::max(summary.time_lag_seconds.value_or(0), *facts.time_lag_seconds);
    add_drain(summary, facts);
    if (!facts.error.empty()) return;
    // A commit beyond the end of one partition makes up for nothing that waits in another.
    const auto lag = facts.lag().value_or(0);
    summary.lag += std::max<std::int64_t>(0, lag);
    summary.beyond_end += std::max<std::int64_t>(0, -lag);
    summary.lost += facts.data_loss() ? 1 : 0;
    const auto rates = rates_of(facts);
    if (!rates) return;
    summary.has_rates = true;
    summary.rates.produced += rates->produced;
    summary.rates.consumed += rates->consumed;
}

std::vector<GroupSummary> summarise(const Picture& picture, const std::vector<const View*>& views) {
    std::map<std::string, GroupSummary> by_name;
    for (const auto* view : views) add(by_name[view->group], *view);
    std::vector<GroupSummary> out;
    for (const auto& group : picture.groups) {
        auto& summary = by_name[group.name];
        summary.group = &group;
        if (summary.partitions == 0) summary.verdict = judge_absent(group);
        if (!group.error.empty()) summary.verdict = {LagState::unknown, group.error};
        out.push_back(std::move(summary));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& l, const auto& r) {
        return l.verdict.state != r.verdict.state ? l.verdict.state > r.verdict.state : l.lag > r.lag;
    });
    return out;
}

json::object write(const GroupSummary& summary) {
    const auto& group = *summary.group;
    json::object line{{"group", group.name},
                      {"verdict", name_of(summary.verdict.state)},
                      {"lag", std::to_string(summary.lag)},
                      {"time_lag_seconds",
                       summary.time_lag_seconds ? json::value(*summary.time_lag_seconds) : json::value()},
                      {"partitions", summary.partitions},
                      {"broker_state", group.state},
                      {"members", group.note.empty() ? json::value(group.members.size()) : json::value()},
                      {"rule", summary.verdict.rule}};
    if (summary.lost > 0) line["partitions_with_data_loss"] = summary.lost;
    if (summary.beyond_end > 0) line["committed_beyond_end"] = std::to_string(summary.beyond_end);
    if (summary.has_rates) {
        line["producer_per_second"] = rounded(summary.rates.produced);
        line["consumer_per_second"] = rounded(summary.rates.consumed);
        if (summary.drain) line["drain_seconds"] = *summary.drain;
    }
    if (!group.note.empty()) line["note"] = group.note;
    return line;
}

/// The same for the file, with who reads what.
json::object write_whole(const GroupSummary& summary) {
    auto line = write(summary);
    json::array members;
    for (const auto& member : summary.group->members) {
        json::array assigned;
        for (const auto& one : member.assigned)
            assigned.push_back(json::string(one.topic + "/" + std::to_string(one.partition)));
        members.push_back(json::object{{"member", member.member_id},
                                       {"client", member.client_id},
                                       {"host", member.host},
                                       {"assigned", std::move(assigned)}});
    }
    if (!members.empty()) line["member_list"] = std::move(members);
    return line;
}

/// Writes all of it, one partition a line.
Result<void> file_all(const json::object& head, const std::vector<const View*>& views, Call& call) {
    constexpr std::size_t piece_bytes = 32'768;
    auto file = call.run.open_output("kafka_offsets." + call.task() + ".json", "data", "json",
                                     static_cast<std::uint64_t>(call.bench.limits.file_bytes_max));
    if (!file) return file.error();
    auto text = list_begin(head, "partitions");
    const char* separator = "\n";
    for (const auto* view : views) {
        text += separator;
        separator = ",\n";
        append_line(text, *view);
        if (text.size() < piece_bytes) continue;
        if (auto done = (*file)->write(text); !done) return done;
        text.clear();
    }
    return (*file)->write(text.append(list_end));
}

/// As many as an answer of `bytes_max` bytes can show.
std::vector<json::object> first_lines(const std::vector<const View*>& views, std::size_t bytes_max) {
    std::vector<json::object> out;
    std::size_t bytes = 0;
    for (const auto* view : views) {
        if (bytes > bytes_max) break;
        out.push_back(line_of(*view));
        bytes += json::serialize(out.back()).size() + 1;
    }
    return out;
}

/// Judges, orders worst first, files everything, and shows what fits.
Result<Answer> shape(Picture& picture, const Scope& scope, const Args& args, std::string time_note,
                     Call& call) {
    for (auto& view : picture.views) view.judged = judge_partition(view.facts);
    const auto views = worst_first(picture.views);
    const auto summaries = summarise(picture, views);

    Answer answer;
    json::array groups;
    std::map<LagState, int, std::greater<>> counts;
    for (const auto& summary : summaries) {
        answer.groups.push_back(write(summary));
        groups.push_back(write_whole(summary));
        ++counts[summary.verdict.state];
    }
    for (const auto& [verdict, count] : counts) {
        answer.verdicts[name_of(verdict)] = count;
        answer.told += (answer.told.empty() ? "" : ", ") + std::to_string(count) + " " + name_of(verdict);
    }
    answer.partitions = first_lines(views, preview_bytes(call.bench.limits));
    answer.groups_from = scope.groups_from;
    answer.taken_at = rfc3339(call.bench.clock.now());

    const json::object head{{"taken_at", answer.taken_at},
                            {"groups_from", scope.groups_from},
                            {"sample_seconds", args.sample_seconds},
                            {"groups", std::move(groups)}};
    if (auto done = file_all(head, views, call); !done) return done.error();

    std::vector<std::string> reasons;
    if (!scope.note.empty()) reasons.push_back(scope.note);
    if (scope.groups.empty()) reasons.push_back("there is no group to ask for; name them in groups");
    if (!time_note.empty()) reasons.push_back(std::move(time_note));
    const auto all_groups = answer.groups.size(), all_partitions = views.size();
    auto left = preview_bytes(call.bench.limits);
    auto half = left / 2;
    answer.truncated = keep_within(answer.groups, half);
    left -= std::min(left, preview_bytes(call.bench.limits) / 2 - half);
    keep_within(answer.partitions, left);
    answer.truncated = answer.truncated || answer.partitions.size() < all_partitions;
    if (answer.truncated)
        reasons.push_back("shown are the worst " + std::to_string(answer.groups.size()) + " of " +
                          std::to_string(all_groups) + " groups and " +
                          std::to_string(answer.partitions.size()) + " of " + std::to_string(all_partitions) +
                          " partitions; all are in the file");
    if (!reasons.empty()) answer.reason = join(reasons, "; ");
    return answer;
}

Result<std::variant<Answer, mcp::NeedsInput>> measure(const Args& args, Call& call,
                                                      const Pause& between_samples, const Stopwatch& now) {
    auto source = call.bench.sources.kafka(call.env);
    if (!source) return source.error();
    auto scope = find_scope(args.groups, args.topics, **source, call.control());
    if (!scope) return scope.error();
    auto picture = take_first(*scope, **source, call.control(), now);
    if (!picture) return picture.error();
    if (args.sample_seconds > 0 && !picture->views.empty()) {
        call.progress(
            1, 3, "first sample taken, waiting " + std::to_string(args.sample_seconds) + " s for the second");
        if (!between_samples(std::chrono::seconds(args.sample_seconds), call.context.stop))
            return sources::cancelled_error();
        if (auto done = take_second(*scope, *picture, **source, call.control(), now); !done)
            return done.error();
    }
    call.progress(2, 3, "reading the oldest message that waits");
    auto time_note = read_time_lags(picture->views, **source, call);
    if (!time_note) return time_note.error();
    auto answer = shape(*picture, *scope, args, *std::move(time_note), call);
    if (!answer) return answer.error();
    return {*std::move(answer)};
}

json::array list_of(const std::vector<std::string>& names) { return json::array(names.begin(), names.end()); }

Result<Plan> plan(const Args& args, const Situation& situation) {
    const json::object script{{"ask", "lag"},
                              {"groups", list_of(args.groups)},
                              {"topics", list_of(args.topics)},
                              {"sample_seconds", args.sample_seconds}};
    return Plan{.intents = {{.action = policy::Intent::Action::read,
                             .env = situation.env,
                             .sources = {SourceKind::kafka}}},
                .script = {"kafka.json", canonical(script)},
                .task = "lag",
                .time_max = std::chrono::seconds(situation.limits.query_seconds_max + args.sample_seconds)};
}

}  // namespace

bool pause(std::chrono::seconds length, std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, length, [] { return false; });
    return !stop.stop_requested();
}

GuardedTool lag_tool(Workbench&, Pause between_samples, Stopwatch now) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "kafka_lag",
        .title = "Kafka lag",
        .description =
            "How far consumer groups are behind, worst first, with a verdict and the rule behind it: OK, "
            "WARNING, STALLED, STOPPED, REWOUND, EMPTY, UNKNOWN. Joins no group.",
        .input = Schema<Args>{}
                     .field("groups", &Args::groups, "Default all.")
                     .length(0, 1000)
                     .optional()
                     .field("topics", &Args::topics, "Default all.")
                     .length(0, 1000)
                     .optional()
                     .field("sample_seconds", &Args::sample_seconds,
                            "Wait, then sample again: tells rates and standstill.")
                     .range(0, sample_seconds_max)
                     .optional(),
        .output =
            Schema<Answer>{}
                .field("verdicts", &Answer::verdicts, "Groups by verdict.")
                .field("groups", &Answer::groups,
                       "{group, verdict, rule, lag, time_lag_seconds, partitions, broker_state, members}")
                .field("partitions", &Answer::partitions,
                       "{group, topic, partition, state, rule, lag, committed (null: never), end, low, "
                       "time_lag_seconds, data_loss}; with a second sample producer_per_second, "
                       "consumer_per_second, drain_seconds (null: never)")
                .field("groups_from", &Answer::groups_from, "arguments, broker or configuration")
                .field("taken_at", &Answer::taken_at, "")
                .field("truncated", &Answer::truncated, "")
                .field("reason", &Answer::reason, ""),
        .plan = plan,
        .run = [wait = std::move(between_samples), now = std::move(now)](
                   const Args& args, Call& call) { return measure(args, call, wait, now); },
        .summary =
            [](const Answer& answer) { return answer.told.empty() ? "no groups" : "groups: " + answer.told; },
    });
}

}  // namespace casefile::tools::kafka

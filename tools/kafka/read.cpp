// read_kafka: messages of a topic, by assignment alone: no group is joined and nothing is committed. All of
// them go to the run's file, as much as fits into the answer.

#include <charconv>

#include "base/text.h"
#include "sources/kafka/time_order.h"
#include "tools/kafka/framing.h"
#include "tools/kafka/tools.h"
#include "tools/preview.h"

namespace casefile::tools::kafka {
namespace {

using sources::kafka::Message;
using sources::kafka::ReadEnd;
using sources::kafka::ReadRequest;
using sources::kafka::Start;

/// How far back a read by key looks in each partition when no start is named.
constexpr std::int64_t key_lookback = 10'000;

constexpr std::int64_t partition_max = 1'000'000;

struct Args {
    std::string topic;
    std::optional<std::int64_t> partition;
    std::vector<std::int64_t> partitions;
    json::value from = "newest";
    std::optional<std::int64_t> messages_max;
    std::optional<std::string> key;
};

/// How messages are read, and what that means for those who look at them.
constexpr const char* isolation =
    "read_uncommitted: messages of open and aborted transactions are among these";

struct Answer {
    std::vector<json::object> messages, ends;
    std::string isolation = kafka::isolation;
    std::vector<std::string> notes;
    std::int64_t scanned = 0;
    bool truncated = false;
    std::optional<std::string> reason;
    std::size_t read = 0;  // for the summary
};

std::optional<std::int64_t> offset_in(const json::value& from) {
    if (from.is_int64()) return from.get_int64();
    if (!from.is_string()) return std::nullopt;
    const auto& text = from.get_string();
    std::int64_t offset = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return offset;
}

/// Where a number of 13 digits is taken for milliseconds since 1970, and written as a time may be given.
std::optional<std::string> as_time(std::int64_t offset) {
    if (offset < 1'000'000'000'000 || offset > 9'999'999'999'999) return std::nullopt;
    return "\"" + rfc3339(WallTime(std::chrono::milliseconds(offset))) + "\"";
}

Result<Start> start_of(const Args& args, std::int64_t messages_max) {
    if (args.from == "newest")
        return Start{Start::Kind::newest, args.key ? std::max(key_lookback, messages_max) : messages_max};
    // The source begins at the first message that is still there.
    if (args.from == "earliest") return Start{Start::Kind::offset, 0};
    if (const auto offset = offset_in(args.from)) {
        if (*offset < 0)
            return invalid("from: expected an offset of 0 or more, got " + std::to_string(*offset));
        if (!args.partition) {
            const auto time = as_time(*offset);
            return invalid("from: an offset is a place in one partition, and none is named",
                           "name partition as well" + (time ? ", or, for a time, give it as " + *time : ""));
        }
        return Start{Start::Kind::offset, *offset};
    }
    if (args.from.is_string())
        if (const auto at = parse_rfc3339(std::string(args.from.get_string())))
            return Start{Start::Kind::timestamp_ms, at->time_since_epoch().count()};
    return invalid("from: expected newest, earliest, an offset or an RFC 3339 time, got " +
                       printable(shorten(json::serialize(args.from), 80)),
                   "for example \"2026-11-22T14:00:00Z\"");
}

/// A message as it may be shown: its key and value by what they hold, its headers by their names.
Message masked(const Masks& masks, Message message) {
    if (message.key) message.key = masks.key_name(*message.key);
    if (message.value) message.value = masks.payload(*message.value);
    for (auto& [name, value] : message.headers)
        if (value) value = masks.field(name, *value);
    return message;
}

/// Puts a key or a value into `line`. Text behind what may be a frame is told alone; all bytes stay beside
/// it, as the frame may be none.
void put_bytes(json::object& line, const std::string& what, std::string_view bytes) {
    line[what] = shown_bytes(bytes);
    const auto frame = possible_frame(bytes);
    if (!frame) return;
    const auto schema = " as a schema registry puts them for schema " + std::to_string(frame->schema);
    auto rest = shown_bytes(frame->rest);
    if (!rest.is_string()) {
        line[what + "_framing"] = "possible: the first five bytes are" + schema;
        return;
    }
    line[what + "_framing"] = "possible: the five bytes before, left out here, are" + schema;
    line[what + "_bytes"] = std::move(line[what]);
    line[what] = std::move(rest);
}

/// All of it, as it is filed.
json::object write(const Message& message) {
    json::object line{{"partition", message.partition.partition},
                      {"offset", std::to_string(message.offset)},
                      {"timestamp", nullptr},
                      {"key", nullptr}};
    if (message.timestamp_ms >= 0)
        line["timestamp"] = rfc3339(WallTime(std::chrono::milliseconds(message.timestamp_ms)));
    if (message.key) put_bytes(line, "key", *message.key);
    if (!message.headers.empty()) {
        json::array headers;
        for (const auto& [name, value] : message.headers)
            headers.push_back(json::object{{"name", shown_bytes(name)},
                                           {"value", value ? shown_bytes(*value) : json::value()}});
        line["headers"] = std::move(headers);
    }
    if (message.value) {
        put_bytes(line, "value", *message.value);
    } else {
        line["tombstone"] = true;
        line["value"] = nullptr;
    }
    return line;
}

std::vector<json::object> write_ends(const ReadEnd& end) {
    std::vector<json::object> out;
    for (const auto& mark : end.watermarks) {
        json::object line{{"partition", mark.partition.partition},
                          {"low", std::to_string(mark.low)},
                          {"end", std::to_string(mark.end)}};
        if (!mark.error.empty()) line["error"] = mark.error;
        for (const auto& stretch : end.stretches)
            if (stretch.partition == mark.partition) {
                line["read"] = {{"from", std::to_string(stretch.from)},
                                {"until", std::to_string(stretch.until)}};
                if (stretch.holes > 0) line["holes"] = stretch.holes;
            }
        out.push_back(std::move(line));
    }
    return out;
}

/// What of the messages has room in the answer.
struct Shown {
    std::vector<json::object> messages;
    bool any_cut = false;
};

/// As many as have room, in the order of what matters; then by partition and offset, as they are filed. They
/// are whole: a value ends early only where its message alone would take more than its part of the room.
Shown show(const std::vector<json::object>& whole, const std::vector<std::size_t>& order, std::size_t left) {
    constexpr std::size_t parts_max = 5, bytes_min = 160;
    const auto bytes_max = std::max(bytes_min, left / std::clamp<std::size_t>(whole.size(), 1, parts_max));
    std::map<std::size_t, json::object> chosen;  // by place in the file
    Shown out;
    for (const auto place : order) {
        auto line = whole[place];
        for (const auto* all_bytes : {"key_bytes", "value_bytes"}) line.erase(all_bytes);
        auto bytes = json::serialize(line).size() + 1;
        bool cut = false;
        if (bytes > bytes_max) {
            const auto others = bytes - json::serialize(line.at("value")).size();
            auto value_left = bytes_max - std::min(bytes_max, others);
            line["value"] = shown_within(whole[place].at("value"), value_left, cut);
            if (cut) line["truncated"] = true;
            bytes = json::serialize(line).size() + 1;
        }
        if (bytes > left && !chosen.empty()) break;
        left -= std::min(left, bytes);
        out.any_cut = out.any_cut || cut;
        chosen.emplace(place, std::move(line));
    }
    for (auto& [place, line] : chosen) out.messages.push_back(std::move(line));
    return out;
}

/// Whether everything up to the end was looked at in each partition that could be read.
bool reached_end(const ReadEnd& end) {
    return std::all_of(end.watermarks.begin(), end.watermarks.end(), [&](const auto& mark) {
        if (!mark.error.empty() || mark.low == mark.end) return true;
        return std::any_of(end.stretches.begin(), end.stretches.end(), [&](const auto& stretch) {
            return stretch.partition == mark.partition && stretch.until >= mark.end;
        });
    });
}

/// Where the messages are that match and were not read, in words that say how to come by them.
std::string where_more(const ReadEnd& end, const ReadRequest& request, bool can_raise) {
    const std::string raise = can_raise ? ", or raise messages_max" : "";
    const bool many = request.partitions.size() != 1;
    if (request.start.kind != Start::Kind::newest)
        return "more messages match behind the last one read: go on with partition and the offset after its "
               "last one in from" +
               raise;
    if (reached_end(end))
        return "more messages match before those read: name " + std::string(many ? "a partition, " : "") +
               "an earlier offset or a time" + raise;
    return "the end was not reached within the bytes and the time that a read may take: ask for fewer "
           "messages" +
           std::string(many ? ", or name a partition" : "");
}

/// Why the reader does not see every message that matches.
std::vector<std::string> why_fewer(const ReadEnd& end, const ReadRequest& request, bool can_raise) {
    std::vector<std::string> reasons;
    const bool newest = request.start.kind == Start::Kind::newest;
    const auto unread = std::count_if(end.watermarks.begin(), end.watermarks.end(),
                                      [](const auto& mark) { return !mark.error.empty(); });
    if (unread > 0)
        reasons.push_back(std::to_string(unread) + " of " + std::to_string(end.watermarks.size()) +
                          " partitions could not be read; ends tells why");
    if (request.key && newest &&
        std::any_of(end.watermarks.begin(), end.watermarks.end(),
                    [&](const auto& mark) { return mark.end - mark.low > request.start.value; }))
        reasons.push_back("looked for the key among the newest " + std::to_string(request.start.value) +
                          " messages of each partition; from tells where else to begin");
    // A partition that could not be read is enough to be truncated.
    const bool ended_early = std::ssize(end.messages) >= request.messages_max || !reached_end(end);
    if (end.truncated && (unread == 0 || ended_early)) reasons.push_back(where_more(end, request, can_raise));
    return reasons;
}

/// Without this, a read from an offset that is not there looks like one that found nothing.
std::optional<std::string> note_on_offset(const ReadEnd& end, const Args& args) {
    const auto offset = offset_in(args.from);
    if (!offset || end.watermarks.size() != 1) return std::nullopt;
    const auto& mark = end.watermarks.front();
    if (!mark.error.empty() || (mark.low <= *offset && *offset <= mark.end)) return std::nullopt;
    const auto time = as_time(*offset);
    return "offset " + std::to_string(*offset) + " is outside " + std::to_string(mark.low) + ".." +
           std::to_string(mark.end) + " of partition " + std::to_string(mark.partition.partition) +
           (*offset < mark.low ? "; read from " + std::to_string(mark.low) + " on" : "; nothing was read") +
           (time ? "; for a time, give from as " + *time : "");
}

/// What an empty or an uneven answer would let nobody guess.
std::vector<std::string> notes_on(const ReadEnd& end, const Args& args) {
    std::vector<std::string> notes;
    if (auto note = note_on_offset(end, args)) notes.push_back(*std::move(note));
    if (end.times_searched)
        notes.emplace_back(
            "the broker told no offset for any time: partitions were read from their first offset on, and "
            "messages before the time left out");
    std::int64_t holes = 0;
    for (const auto& stretch : end.stretches) holes += stretch.holes;
    if (holes > 0)
        notes.push_back(
            std::to_string(holes) +
            " offsets of those looked at hold no message: marks of transactions, or what compaction took; "
            "where producers use transactions, a message of an aborted one looks like any other here");
    return notes;
}

Result<std::variant<Answer, mcp::NeedsInput>> read(const Args& args, Call& call) {
    const auto messages_max = args.messages_max.value_or(call.bench.limits.messages_max);
    const auto start = start_of(args, messages_max);
    if (!start) return start.error();
    auto source = call.bench.sources.kafka(call.env);
    if (!source) return source.error();
    ReadRequest request{.topic = args.topic,
                        .partitions = {},
                        .start = *start,
                        .messages_max = messages_max,
                        .bytes_max = call.bench.limits.message_bytes_max,
                        .key = args.key};
    if (args.partition) request.partitions = {static_cast<std::int32_t>(*args.partition)};
    for (const auto one : args.partitions) request.partitions.push_back(static_cast<std::int32_t>(one));
    auto end = (*source)->read(request, call.control());
    if (!end) return end.error();

    auto reasons = why_fewer(*end, request, messages_max < call.bench.limits.messages_max);
    const bool newest = start->kind == Start::Kind::newest;
    const auto order = sources::kafka::in_time_order(end->messages, newest);
    std::vector<json::object> whole;
    for (auto& message : end->messages) whole.push_back(write(masked(call.bench.masks, std::move(message))));
    Answer answer;
    answer.ends = write_ends(*end);
    answer.scanned = end->scanned;
    answer.read = whole.size();
    answer.notes = notes_on(*end, args);
    const json::object head{{"topic", args.topic},
                            {"isolation", isolation},
                            {"scanned", end->scanned},
                            {"ends", json::array(answer.ends.begin(), answer.ends.end())}};
    if (auto done = call.run.write_output("kafka_messages." + call.task() + ".json", "data", "json",
                                          list_document(head, "messages", whole));
        !done)
        return done.error();

    auto left = preview_bytes(call.bench.limits);
    auto quarter = left / 4;
    const bool fewer_ends = keep_within(answer.ends, quarter);
    auto shown = show(whole, order, left - (left / 4 - quarter));
    const bool fewer = shown.messages.size() < whole.size();
    if (fewer || shown.any_cut || fewer_ends)
        reasons.push_back(std::string("shown are the ") + (newest ? "newest " : "first ") +
                          std::to_string(shown.messages.size()) + " of " + std::to_string(whole.size()) +
                          " messages" + (shown.any_cut ? ", long values in part" : "") +
                          "; the file has all whole, read_evidence pages through it");
    answer.messages = std::move(shown.messages);
    answer.truncated = !reasons.empty();
    if (answer.truncated) answer.reason = join(reasons, "; ");
    return {std::move(answer)};
}

Result<Plan> plan(const Args& args, const Situation& situation) {
    const auto messages_max = args.messages_max.value_or(situation.limits.messages_max);
    if (auto start = start_of(args, messages_max); !start) return start.error();
    for (const auto one : args.partitions)
        if (one < 0 || one > partition_max)
            return invalid("partitions: expected 0.." + std::to_string(partition_max) + " each, got " +
                           std::to_string(one));
    json::object script{{"read", args.topic}, {"from", args.from}, {"messages_max", messages_max}};
    if (args.partition) script["partition"] = *args.partition;
    if (!args.partitions.empty())
        script["partitions"] = json::array(args.partitions.begin(), args.partitions.end());
    if (args.key) script["key"] = *args.key;
    return Plan{.intents = {{.action = policy::Intent::Action::read,
                             .env = situation.env,
                             .sources = {SourceKind::kafka}}},
                .script = {"kafka.json", canonical(script)},
                .task = "messages",
                .time_max = std::chrono::seconds(situation.limits.query_seconds_max)};
}

}  // namespace

GuardedTool read_tool(Workbench& bench) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "read_kafka",
        .title = "Read Kafka messages",
        .description =
            "Reads messages of a topic without joining a group. Values are text exactly as sent, binary as "
            "{base64}, null for a tombstone.",
        .input =
            Schema<Args>{}
                .field("topic", &Args::topic, "")
                .length(1, 249)
                .field("partition", &Args::partition, "Default all.")
                .range(0, partition_max)
                .field("partitions", &Args::partitions, "")
                .length(0, 1000)
                .optional()
                .field("from", &Args::from, "newest (default), earliest, an offset, or an RFC 3339 time.")
                .optional()
                .field("messages_max", &Args::messages_max, "")
                .range(1, bench.limits.messages_max)
                .field("key", &Args::key, "Only messages with exactly this key.")
                .length(0, 1024),
        .output = Schema<Answer>{}
                      .field("messages", &Answer::messages,
                             "{partition, offset, timestamp, key, headers, tombstone, value, value_framing, "
                             "key_framing, truncated}")
                      .field("ends", &Answer::ends, "{partition, low, end, read {from, until}, holes}")
                      .field("isolation", &Answer::isolation, "")
                      .field("notes", &Answer::notes, "")
                      .field("scanned", &Answer::scanned, "")
                      .field("truncated", &Answer::truncated, "")
                      .field("reason", &Answer::reason, ""),
        .plan = plan,
        .run = read,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.read) + " messages" + (answer.truncated ? ", more exist" : "");
            },
    });
}

}  // namespace casefile::tools::kafka

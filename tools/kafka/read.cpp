// read_kafka: messages of a topic, by assignment alone: no group is joined and nothing is committed. All of
// them go to the run's file, as much as fits into the answer.

#include <charconv>

#include "base/text.h"
#include "tools/kafka/tools.h"
#include "tools/preview.h"

namespace casefile::tools::kafka {
namespace {

using sources::kafka::Message;
using sources::kafka::ReadEnd;
using sources::kafka::Start;

/// How far back a read by key looks in each partition when no start is named.
constexpr std::int64_t key_lookback = 10'000;

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

Result<Start> start_of(const Args& args, std::int64_t messages_max) {
    if (args.from == "newest")
        return Start{Start::Kind::newest, args.key ? std::max(key_lookback, messages_max) : messages_max};
    // The source begins at the first message that is still there.
    if (args.from == "earliest") return Start{Start::Kind::offset, 0};
    if (const auto offset = offset_in(args.from)) {
        if (*offset < 0)
            return invalid("from: expected an offset of 0 or more, got " + std::to_string(*offset));
        if (!args.partition)
            return invalid("from: an offset is a place in one partition, and none is named",
                           "name partition as well");
        return Start{Start::Kind::offset, *offset};
    }
    if (args.from.is_string())
        if (const auto at = parse_rfc3339(std::string(args.from.get_string())))
            return Start{Start::Kind::timestamp_ms, at->time_since_epoch().count()};
    return invalid("from: expected newest, earliest, an offset or an RFC 3339 time, got " +
                       printable(shorten(json::serialize(args.from), 80)),
                   "for example \"2026-11-22T14:00:00Z\"");
}

/// A schema registry puts a zero byte and the four bytes of a schema's number before what it writes. A plain
/// 64-bit number begins with zeros as well, but names no schema so.
std::optional<std::uint32_t> schema_id(std::string_view bytes) {
    constexpr std::size_t frame = 5;
    if (bytes.size() <= frame || bytes[0] != '\0') return std::nullopt;
    std::uint32_t id = 0;
    for (std::size_t i = 1; i < frame; ++i) id = id << 8 | static_cast<unsigned char>(bytes[i]);
    return id == 0 ? std::nullopt : std::optional(id);
}

/// Takes the frame off `bytes`, and tells what it named.
void take_frame(std::string_view& bytes, const char* what, json::object& line) {
    const auto id = schema_id(bytes);
    if (!id) return;
    line[std::string(what) + "_framing"] =
        "schema registry: the five bytes before name schema " + std::to_string(*id);
    bytes.remove_prefix(5);
}

/// A message as it may be shown: its key and value by what they hold, its headers by their names.
Message masked(const Masks& masks, Message message) {
    if (message.key) message.key = masks.key_name(*message.key);
    if (message.value) message.value = masks.payload(*message.value);
    for (auto& [name, value] : message.headers)
        if (value) value = masks.field(name, *value);
    return message;
}

json::object write(const Message& message) {
    json::object line{{"partition", message.partition.partition},
                      {"offset", std::to_string(message.offset)},
                      {"timestamp", nullptr},
                      {"key", nullptr}};
    if (message.timestamp_ms >= 0)
        line["timestamp"] = rfc3339(WallTime(std::chrono::milliseconds(message.timestamp_ms)));
    if (message.key) {
        std::string_view key = *message.key;
        take_frame(key, "key", line);
        line["key"] = shown_bytes(key);
    }
    if (!message.headers.empty()) {
        json::array headers;
        for (const auto& [name, value] : message.headers)
            headers.push_back(json::object{{"name", shown_bytes(name)},
                                           {"value", value ? shown_bytes(*value) : json::value()}});
        line["headers"] = std::move(headers);
    }
    if (!message.value) line["tombstone"] = true;
    std::string_view value = message.value ? std::string_view(*message.value) : std::string_view();
    take_frame(value, "value", line);
    line["value"] = message.value ? shown_bytes(value) : json::value();
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

/// Each message gets an equal share of what is left, large enough to be of use; its place is never cut, its
/// value may be.
bool show(const std::vector<json::object>& whole, std::size_t left, std::vector<json::object>& shown) {
    constexpr std::size_t share_min = 160;
    bool any_cut = false;
    for (std::size_t i = 0; i < whole.size() && (left > 0 || i == 0); ++i) {
        const auto share = std::max(share_min, left / (whole.size() - i));
        auto line = whole[i];
        const auto place = json::serialize(line).size() - json::serialize(line.at("value")).size();
        auto value_left = share - std::min(share, place);
        bool cut = false;
        line["value"] = shown_within(whole[i].at("value"), value_left, cut);
        if (cut) line["truncated"] = true;
        any_cut = any_cut || cut;
        left -= std::min(left, json::serialize(line).size());
        shown.push_back(std::move(line));
    }
    return any_cut || shown.size() < whole.size();
}

/// Why the reader does not see every message that matches, in words that say what to do.
std::string why_fewer(const ReadEnd& end, const Start& start, const Args& args) {
    if (args.key && start.kind == Start::Kind::newest &&
        std::any_of(end.watermarks.begin(), end.watermarks.end(),
                    [&](const auto& mark) { return mark.end - mark.low > start.value; }))
        return "looked for the key among the newest " + std::to_string(start.value) +
               " messages of each partition; from tells where else to begin";
    return end.truncated
               ? "more messages match than were read; read on from the last offset, or raise messages_max"
               : "";
}

/// Offsets without a message are told, so that nobody takes them for lost ones.
std::vector<std::string> notes_on(const ReadEnd& end) {
    std::int64_t holes = 0;
    for (const auto& stretch : end.stretches) holes += stretch.holes;
    if (holes == 0) return {};
    return {
        std::to_string(holes) +
        " offsets of those looked at hold no message: marks of transactions, or what compaction took; where "
        "producers use transactions, a message of an aborted one looks like any other here"};
}

Result<std::variant<Answer, mcp::NeedsInput>> read(const Args& args, Call& call) {
    const auto messages_max = args.messages_max.value_or(call.bench.limits.messages_max);
    const auto start = start_of(args, messages_max);
    if (!start) return start.error();
    auto source = call.bench.sources.kafka(call.env);
    if (!source) return source.error();
    sources::kafka::ReadRequest request{.topic = args.topic,
                                        .partitions = {},
                                        .start = *start,
                                        .messages_max = messages_max,
                                        .bytes_max = call.bench.limits.message_bytes_max,
                                        .key = args.key};
    if (args.partition) request.partitions = {static_cast<std::int32_t>(*args.partition)};
    for (const auto one : args.partitions) request.partitions.push_back(static_cast<std::int32_t>(one));
    auto end = (*source)->read(request, call.control());
    if (!end) return end.error();

    std::vector<json::object> whole;
    for (auto& message : end->messages) whole.push_back(write(masked(call.bench.masks, std::move(message))));
    Answer answer;
    answer.ends = write_ends(*end);
    answer.scanned = end->scanned;
    answer.read = whole.size();
    answer.notes = notes_on(*end);
    const json::object head{{"topic", args.topic},
                            {"isolation", isolation},
                            {"scanned", end->scanned},
                            {"ends", json::array(answer.ends.begin(), answer.ends.end())}};
    if (auto done = call.run.write_output("kafka_messages." + call.task() + ".json", "data", "json",
                                          list_document(head, "messages", whole));
        !done)
        return done.error();

    std::vector<std::string> reasons;
    if (auto why = why_fewer(*end, *start, args); !why.empty()) reasons.push_back(std::move(why));
    auto left = preview_bytes(call.bench.limits);
    auto quarter = left / 4;
    const bool fewer_ends = keep_within(answer.ends, quarter);
    if (show(whole, left - (left / 4 - quarter), answer.messages) || fewer_ends)
        reasons.push_back("shown are " + std::to_string(answer.messages.size()) + " of " +
                          std::to_string(whole.size()) +
                          " messages, long values in part; the file has all, read_evidence pages through it");
    answer.truncated = !reasons.empty();
    if (answer.truncated) answer.reason = join(reasons, "; ");
    return {std::move(answer)};
}

Result<Plan> plan(const Args& args, const Situation& situation) {
    const auto messages_max = args.messages_max.value_or(situation.limits.messages_max);
    if (auto start = start_of(args, messages_max); !start) return start.error();
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
                .range(0, 1'000'000)
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

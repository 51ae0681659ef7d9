// read_redis: sends a list of reading commands as one pipeline, after looking how large their answers would
// be. Every value goes to the run's file, the beginning of it into the answer.

#include "base/text.h"
#include "tools/preview.h"
#include "tools/redis/look_first.h"
#include "tools/redis/masked.h"
#include "tools/redis/next_diff.h"
#include "tools/redis/reply_value.h"
#include "tools/redis/second_opinion.h"
#include "tools/redis/tools.h"

namespace casefile::tools::redis {
namespace {

constexpr std::size_t commands_max = 500;
constexpr std::size_t arguments_max = 1000;

struct Args {
    std::vector<Command> commands;
};

struct ReplyLine {
    std::string command, type;
    std::optional<std::int64_t> ttl_ms = {};
    json::value value = {};
    std::optional<std::string> error = {}, bytes = {};
    std::optional<bool> truncated = {};
};

struct Answer {
    std::vector<json::object> replies;
    bool truncated = false;
    std::optional<std::string> reason;
    std::optional<json::object> next_diff;
    std::size_t asked = 0, errors = 0;  // for the summary
};

Schema<ReplyLine> reply_schema() {
    return Schema<ReplyLine>{}
        .field("command", &ReplyLine::command, "")
        .field("type", &ReplyLine::type, "")
        .field("ttl_ms", &ReplyLine::ttl_ms, "")
        .field("value", &ReplyLine::value, "")
        .field("error", &ReplyLine::error, "")
        .field("bytes", &ReplyLine::bytes, "")
        .field("truncated", &ReplyLine::truncated, "");
}

Bounds bounds_of(const Limits& limits) {
    return {.value_bytes_max = limits.value_bytes_max,
            .elements_max = limits.rows_max,
            .reply_bytes_max = limits.message_bytes_max,
            .call_bytes_max = 3 * limits.message_bytes_max};
}

std::string shown_line(const Command& command, const Call& call) {
    return command_line(masked(call.bench.masks, command));
}

/// The script holds what the caller asked; the log holds everything that was sent for it.
void log_sent(const char* what, const std::vector<Command>& commands, Call& call) {
    constexpr std::size_t bytes_max = 4096;
    std::string line;
    for (const auto& command : commands) {
        if (line.size() > bytes_max) break;
        line += (line.empty() ? "" : "; ") + shown_line(command, call);
    }
    call.run.log(what + shorten(line, bytes_max));
}

/// Asks for the sizes, in one pipeline, and decides what to send for each command.
Result<std::vector<Decision>> look_first(const std::vector<Command>& commands,
                                         sources::redis::RedisSource& source, Call& call) {
    std::vector<Command> looks;
    std::vector<std::size_t> counts;
    for (const auto& command : commands) {
        auto some = looks_before(command);
        counts.push_back(some.size());
        std::move(some.begin(), some.end(), std::back_inserter(looks));
    }
    std::vector<Reply> looked;
    if (!looks.empty()) {
        log_sent("sizes asked first: ", looks, call);
        auto came = source.pipeline(looks, call.control());
        if (!came) return came.error();
        looked = *std::move(came);
    }
    const auto bounds = bounds_of(call.bench.limits);
    std::vector<Decision> decisions;
    std::size_t at = 0;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        decisions.push_back(decide(commands[i], std::span(looked).subspan(at, counts[i]), bounds));
        at += counts[i];
    }
    keep_within_call(decisions, bounds);
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const auto& decision = decisions[i];
        if (!decision.refused.empty())
            call.run.log("not sent: " + shown_line(commands[i], call) + " " + decision.refused);
        else if (decision.send != commands[i])
            call.run.log("sent " + shown_line(decision.send, call) + " instead of " +
                         shown_line(commands[i], call));
    }
    return decisions;
}

const char* kind_name(Reply::Kind kind) {
    switch (kind) {
        case Reply::Kind::nil:
            return "nil";
        case Reply::Kind::integer:
            return "integer";
        case Reply::Kind::text:
            return "text";
        case Reply::Kind::status:
            return "status";
        case Reply::Kind::error:
            return "error";
        case Reply::Kind::array:
            return "array";
    }
    return "unknown";
}

/// We cut a string at a byte; if that fell within a character, the character goes too.
std::string without_half_character(std::string text) {
    for (std::size_t drop = 0; drop <= 3 && drop < text.size(); ++drop)
        if (const auto whole = text.substr(0, text.size() - drop); is_utf8(whole)) return whole;
    return text;
}

ReplyLine line_of(const Command& command, const std::string& shown, const Decision& decision,
                  const Reply* reply) {
    ReplyLine line{.command = printable(shorten(shown, 200)), .type = "refused"};
    if (reply == nullptr) {
        line.error = decision.refused + "; " + decision.hint;
        return line;
    }
    line.type = kind_name(reply->kind);
    if (reply->kind == Reply::Kind::error) {
        line.error = printable(shorten(reply->text, 400));
    } else if (decision.whole_bytes) {
        line.value = shown_bytes(without_half_character(reply->text));
        line.bytes = std::to_string(*decision.whole_bytes);
        line.truncated = true;
    } else {
        line.value = shaped_value(command, *reply);
    }
    return line;
}

/// What Redis says of the key itself, where the command names one alone.
void add_key_facts(ReplyLine& line, const Reply& type, const Reply& ttl) {
    if (type.kind == Reply::Kind::status || type.kind == Reply::Kind::text) line.type = type.text;
    if (ttl.kind == Reply::Kind::integer && ttl.integer >= -1) line.ttl_ms = ttl.integer;
}

/// Puts the replies through the masks. Where a part of a string was read, the whole of it is looked at first.
Result<void> mask(const std::vector<Command>& sent, std::vector<Reply>& replies,
                  sources::redis::RedisSource& source, Call& call) {
    const auto& masks = call.bench.masks;
    const auto bytes_max = call.bench.limits.value_bytes_max;
    std::vector<Command> wholes;
    for (const auto& command : sent)
        if (auto whole = whole_of(command, bytes_max)) wholes.push_back(*std::move(whole));
    std::vector<Reply> looked;
    if (!wholes.empty()) {
        log_sent("whole values looked at for masks: ", wholes, call);
        auto came = source.pipeline(wholes, call.control());
        if (!came) return came.error();
        looked = *std::move(came);
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < sent.size(); ++i)
        replies[i] = whole_of(sent[i], bytes_max)
                         ? masked_part(masks, sent[i], looked[at++], bytes_max, std::move(replies[i]))
                         : masked(masks, sent[i], std::move(replies[i]));
    return {};
}

Result<std::vector<ReplyLine>> read_all(const Args& args, Call& call) {
    auto source = call.bench.sources.redis(call.env);
    if (!source) return source.error();
    auto decisions = look_first(args.commands, **source, call);
    if (!decisions) return decisions.error();

    std::vector<Command> sent;
    for (std::size_t i = 0; i < args.commands.size(); ++i) {
        if (!(*decisions)[i].refused.empty()) continue;
        sent.push_back((*decisions)[i].send);
        if (const auto key = only_key(args.commands[i])) {
            sent.push_back({"TYPE", *key});
            sent.push_back({"PTTL", *key});
        }
    }
    std::vector<Reply> replies;
    if (!sent.empty()) {
        log_sent("sent: ", sent, call);
        auto came = (*source)->pipeline(sent, call.control());
        if (!came) return came.error();
        replies = *std::move(came);
        if (auto done = mask(sent, replies, **source, call); !done) return done.error();
    }
    log_missing_opinion(**source, call.run);
    std::vector<ReplyLine> lines;
    std::size_t at = 0;
    for (std::size_t i = 0; i < args.commands.size(); ++i) {
        const bool refused = !(*decisions)[i].refused.empty();
        lines.push_back(line_of(args.commands[i], shown_line(args.commands[i], call), (*decisions)[i],
                                refused ? nullptr : &replies[at++]));
        if (refused || !only_key(args.commands[i])) continue;
        add_key_facts(lines.back(), replies[at], replies[at + 1]);
        at += 2;
    }
    return lines;
}

/// Each reply gets an equal share of what is left of the budget, so that one large value does not hide the
/// others.
void show(const std::vector<json::object>& whole, std::size_t left, Answer& answer) {
    std::size_t cut_values = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto shown = whole[i];
        const auto share = left / (whole.size() - i);
        auto value_left = share;
        bool cut = false;
        shown["value"] = shown_within(whole[i].at("value"), value_left, cut);
        if (cut) {
            shown["truncated"] = true;
            ++cut_values;
        }
        left -= std::min(left, json::serialize(shown).size());
        answer.replies.push_back(std::move(shown));
    }
    std::vector<std::string> reasons;
    const auto parts =
        std::count_if(whole.begin(), whole.end(), [](const auto& one) { return one.contains("truncated"); });
    if (parts > 0)
        reasons.push_back(
            std::to_string(parts) +
            " strings are longer than one value may be; bytes tells their length, GETRANGE reads on");
    if (cut_values > 0)
        reasons.push_back(
            std::to_string(cut_values) +
            " values are shown in part; the file has them whole, read_evidence pages through it");
    answer.truncated = !reasons.empty();
    if (answer.truncated) answer.reason = join(reasons, "; ");
}

/// Of hashes and JSON: a plain value has no field that a row might share.
std::optional<json::object> propose_diff(const std::vector<Command>& commands,
                                         const std::vector<ReplyLine>& lines, const Call& call) {
    const auto queried = call.bench.recent_rows->find(call.state.id, call.env);
    if (!queried) return std::nullopt;
    std::vector<Command> of_fields;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const auto* text = lines[i].value.if_string();
        if (lines[i].type == "hash" || (text != nullptr && text->starts_with('{')))
            of_fields.push_back(commands[i]);
    }
    auto sides = next_diff(*queried, of_fields);
    if (!sides) return std::nullopt;
    json::object out{{"case", call.state.id}, {"env", call.env}};
    for (auto& side : *sides) out.insert(std::move(side));
    return out;
}

Result<std::variant<Answer, mcp::NeedsInput>> read(const Args& args, Call& call) {
    auto lines = read_all(args, call);
    if (!lines) return lines.error();
    Answer answer;
    answer.asked = lines->size();
    std::vector<json::object> whole;
    for (const auto& line : *lines) {
        whole.push_back(reply_schema().write(line));
        if (line.error) ++answer.errors;
    }
    const auto name = "redis_value." + call.task() + ".json";
    if (auto done = call.run.write_output(name, "data", "json", list_document({}, "replies", whole)); !done)
        return done.error();
    show(whole, preview_bytes(call.bench.limits), answer);
    answer.next_diff = propose_diff(args.commands, *lines, call);
    return {std::move(answer)};
}

Result<Plan> plan(const Args& args, const Situation& situation) {
    policy::Intent intent{
        .action = policy::Intent::Action::read, .env = situation.env, .sources = {SourceKind::redis}};
    std::string script;
    for (std::size_t i = 0; i < args.commands.size(); ++i) {
        const auto& command = args.commands[i];
        const auto place = "commands[" + std::to_string(i) + "]";
        if (command.empty() || command.size() > arguments_max)
            return invalid(place + ": expected 1.." + std::to_string(arguments_max) + " arguments, got " +
                               std::to_string(command.size()),
                           "one command is one list, for example [\"GET\", \"product:1\"]");
        const auto means = [&](const Command& meant) {
            intent.redis.push_back({meant, args.commands.size() > 1 ? place : ""});
        };
        means(command);
        for (const auto& look : looks_before(command)) means(look);
        if (const auto whole = whole_of(command, situation.limits.value_bytes_max)) means(*whole);
        if (const auto smaller = smaller_form(command, bounds_of(situation.limits))) means(*smaller);
        if (const auto key = only_key(command)) {
            means({"TYPE", *key});
            means({"PTTL", *key});
        }
        script += command_line(command) + "\n";
    }
    return Plan{.intents = {std::move(intent)},
                .script = {"redis", std::move(script)},
                .task = "read",
                .time_max = std::chrono::seconds(situation.limits.query_seconds_max)};
}

}  // namespace

GuardedTool read_tool(Workbench&) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "read_redis",
        .title = "Read Redis",
        .description =
            "Sends reading commands as one pipeline; one refused command refuses the call. Integers come as "
            "strings, binary values as {base64}; key reads tell the key's type and TTL.",
        .input = Schema<Args>{}
                     .field("commands", &Args::commands,
                            "For example [[\"GET\", \"product:1\"], [\"HLEN\", \"cart:2\"]].")
                     .length(1, commands_max),
        .output = Schema<Answer>{}
                      .field("replies", &Answer::replies,
                             "{command, type, ttl_ms (-1: never), value, error, bytes, truncated}")
                      .field("truncated", &Answer::truncated, "")
                      .field("reason", &Answer::reason, "")
                      .field("next_diff", &Answer::next_diff, "Arguments of diff."),
        .plan = plan,
        .run = read,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.asked) + " replies" +
                       (answer.errors > 0 ? ", " + std::to_string(answer.errors) + " of them errors" : "");
            },
    });
}

}  // namespace casefile::tools::redis

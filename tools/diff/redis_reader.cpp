#include "tools/diff/redis_reader.h"

#include <algorithm>

#include "base/text.h"
#include "tools/diff/json_members.h"
#include "tools/redis/look_first.h"

namespace casefile::tools::diff {
namespace {

using sources::Control;
using sources::redis::Command;
using sources::redis::Reply;

constexpr std::size_t keys_at_once_max = 500;
constexpr std::size_t bytes_at_once = 4 * 1024 * 1024;
/// A text below this length is short: as many keys as come at once bring 2 MiB at most.
constexpr std::size_t short_text_bytes_max = 4 * 1024;
constexpr const char* module_document = "ReJSON-RL";
/// Looked at before anything is read. A scan of names brings values along, some hundred of them.
constexpr redis::Bounds bounds{.value_bytes_max = 32 * 1024 * 1024,
                               .elements_max = 1'000'000,
                               .reply_bytes_max = 32 * 1024 * 1024,
                               .call_bytes_max = 48 * 1024 * 1024};

RedisReader::Values all_of_other_type(const std::string& type, std::size_t count) {
    return RedisReader::Values(count, Value{Value::Kind::other_type, type});
}

/// The fields of a document that is no object: only `value`.
RedisReader::Values only_value(const Value& value, const std::vector<std::string>& fields) {
    RedisReader::Values out;
    for (const auto& field : fields) out.push_back(field == "value" ? value : Value{});
    return out;
}

std::optional<ExactJson> container_in(std::string_view text) {
    const auto begin = trim(text).substr(0, 1);
    return begin == "{" || begin == "[" ? ExactJson::parse(text) : std::nullopt;
}

RedisReader::Values values_of(const ExactJson& document, const std::vector<std::string>& fields) {
    if (document.kind != ExactJson::Kind::object) return only_value(value_of(document), fields);
    RedisReader::Values out;
    for (const auto& field : fields) {
        const auto* found = document.at(field);
        out.push_back(found == nullptr ? Value{} : value_of(*found));
    }
    return out;
}

/// The fields of an object that can be read quickly; a name with a point may be a path, which goes the long
/// way.
std::optional<RedisReader::Values> quick_values_of(std::string_view text,
                                                   const std::vector<std::string>& fields) {
    auto values = json_members(text, fields);
    if (!values) return std::nullopt;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if ((*values)[i].is_absent() && fields[i].find('.') != std::string::npos) return std::nullopt;
    return values;
}

RedisReader::Values values_of(std::string text, RedisType type, const std::vector<std::string>& fields) {
    if (type != RedisType::plain)
        if (auto values = quick_values_of(text, fields)) return *std::move(values);
    if (type == RedisType::json) {
        const auto document = ExactJson::parse(text);
        return document ? values_of(*document, fields)
                        : all_of_other_type("a string that is no JSON", fields.size());
    }
    if (type != RedisType::plain)
        if (const auto document = container_in(text)) return values_of(*document, fields);
    return only_value({Value::Kind::untyped, std::move(text)}, fields);
}

void add_name(std::vector<std::string>& names, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

std::size_t bytes_in(const std::vector<Reply>& replies) {
    std::size_t bytes = 0;
    for (const auto& reply : replies) bytes += sizeof(Reply) + reply.text.size() + bytes_in(reply.items);
    return bytes;
}

}  // namespace

/// One round of reading: each key is asked for in the way of its type.
class RedisReader::Batch {
  public:
    Batch(RedisReader& reader, std::span<const std::string> keys, const std::vector<std::string>& fields,
          const Control& control, const Glance& glance)
        : reader_(reader),
          keys_(keys),
          fields_(fields),
          control_(control),
          glance_(glance),
          values_(keys.size()) {}

    Result<void> read() {
        std::vector<std::size_t> all(keys_.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        if (reader_.type_ == RedisType::hash) return read_hashes(all);
        return read_strings(all);
    }
    std::vector<std::optional<Values>>& values() { return values_; }
    std::size_t bytes() const { return bytes_; }

  private:
    /// MGET gives nil for a key that is not there and for one of another type; TYPE tells them apart.
    Result<void> read_strings(const std::vector<std::size_t>& some) {
        Command command{"MGET"};
        for (const auto i : some) command.push_back(keys_[i]);
        auto reply = reader_.ask(std::move(command), control_);
        if (!reply) return reply.error();
        bytes_ += bytes_in(reply->items);
        if (reply->items.size() != some.size())
            return internal(reader_.name_ + ": MGET gave another number of values");
        std::vector<std::size_t> without_text;
        for (std::size_t n = 0; n < some.size(); ++n) {
            if (reply->items[n].kind == Reply::Kind::nil)
                without_text.push_back(some[n]);
            else if (!glance_ || !glance_(some[n], reply->items[n].text))
                values_[some[n]] = values_of(std::move(reply->items[n].text), reader_.type_, fields_);
        }
        return read_by_type(without_text);
    }

    Result<void> read_by_type(const std::vector<std::size_t>& some) {
        if (some.empty()) return {};
        std::vector<Command> commands;
        for (const auto i : some) commands.push_back({"TYPE", keys_[i]});
        auto types = reader_.ask_all(commands, control_);
        if (!types) return types.error();
        std::vector<std::size_t> hashes, documents;
        for (std::size_t n = 0; n < some.size(); ++n) {
            const auto& reply = (*types)[n];
            if (reply.kind == Reply::Kind::error) return reader_.refused(commands[n], reply.text);
            // A string now was written after MGET looked: at that time there was none.
            if (reply.text == "none" || reply.text == "string") continue;
            if (reply.text == "hash" && reader_.type_ == RedisType::automatic)
                hashes.push_back(some[n]);
            else if (reply.text == module_document && reader_.type_ != RedisType::plain)
                documents.push_back(some[n]);
            else
                values_[some[n]] = all_of_other_type(printable(shorten(reply.text, 40)), fields_.size());
        }
        if (auto done = read_hashes(hashes); !done) return done.error();
        return read_documents(documents);
    }

    /// HMGET of a key that is not there looks like a hash without these fields; HLEN tells them apart.
    Result<void> read_hashes(const std::vector<std::size_t>& some) {
        if (some.empty()) return {};
        std::vector<Command> commands;
        for (const auto i : some) {
            commands.push_back({"HLEN", keys_[i]});
            if (fields_.empty()) continue;
            commands.push_back({"HMGET", keys_[i]});
            commands.back().insert(commands.back().end(), fields_.begin(), fields_.end());
        }
        auto replies = reader_.ask_all(commands, control_);
        if (!replies) return replies.error();
        bytes_ += bytes_in(*replies);
        const std::size_t step = fields_.empty() ? 1 : 2;
        for (std::size_t n = 0; n < some.size(); ++n) {
            const auto& length = (*replies)[n * step];
            if (length.kind == Reply::Kind::error) {
                if (!length.text.starts_with("WRONGTYPE"))
                    return reader_.refused(commands[n * step], length.text);
                values_[some[n]] = all_of_other_type("not a hash", fields_.size());
                continue;
            }
            if (length.integer == 0) continue;
            auto& values = values_[some[n]].emplace();
            if (fields_.empty()) continue;
            auto& texts = (*replies)[n * step + 1];
            if (texts.items.size() != fields_.size())
                return reader_.refused(commands[n * step + 1], texts.text);
            for (auto& text : texts.items)
                values.push_back(text.kind == Reply::Kind::nil
                                     ? Value{Value::Kind::unset}
                                     : Value{Value::Kind::untyped, std::move(text.text)});
        }
        return {};
    }

    Result<void> read_documents(const std::vector<std::size_t>& some) {
        if (some.empty()) return {};
        std::vector<Command> commands;
        for (const auto i : some) commands.push_back({"JSON.GET", keys_[i]});
        auto replies = reader_.ask_all(commands, control_);
        if (!replies) return replies.error();
        bytes_ += bytes_in(*replies);
        for (std::size_t n = 0; n < some.size(); ++n) {
            const auto& reply = (*replies)[n];
            if (reply.kind == Reply::Kind::nil) continue;
            const auto document = ExactJson::parse(reply.text);
            if (reply.kind == Reply::Kind::error || !document)
                return reader_.refused(commands[n], reply.text);
            values_[some[n]] = diff::values_of(*document, fields_);
        }
        return {};
    }

    RedisReader& reader_;
    std::span<const std::string> keys_;
    const std::vector<std::string>& fields_;
    const Control& control_;
    const Glance& glance_;
    std::vector<std::optional<Values>> values_;
    std::size_t bytes_ = 0;
};

/// GETRANGE gives an empty text for a key that is not there, so an empty one tells nothing either.
Result<RedisReader::Texts> RedisReader::short_texts(const std::vector<std::string>& keys,
                                                    const Control& control) {
    Texts out(keys.size());
    const std::lock_guard lock(asking_);
    if (short_ahead_ < 0 || type_ == RedisType::hash) return out;
    for (std::size_t from = 0; from < keys.size(); from += keys_at_once_max) {
        looks_.resize(std::min(keys_at_once_max, keys.size() - from),
                      {"GETRANGE", "", "0", std::to_string(short_text_bytes_max - 1)});
        for (std::size_t i = 0; i < looks_.size(); ++i) looks_[i][1] = keys[from + i];
        auto replies = send(looks_, control);
        if (!replies && replies.error().kind == ErrorKind::denied) {
            short_ahead_ = -1;
            return out;
        }
        if (!replies) return replies.error();
        for (std::size_t i = 0; i < replies->size(); ++i) {
            auto& reply = (*replies)[i];
            const bool is_text = reply.kind == Reply::Kind::text;
            if (is_text && reply.text.empty()) continue;
            const bool is_short = is_text && reply.text.size() < short_text_bytes_max;
            short_ahead_ += is_short ? 1 : -1;
            if (is_short) out[from + i] = std::move(reply.text);
        }
    }
    return out;
}

Result<std::vector<std::optional<RedisReader::Values>>> RedisReader::read(
    const std::vector<std::string>& keys, Texts texts, const std::vector<std::string>& fields,
    const Control& control, const Glance& glance) {
    std::vector<std::optional<Values>> out(keys.size());
    std::vector<std::string> others;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i >= texts.size() || !texts[i]) {
            others.push_back(keys[i]);
            places.push_back(i);
        } else if (type_ == RedisType::plain || !glance || !glance(i, *texts[i])) {
            out[i] = values_of(*std::move(texts[i]), type_, fields);
        }
    }
    if (others.empty()) return out;
    Glance at_its_place;
    if (glance && type_ != RedisType::plain)
        at_its_place = [&](std::size_t key, std::string_view text) { return glance(places[key], text); };
    auto asked = ask_for(others, fields, control, at_its_place);
    if (!asked) return asked;
    for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move((*asked)[i]);
    return out;
}

Result<std::vector<std::optional<RedisReader::Values>>> RedisReader::ask_for(
    std::span<const std::string> keys, const std::vector<std::string>& fields, const Control& control,
    const Glance& glance) {
    Glance from_here;
    std::vector<std::optional<Values>> out;
    out.reserve(keys.size());
    const std::lock_guard lock(asking_);
    while (out.size() < keys.size()) {
        const auto count = std::min(keys_at_once_, keys.size() - out.size());
        if (glance)
            from_here = [&, from = out.size()](std::size_t key, std::string_view text) {
                return glance(from + key, text);
            };
        Batch batch(*this, keys.subspan(out.size(), count), fields, control, from_here);
        if (auto done = batch.read(); !done) {
            // The driver bounds what one pipeline may bring; fewer keys at once may fit.
            if (done.error().kind != ErrorKind::limit_reached || count == 1) return done.error();
            keys_at_once_ = std::max<std::size_t>(1, count / 8);
            continue;
        }
        std::move(batch.values().begin(), batch.values().end(), std::back_inserter(out));
        const auto bytes_each = batch.bytes() / count + 1;
        keys_at_once_ = std::clamp<std::size_t>(bytes_at_once / bytes_each, 1, keys_at_once_max);
    }
    return out;
}

void RedisReader::add_fields_in(std::string_view text, std::vector<std::string>& names) const {
    const auto document = type_ == RedisType::plain ? std::nullopt : container_in(text);
    if (document && document->kind == ExactJson::Kind::object)
        for (const auto& [name, value] : document->members) add_name(names, name);
    else
        add_name(names, "value");
}

Result<std::vector<std::string>> RedisReader::fields_of(std::span<const std::string> keys,
                                                        const Control& control) {
    std::vector<std::string> names;
    const std::lock_guard lock(asking_);
    std::vector<Command> types;
    for (const auto& key : keys) types.push_back({"TYPE", key});
    const auto kinds = ask_all(types, control);
    if (!kinds) return kinds.error();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& kind = (*kinds)[i].text;
        const bool hash = kind == "hash", text = kind == "string";
        if (!hash && !text && kind != module_document) continue;
        auto reply = ask(hash   ? Command{"HSCAN", keys[i], "0", "COUNT", "100"}
                         : text ? Command{"GET", keys[i]}
                                : Command{"JSON.GET", keys[i]},
                         control);
        if (!reply) return reply.error();
        if (hash && reply->items.size() == 2) {
            for (std::size_t n = 0; n + 1 < reply->items[1].items.size(); n += 2)
                add_name(names, reply->items[1].items[n].text);
            continue;
        }
        add_fields_in(reply->text, names);
    }
    return names;
}

Result<Reply> RedisReader::ask(Command command, const Control& control) {
    const std::vector<Command> commands{std::move(command)};
    auto replies = ask_all(commands, control);
    if (!replies) return replies.error();
    if (replies->front().kind == Reply::Kind::error) return refused(commands.front(), replies->front().text);
    return std::move(replies->front());
}

Result<std::vector<Reply>> RedisReader::ask_all(const std::vector<Command>& commands,
                                                const Control& control) {
    if (auto done = weigh(commands, control); !done) return done.error();
    return send(commands, control);
}

/// Too much is an error of the limit, before the server is asked for it.
Result<void> RedisReader::weigh(const std::vector<Command>& commands, const Control& control) {
    std::vector<Command> looks;
    std::vector<std::size_t> counts;
    for (const auto& command : commands) {
        auto some = redis::looks_before(command);
        counts.push_back(some.size());
        std::move(some.begin(), some.end(), std::back_inserter(looks));
    }
    if (looks.empty()) return {};
    const auto looked = send(looks, control);
    if (!looked) return looked.error();
    std::vector<redis::Decision> decisions;
    std::size_t at = 0;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        decisions.push_back(redis::decide(commands[i], std::span(*looked).subspan(at, counts[i]), bounds));
        at += counts[i];
    }
    redis::keep_within_call(decisions, bounds);
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const auto& one = decisions[i];
        if (one.refused.empty() && !one.whole_bytes) continue;
        const auto why = one.refused.empty()
                             ? "holds " + std::to_string(*one.whole_bytes) + " bytes, more than " +
                                   std::to_string(bounds.value_bytes_max)
                             : one.refused;
        return Error{ErrorKind::limit_reached,
                     name_ + ": " + printable(shorten(join(commands[i], " "), 120)) + ": " + why,
                     "leave such keys out of the comparison, and read them with read_redis"};
    }
    return {};
}

Result<std::vector<Reply>> RedisReader::send(const std::vector<Command>& commands, const Control& control) {
    auto replies = source_.pipeline(commands, control);
    if (!replies) return replies.error();
    if (replies->size() != commands.size())
        return internal(name_ + ": a pipeline gave another number of replies");
    return replies;
}

Error RedisReader::refused(const Command& command, const std::string& reply) const {
    return {
        ErrorKind::unavailable,
        name_ + ": " + name_of_source(source_.endpoint().env, SourceKind::redis) + " refused " +
            command.front() + ": " + printable(shorten(reply, 200)),
        "check what the account may read; MOVED means a cluster, whose other nodes casefile does not follow",
        Layer::database};
}

}  // namespace casefile::tools::diff

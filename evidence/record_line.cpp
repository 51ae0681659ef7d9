#include "evidence/record_line.h"

#include <algorithm>
#include <charconv>

#include "base/hash.h"
#include "base/text.h"

namespace casefile::evidence {
namespace {

constexpr std::string_view body_mark = R"(","body":)", body_hash_mark = R"(,"body_sha256":")",
                           held_mark = R"(","held":)", kind_mark = R"(,"kind":")";
constexpr std::size_t hash_digits = 64, signature_digits = 88;

bool is_hash(std::string_view text) {
    return text.size() == hash_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What is hashed and signed: everything but the body itself, which its hash stands for.
std::string hashed_part(const Record& record, std::string_view body_sha256) {
    return R"({"at":")" + record.at + R"(","body_sha256":")" + std::string(body_sha256) + R"(","kind":")" +
           record.kind + R"(","n":)" + std::to_string(record.n) + R"(,"prev":")" + record.prev + R"("})";
}

/// Takes fixed pieces off the front of a line.
class Pieces {
  public:
    explicit Pieces(std::string_view text) : rest_(text) {}

    bool literal(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    /// Everything before the next `end`.
    std::string_view until(char end) {
        const auto text = rest_.substr(0, rest_.find(end));
        rest_.remove_prefix(text.size());
        return text;
    }
    bool number(std::uint64_t& to) {
        const auto digits = rest_.substr(0, rest_.find_first_not_of("0123456789"));
        if (digits.empty() || digits.front() == '0') return false;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), to);
        rest_.remove_prefix(digits.size());
        return read.ec == std::errc();
    }
    bool done() const { return rest_.empty(); }
    std::size_t left() const { return rest_.size(); }

  private:
    std::string_view rest_;
};

Error not_canonical(const char* where) {
    return invalid(std::string("expected a record as one line of canonical JSON, got something else at ") +
                   where);
}

/// From `"body_sha256"` to the end of the line. `held` gets the text of that member, empty when there is
/// none.
Result<void> parse_tail(std::string_view text, Record& record, std::string_view& held) {
    Pieces tail(text);
    if (!tail.literal(body_hash_mark)) return not_canonical("body_sha256");
    record.body_sha256 = tail.until('"');
    if (!is_hash(record.body_sha256)) return not_canonical("body_sha256");
    if (tail.literal(held_mark)) {
        // What is held has its quotes escaped, so the last mark is the one behind it.
        const auto rest = text.substr(text.size() - tail.left());
        const auto end = rest.rfind(kind_mark);
        if (end == std::string_view::npos) return not_canonical("held");
        held = rest.substr(0, end);
        tail = Pieces(rest.substr(end));
        if (!tail.literal(kind_mark)) return not_canonical("held");
    } else if (!tail.literal(R"(","kind":")")) {
        return not_canonical("body_sha256");
    }
    record.kind = tail.until('"');
    if (!is_kind(record.kind) || !tail.literal(R"(","n":)")) return not_canonical("kind");
    if (!tail.number(record.n) || !tail.literal(R"(,"prev":")")) return not_canonical("n");
    record.prev = tail.until('"');
    if (!is_hash(record.prev) || !tail.literal(R"(","sig":")")) return not_canonical("prev");
    record.sig = tail.until('"');
    std::string signature;
    if (record.sig.size() != signature_digits || !from_base64(record.sig, signature) ||
        to_base64(signature) != record.sig || !tail.literal(R"("})") || !tail.done())
        return not_canonical("sig");
    return {};
}

/// A file as a JSON string, or as {"base64": "…"} where its bytes are no text.
json::value held_value(const std::string& bytes) {
    if (is_utf8(bytes)) return json::value(bytes);
    return json::object{{"base64", to_base64(bytes)}};
}

Result<std::string> held_bytes(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    const auto* object = value.if_object();
    std::string bytes;
    if (object == nullptr || object->size() != 1 || !from_base64(string_or(*object, "base64"), bytes))
        return not_canonical("held");
    return bytes;
}

/// The hash of a file by the body that names it; empty when the body does not.
std::string hash_in_body(const json::object& body, std::string_view name) {
    if (name == string_or(body, "script")) return string_or(body, "script_sha256");
    if (name == string_or(body, "task") + ".input.json") return string_or(body, "input_sha256");
    if (const auto* files = member(body, "files"); files != nullptr && files->is_array())
        for (const auto& file : files->get_array())
            if (file.is_object() && string_or(file.get_object(), "path") == name)
                return string_or(file.get_object(), "sha256");
    return name.ends_with(".manifest.json") ? string_or(body, "manifest_sha256") : std::string();
}

/// A body that tells what is held tells all of it, so that nothing can be put beside it. Those of the first
/// homes do not tell.
bool may_hold(const json::object& body, std::string_view name) {
    const auto* names = member(body, "held");
    if (names == nullptr) return true;
    return names->is_array() &&
           std::any_of(names->get_array().begin(), names->get_array().end(),
                       [&](const json::value& one) { return one.is_string() && one.get_string() == name; });
}

Result<void> read_held(std::string_view text, Record& record, Held& held) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object() || parsed->get_object().empty() || canonical(*parsed) != text)
        return not_canonical("held");
    for (const auto& pair : parsed->get_object()) {
        auto bytes = held_bytes(pair.value());
        if (!bytes) return bytes.error();
        if (held_value(*bytes) != pair.value()) return not_canonical("held");
        if (!may_hold(record.body, pair.key()))
            return invalid("the body does not tell of a file '" + printable(pair.key()) + "' that is held");
        if (const auto actual = sha256_hex(*bytes); actual != hash_in_body(record.body, pair.key()))
            return invalid("the body names no file '" + printable(pair.key()) + "' with the hash " + actual);
        record.held.emplace_back(pair.key());
        held[record.held.back()] = *std::move(bytes);
    }
    return {};
}

}  // namespace

bool is_kind(std::string_view text) {
    return !text.empty() && text.size() <= 20 &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::string hash_bytes(std::string_view hex) {
    if (!is_hash(hex)) return {};
    std::string bytes(hash_digits / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        unsigned value = 0;
        std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, value, 16);
        bytes[i] = static_cast<char>(value);
    }
    return bytes;
}

std::string hash_of(const Record& record) {
    const auto body = record.body_bytes.empty() ? canonical(record.body) : record.body_bytes;
    return sha256_hex(hashed_part(record, sha256_hex(body)));
}

bool is_signed_by(const Record& record, std::string_view public_key_base64) {
    return signature_is_good(public_key_base64, hash_bytes(record.hash), record.sig);
}

std::string seal_line(Record& record, const Held& held, const SigningKey& key) {
    record.body_bytes = canonical(record.body);
    record.body_sha256 = sha256_hex(record.body_bytes);
    record.hash = sha256_hex(hashed_part(record, record.body_sha256));
    record.sig = key.sign(hash_bytes(record.hash));
    return line_with(record, held);
}

std::string line_with(const Record& record, const Held& held) {
    std::string held_part = "\"";
    if (!held.empty()) {
        held_part = held_mark;
        // Names are ASCII, so that this order is the canonical one.
        for (const auto& [name, bytes] : held) {
            held_part += held_part.ends_with(':') ? '{' : ',';
            append_json_string(held_part, name);
            held_part += ':';
            if (is_utf8(bytes))
                append_json_string(held_part, bytes);
            else
                held_part += canonical(held_value(bytes));
        }
        held_part += '}';
    }
    return R"({"at":")" + record.at + R"(","body":)" + record.body_bytes + R"(,"body_sha256":")" +
           record.body_sha256 + held_part + R"(,"kind":")" + record.kind + R"(","n":)" +
           std::to_string(record.n) + R"(,"prev":")" + record.prev + R"(","sig":")" + record.sig + R"("})";
}

Result<Record> parse_line(std::string_view line, Held* held) {
    Record record;
    std::string_view held_text;
    Pieces front(line);
    if (!front.literal(R"({"at":")")) return not_canonical("the start");
    record.at = front.until('"');
    const auto at = parse_rfc3339(record.at);
    if (!at || rfc3339(*at) != record.at || !front.literal(body_mark)) return not_canonical("at");

    // The last one: inside a body the same bytes can stand too, but never with such a tail behind them.
    const auto tail = line.rfind(body_hash_mark);
    const auto start = std::string_view(R"({"at":")").size() + record.at.size() + body_mark.size();
    if (tail == std::string_view::npos || tail < start) return not_canonical("body_sha256");
    if (auto done = parse_tail(line.substr(tail), record, held_text); !done) return done.error();

    record.body_bytes = line.substr(start, tail - start);
    const auto actual = sha256_hex(record.body_bytes);
    if (actual != record.body_sha256)
        return invalid("the body does not match its hash: expected " + record.body_sha256 + ", got " +
                       actual);
    auto body = parse_json(record.body_bytes);
    if (!body || !body->is_object()) return not_canonical("body");
    record.body = std::move(body->get_object());
    if (held != nullptr && !held_text.empty())
        if (auto done = read_held(held_text, record, *held); !done) return done.error();
    record.hash = sha256_hex(hashed_part(record, record.body_sha256));
    return record;
}

}  // namespace casefile::evidence

#include "tools/diff/json_members.h"

#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace casefile::tools::diff {
namespace {

using Kind = Value::Kind;

constexpr int depth_max = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Walks over JSON. Every take_…() is false when something else stands there; then nothing can be said.
class Walker {
  public:
    explicit Walker(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    bool is_at_end() const { return at_ == end_; }
    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }
    bool take(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    /// The characters between the quotes; `escaped` when they hold a backslash.
    bool take_text(std::string_view& raw, bool& escaped) {
        if (!take('"')) return false;
        const char* begin = at_;
        for (escaped = false; skip_plain(), at_ != end_ && *at_ != '"'; ++at_) {
            if (static_cast<unsigned char>(*at_) < 0x20) return false;
            if (*at_ != '\\') continue;
            escaped = true;
            ++at_;
            if (at_ == end_ || std::strchr("\"\\/bfnrt", *at_) == nullptr || *at_ == '\0') return false;
        }
        raw = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
        return take('"');
    }

    /// Any value; `raw` is all of it, without the quotes of a text.
    bool take_value(Kind& kind, std::string_view& raw, bool& escaped, int depth = 0) {
        if (at_ == end_ || depth > depth_max) return false;
        const char* begin = at_;
        const auto taken = [&](Kind found, bool good) {
            kind = found;
            raw = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
            return good;
        };
        switch (*at_) {
            case '"':
                kind = Kind::text;
                return take_text(raw, escaped);
            case '{':
                return taken(Kind::object, take_items('}', true, depth));
            case '[':
                return taken(Kind::array, take_items(']', false, depth));
            case 't':
                return taken(Kind::boolean, take_word("true"));
            case 'f':
                return taken(Kind::boolean, take_word("false"));
            case 'n':
                return taken(Kind::null, take_word("null"));
            default:
                return taken(Kind::number, take_number());
        }
    }

  private:
    /// On over bytes that mean themselves in a text, eight at a time; it may stop before their end.
    void skip_plain() {
        constexpr auto each = [](std::uint64_t byte) { return byte * 0x0101010101010101U; };
        // The highest bit of a byte is set where it is 0, or above one that is.
        constexpr auto zeros = [=](std::uint64_t bytes) { return (bytes - each(1)) & ~bytes; };
        while (end_ - at_ >= 8) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, at_, sizeof bytes);
            const auto control = (bytes - each(0x20)) & ~bytes;
            if (((zeros(bytes ^ each('"')) | zeros(bytes ^ each('\\')) | control) & each(0x80)) != 0) return;
            at_ += 8;
        }
    }
    bool take_word(std::string_view word) {
        if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word)
            return false;
        at_ += word.size();
        return true;
    }
    bool take_digits() {
        const char* begin = at_;
        while (at_ != end_ && is_digit(*at_)) ++at_;
        return at_ != begin;
    }
    bool take_number() {
        take('-');
        if (!take('0') && !take_digits()) return false;
        if (take('.') && !take_digits()) return false;
        // A further digit stands after a leading zero, and an exponent may be too large for others.
        return at_ == end_ || (!is_digit(*at_) && *at_ != 'e' && *at_ != 'E');
    }
    bool take_items(char close, bool named, int depth) {
        ++at_;
        skip_space();
        if (take(close)) return true;
        for (;;) {
            Kind kind{};
            std::string_view raw;
            bool escaped = false;
            if (named) {
                if (!take_text(raw, escaped)) return false;
                skip_space();
                if (!take(':')) return false;
                skip_space();
            }
            if (!take_value(kind, raw, escaped, depth + 1)) return false;
            skip_space();
            if (take(close)) return true;
            if (!take(',')) return false;
            skip_space();
        }
    }

    const char* at_;
    const char* const end_;
};

std::string unescaped(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\') {
            out += raw[i];
            continue;
        }
        const char c = raw[++i];
        out += c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
    return out;
}

/// Members mostly come in one order: the search begins after the one that was found last.
std::size_t find(const std::vector<std::string>& names, std::string_view name, std::size_t from) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto at = from + i < names.size() ? from + i : from + i - names.size();
        if (names[at] == name) return at;
    }
    return names.size();
}

}  // namespace

Value JsonMember::value() const {
    if (kind == Kind::null) return {kind};
    return {kind, kind == Kind::text && escaped ? unescaped(raw) : std::string(raw)};
}

bool take_json_members(std::string_view text, const std::vector<std::string>& names, const TakeMember& take) {
    if (!is_utf8(text)) return false;
    Walker walker(text);
    walker.skip_space();
    if (!walker.take('{')) return false;
    walker.skip_space();
    bool more = !walker.take('}');
    for (std::size_t last = 0; more;) {
        std::string_view name;
        bool name_escaped = false;
        JsonMember member;
        if (!walker.take_text(name, name_escaped) || name_escaped) return false;
        walker.skip_space();
        if (!walker.take(':')) return false;
        walker.skip_space();
        if (!walker.take_value(member.kind, member.raw, member.escaped)) return false;
        if (const auto at = find(names, name, last); at < names.size()) {
            if (!take(at, member)) return false;
            last = at + 1 < names.size() ? at + 1 : 0;
        }
        walker.skip_space();
        more = walker.take(',');
        if (!more && !walker.take('}')) return false;
        walker.skip_space();
    }
    walker.skip_space();
    return walker.is_at_end();
}

std::optional<std::vector<Value>> json_members(std::string_view text, const std::vector<std::string>& names) {
    std::vector<Value> out(names.size());
    const bool read = take_json_members(text, names, [&](std::size_t at, const JsonMember& member) {
        out[at] = member.value();
        return true;
    });
    return read ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace casefile::tools::diff

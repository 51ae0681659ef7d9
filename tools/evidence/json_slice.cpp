#include "tools/evidence/json_slice.h"

#include <charconv>

#include "base/text.h"

namespace casefile::tools::evidence_record {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;
/// About what is said of a value that is too large.
constexpr std::size_t size_note_bytes = 60;
constexpr std::size_t pointer_depth_max = 64, key_bytes_max = 64 * 1024, keys_shown_max = 20;

Result<std::vector<std::string>> tokens_of(const std::string& pointer) {
    if (pointer.empty()) return std::vector<std::string>();
    if (pointer.front() != '/')
        return invalid(
            "path: expected a JSON Pointer such as /rows/0/id, got '" + printable(shorten(pointer, 60)) + "'",
            "an empty path is the whole document");
    auto tokens = split(std::string_view(pointer).substr(1), '/');
    if (tokens.size() > pointer_depth_max)
        return invalid("path: expected at most " + std::to_string(pointer_depth_max) + " steps");
    for (auto& token : tokens) {
        std::string plain;
        for (std::size_t i = 0; i < token.size(); ++i) {
            const char next = i + 1 < token.size() ? token[i + 1] : ' ';
            const bool escaped = token[i] == '~' && (next == '0' || next == '1');
            plain += !escaped ? token[i] : next == '0' ? '~' : '/';
            i += escaped ? 1 : 0;
        }
        token = std::move(plain);
    }
    return tokens;
}

/// A value as it stands in the file, up to a limit, and how large it is.
struct Raw {
    std::string text;
    std::uint64_t bytes = 0;
    char first = ' ';
    bool whole(std::size_t bytes_max) const { return bytes <= bytes_max; }
};

/// Walks through a document forwards.
class Walk {
  public:
    explicit Walk(ByteSource source) : source_(std::move(source)), buffer_(block_bytes, '\0') {}

    /// The next byte that is no white space, -1 at the end; it is not taken.
    Result<int> look() {
        for (;;) {
            auto byte = peek();
            if (!byte || *byte < 0) return byte;
            if (*byte != ' ' && *byte != '\n' && *byte != '\r' && *byte != '\t') return byte;
            ++at_;
        }
    }
    void take() { ++at_; }

    /// Takes the byte when it is the next.
    Result<bool> take_if(char wanted) {
        auto byte = look();
        if (!byte) return byte.error();
        if (*byte != wanted) return false;
        take();
        return true;
    }

    /// Takes one value of any depth.
    Result<Raw> value(std::size_t kept_max) {
        auto first = look();
        if (!first) return first.error();
        if (*first < 0) return broken();
        Raw raw;
        raw.first = static_cast<char>(*first);
        if (raw.first == '"') return done(string(raw, kept_max), raw);
        if (raw.first != '{' && raw.first != '[') return done(plain(raw, kept_max), raw);
        for (std::uint64_t depth = 0;;) {
            auto byte = peek();
            if (!byte) return byte.error();
            if (*byte < 0) return broken();
            if (*byte == '"') {
                if (auto taken = string(raw, kept_max); !taken) return taken.error();
                continue;
            }
            keep(raw, kept_max);
            if (*byte == '{' || *byte == '[') ++depth;
            if ((*byte == '}' || *byte == ']') && --depth == 0) return raw;
        }
    }

    /// A member's name and the colon behind it.
    Result<std::string> key() {
        auto raw = value(key_bytes_max);
        if (!raw) return raw.error();
        const auto parsed = parse_json(raw->text);
        if (!parsed || !parsed->is_string()) return broken();
        if (auto colon = take_if(':'); !colon || !*colon) return broken();
        return std::string(parsed->get_string());
    }

    static Error broken() { return internal("the file is no JSON", "read it without path, as text"); }

  private:
    static Result<Raw> done(const Result<void>& taken, Raw& raw) {
        if (!taken) return taken.error();
        return std::move(raw);
    }

    Result<int> peek() {
        if (at_ == end_) {
            auto got = source_(std::span(buffer_));
            if (!got) return got.error();
            at_ = 0;
            end_ = *got;
            if (end_ == 0) return -1;
        }
        return static_cast<unsigned char>(buffer_[at_]);
    }

    void keep(Raw& raw, std::size_t kept_max) {
        if (raw.bytes++ < kept_max) raw.text += buffer_[at_];
        ++at_;
    }

    Result<void> string(Raw& raw, std::size_t kept_max) {
        keep(raw, kept_max);
        for (bool escaped = false;;) {
            auto byte = peek();
            if (!byte) return byte.error();
            if (*byte < 0) return broken();
            keep(raw, kept_max);
            if (*byte == '"' && !escaped) return {};
            escaped = *byte == '\\' && !escaped;
        }
    }

    Result<void> plain(Raw& raw, std::size_t kept_max) {
        for (;;) {
            auto byte = peek();
            if (!byte) return byte.error();
            if (*byte < 0 ||
                std::string_view(",]} \n\r\t").find(static_cast<char>(*byte)) != std::string_view::npos)
                return raw.bytes > 0 ? Result<void>() : broken();
            keep(raw, kept_max);
        }
    }

    ByteSource source_;
    std::string buffer_;
    std::size_t at_ = 0, end_ = 0;
};

/// Goes into the member or element that the token names.
Result<void> step(Walk& walk, const std::string& token, const std::string& where) {
    const auto nowhere = [&](const std::string& hint) {
        return not_found("path: nothing is called '" + printable(shorten(token, 60)) + "' in '" +
                             printable(shorten(where, 200)) + "'",
                         hint);
    };
    auto object = walk.take_if('{');
    if (!object) return object.error();
    auto array = *object ? Result<bool>(false) : walk.take_if('[');
    if (!array) return array.error();
    if (!*object && !*array) return nowhere("it is neither an object nor an array");
    std::uint64_t wanted = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), wanted);
    if (*array && (read.ec != std::errc() || read.ptr != token.data() + token.size()))
        return nowhere("it is an array: expected a number");
    std::vector<std::string> seen;
    for (std::uint64_t i = 0;; ++i) {
        auto end = walk.take_if(*object ? '}' : ']');
        if (!end) return end.error();
        if (*end)
            return nowhere(*object ? "it has " + (seen.empty() ? "no members" : printable(join(seen, ", ")))
                                   : "it has " + std::to_string(i) + " elements");
        if (i > 0)
            if (auto comma = walk.take_if(','); !comma || !*comma) return Walk::broken();
        if (*object) {
            auto key = walk.key();
            if (!key) return key.error();
            if (*key == token) return {};
            if (seen.size() == keys_shown_max) seen.emplace_back("and more");
            if (seen.size() < keys_shown_max) seen.push_back(shorten(*key, 60));
        } else if (i == wanted) {
            return {};
        }
        if (auto skipped = walk.value(0); !skipped) return skipped.error();
    }
}

const char* kind_of(char first) {
    return first == '{' ? "object" : first == '[' ? "array" : first == '"' ? "string" : "value";
}

Result<json::value> shown(const Raw& raw, std::size_t bytes_max) {
    if (raw.whole(bytes_max)) return parse_json(raw.text);
    return json::value(std::string("(") + kind_of(raw.first) + " of " + std::to_string(raw.bytes) +
                       " bytes: read it by its own path)");
}

/// The elements or members from `offset` on that fit.
Result<JsonSlice> part_of(Walk& walk, const JsonRequest& request, bool object) {
    JsonSlice slice;
    json::object members;
    json::array items;
    std::size_t bytes = 0;
    // One that is large shows its size, so that others have room.
    const auto one_max = request.bytes_max / 2;
    for (std::uint64_t i = 0;; ++i) {
        auto end = walk.take_if(object ? '}' : ']');
        if (!end) return end.error();
        if (*end) break;
        if (i > 0)
            if (auto comma = walk.take_if(','); !comma || !*comma) return Walk::broken();
        auto key = object ? walk.key() : Result<std::string>(std::string());
        if (!key) return key.error();
        const bool skipped = i < request.offset;
        auto raw = walk.value(skipped ? 0 : one_max);
        if (!raw) return raw.error();
        if (skipped) continue;
        auto value = shown(*raw, one_max);
        if (!value) return Walk::broken();
        bytes += key->size() + (raw->whole(one_max) ? raw->bytes : size_note_bytes) + 4;
        const auto count = members.size() + items.size();
        if (count == request.items_max || (count > 0 && bytes > request.bytes_max)) {
            slice.next_offset = i;
            break;
        }
        if (object)
            members[shorten(*key, one_max)] = *std::move(value);
        else
            items.push_back(*std::move(value));
    }
    slice.value = object ? json::value(std::move(members)) : json::value(std::move(items));
    return slice;
}

/// Bytes of a long string from `offset` on, cut between characters. It is in memory for that, up to a limit.
Result<JsonSlice> part_of_string(Walk& walk, const JsonRequest& request) {
    constexpr std::size_t string_bytes_max = 64 * 1024 * 1024;
    auto raw = walk.value(string_bytes_max);
    if (!raw) return raw.error();
    if (!raw->whole(string_bytes_max))
        return Error{
            ErrorKind::limit_reached,
            "path: expected a string of at most 64 MiB, got " + std::to_string(raw->bytes) + " bytes",
            "read the file without path, as text"};
    const auto parsed = parse_json(raw->text);
    if (!parsed || !parsed->is_string()) return Walk::broken();
    const std::string_view text = parsed->get_string();
    auto from = std::min<std::uint64_t>(request.offset, text.size());
    auto until = std::min<std::uint64_t>(from + request.bytes_max, text.size());
    const auto inside = [&](std::uint64_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    while (from > 0 && inside(from)) --from;
    while (until > from && inside(until)) --until;
    JsonSlice slice{json::value(text.substr(from, until - from)), {}};
    if (until < text.size()) slice.next_offset = until;
    return slice;
}

}  // namespace

Result<JsonSlice> read_json_slice(ByteSource source, const JsonRequest& request) {
    const auto tokens = tokens_of(request.pointer);
    if (!tokens) return tokens.error();
    Walk walk(std::move(source));
    std::string where;
    for (const auto& token : *tokens) {
        if (auto done = step(walk, token, where); !done) return done.error();
        where += "/" + token;
    }
    const auto first = walk.look();
    if (!first) return first.error();
    if (*first == '"') return part_of_string(walk, request);
    if (*first == '{' || *first == '[') {
        walk.take();
        return part_of(walk, request, *first == '{');
    }
    auto raw = walk.value(request.bytes_max);
    if (!raw) return raw.error();
    auto value = parse_json(raw->text);
    if (!value) return Walk::broken();
    return JsonSlice{*std::move(value), {}};
}

}  // namespace casefile::tools::evidence_record

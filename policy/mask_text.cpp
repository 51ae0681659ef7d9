#include "policy/mask_text.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <forward_list>

#include "base/json.h"
#include "base/text.h"
#include "policy/mask_shapes.h"

namespace casefile::policy {
namespace {

/// A token of a part would be that of a shorter guess: letter by letter the whole could be found.
constexpr std::string_view masked_part = "masked:part";
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_number(char c) { return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

/// Where the text goes on after white space at `at`; its size when there is nothing else.
std::size_t after_space(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
        ++at;
    return at;
}

bool begins_json(std::string_view text) {
    const auto first = after_space(text, 0);
    return first < text.size() && (text[first] == '{' || text[first] == '[');
}

/// Walks JSON, whole or cut off. What it does not replace stays as it is, byte by byte.
class JsonMasker {
  public:
    JsonMasker(std::string_view text, const MaskRules& rules, const MaskToken& token, std::size_t depth)
        : text_(text), rules_(rules), token_(token), depth_(depth) {}

    /// Nothing where the text stays as it is.
    std::optional<std::string> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"')
                take_string();
            else if (c == '{' || c == '[')
                open();
            else if (c == '}' || c == ']')
                close();
            else if (c == ',')
                next();
            else if (is_digit(c) || c == '-')
                take_number();
            else
                ++at_;
        }
        if (done_ == 0) return std::nullopt;
        return std::move(out_.append(text_.substr(done_)));
    }

  private:
    struct Level {
        std::string_view name;  ///< of the member that holds this object or array
        MaskLabel inherited;    ///< of everything within
    };

    void open() {
        const auto inherited = label();
        levels_.push_back({name_.empty() && !levels_.empty() ? levels_.back().name : name_, inherited});
        next();
    }
    void close() {
        if (!levels_.empty()) levels_.pop_back();
        next();
    }
    void next() {
        name_ = {};
        label_ = {};
        ++at_;
    }
    /// Puts `shown` in the place of what begins at `from` and ends here.
    void replace(std::size_t from, std::string_view shown) {
        out_ += text_.substr(done_, from - done_);
        out_ += shown;
        done_ = at_;
    }
    MaskLabel label() const { return !label_.empty() || levels_.empty() ? label_ : levels_.back().inherited; }

    void take_string() {
        const auto from = at_;
        std::size_t end = at_ + 1;
        bool escaped = false;
        for (; end < text_.size() && text_[end] != '"'; ++end)
            if (text_[end] == '\\') {
                escaped = true;
                ++end;
            }
        end = std::min(end, text_.size());
        const auto raw = text_.substr(at_ + 1, end - at_ - 1);
        const bool closed = end < text_.size();
        at_ = end + (closed ? 1 : 0);
        std::string unescaped;
        const auto value = escaped ? decoded(raw, unescaped) : raw;
        if (closed && is_name()) {
            // A name that is not there as it is read has to stay somewhere.
            name_ = value.data() == unescaped.data() ? names_.emplace_front(std::move(unescaped)) : value;
            label_ = rules_.of_field(name_, levels_.empty() ? std::string_view() : levels_.back().name);
            return;
        }
        const auto shown = label().empty() ? inner(value)
                           : closed        ? token_unless_masked(value)
                                           : std::string(masked_part);
        if (!shown) return;
        std::string quoted;
        append_json_string(quoted, is_utf8(*shown) ? *shown : printable(*shown, true));
        if (!closed) quoted.pop_back();
        replace(from, quoted);
    }

    /// A string before a colon names a member.
    bool is_name() const {
        const auto colon = after_space(text_, at_);
        return colon < text_.size() && text_[colon] == ':';
    }

    std::optional<std::string> token_unless_masked(std::string_view value) const {
        return value.starts_with(masked_prefix) ? std::nullopt : std::optional(token_(label(), value));
    }

    /// JSON within a string of JSON is masked as well.
    std::optional<std::string> inner(std::string_view value) const {
        if (depth_ > 0 && begins_json(value) && value.find('"') != std::string_view::npos)
            return JsonMasker(value, rules_, token_, depth_ - 1).run();
        return mask_shapes_if_needed(value, rules_, token_);
    }

    void take_number() {
        const auto from = at_;
        do ++at_;
        while (at_ < text_.size() && is_of_number(text_[at_]));
        if (label().empty()) return;
        const bool cut_off = at_ == text_.size();
        const auto number = text_.substr(from, at_ - from);
        replace(from, '"' + (cut_off ? std::string(masked_part) : token_(label(), number)) + '"');
    }

    /// What a string with escapes stands for, in `unescaped`; itself where that cannot be told.
    static std::string_view decoded(std::string_view raw, std::string& unescaped) {
        const auto value = parse_json('"' + std::string(raw) + '"');
        if (!value || !value->is_string()) return raw;
        unescaped = value->get_string();
        return unescaped;
    }

    std::string_view text_;
    const MaskRules& rules_;
    const MaskToken& token_;
    std::size_t depth_;
    std::size_t at_ = 0, done_ = 0;  ///< `out_` stands for what is before `done_`
    std::string out_;
    std::string_view name_;  ///< of the member whose value comes next
    MaskLabel label_;
    boost::container::small_vector<Level, 8> levels_;
    std::forward_list<std::string> names_;
};

constexpr std::size_t json_within_json_max = 4;

/// A quote, and then a colon: some member of JSON, wherever the rest is.
bool holds_member(std::string_view text) {
    for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
        const auto next = after_space(text, at + 1);
        if (next < text.size() && text[next] == ':') return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> mask_payload_if_needed(std::string_view text, const MaskRules& rules,
                                                  const MaskToken& token) {
    const bool is_json = begins_json(text);
    if (!is_json && !holds_member(text)) return mask_shapes_if_needed(text, rules, token);
    if (!may_hold_secret(text)) return std::nullopt;
    if (is_json) return JsonMasker(text, rules, token, json_within_json_max).run();
    auto by_name = JsonMasker(text, rules, token, json_within_json_max).run();
    auto by_shape = mask_shapes_if_needed(by_name ? *by_name : text, rules, token);
    return by_shape ? std::move(by_shape) : std::move(by_name);
}

std::string mask_payload(std::string_view text, const MaskRules& rules, const MaskToken& token) {
    return mask_payload_if_needed(text, rules, token).value_or(std::string(text));
}

std::string mask_fragment(std::string_view text, const MaskRules& rules, const MaskToken& token) {
    if (text.empty()) return {};
    const std::string cut(masked_part);
    const auto quote = text.find('"');
    if (quote == std::string_view::npos) return cut;
    const auto after = text.find_first_not_of(" \t\r\n", quote + 1);
    // Closing, when what follows can only stand between two values.
    const bool closes = after == std::string_view::npos ||
                        std::string_view(",:}]").find(text[after]) != std::string_view::npos;
    auto rest = text.substr(closes ? quote + 1 : quote);
    if (closes && after != std::string_view::npos && text[after] == ':') {
        // Of this member only a part of the name is here, so its value goes too.
        rest = text.substr(after + 1);
        auto end = std::min(rest.find_first_of(",}"), rest.size());
        const auto open = rest.find('"');
        if (open != std::string_view::npos && open < end)
            for (end = open + 1; end < rest.size() && rest[end] != '"';) end += rest[end] == '\\' ? 2 : 1;
        rest =
            rest.substr(std::min(rest.size(), open != std::string_view::npos && open < end ? end + 1 : end));
    }
    return (quote == 0 && !closes ? "" : cut) + mask_payload(rest, rules, token);
}

}  // namespace casefile::policy

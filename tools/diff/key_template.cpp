#include "tools/diff/key_template.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {
namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    });
}

/// The name of the placeholder that begins with the brace at `at`; empty when that brace stands for itself.
std::string_view placeholder_at(std::string_view text, std::size_t at) {
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) return {};
    const auto name = text.substr(at + 1, end - at - 1);
    return is_name(name) ? name : std::string_view();
}

}  // namespace

std::string joined(const Key& key) {
    if (key.size() == 1) return key.front();
    std::string out;
    for (const auto& part : key) {
        out += std::to_string(part.size());
        out += ':';
        out += part;
    }
    return out;
}

std::string shown_key(const Key& key) { return join(key, " / "); }

Result<KeyTemplate> KeyTemplate::parse(std::string_view text) {
    KeyTemplate out;
    out.text_ = text;
    std::string fixed;
    for (std::size_t at = 0; at < text.size();) {
        const auto name = text[at] == '{' ? placeholder_at(text, at) : std::string_view();
        if (name.empty()) {
            fixed += text[at++];
            continue;
        }
        if (!fixed.empty()) out.pieces_.push_back({false, std::move(fixed)});
        fixed.clear();
        if (!out.pieces_.empty() && out.pieces_.back().is_name)
            return invalid("key_template: {" + out.pieces_.back().text + "}{" + std::string(name) +
                               "} have nothing between them, so their values cannot be told apart",
                           "put the separator of the real keys between them, for example {a}:{b}");
        out.pieces_.push_back({true, std::string(name)});
        at += name.size() + 2;
    }
    if (!fixed.empty()) out.pieces_.push_back({false, std::move(fixed)});
    if (out.names().empty())
        return invalid("key_template: expected a placeholder such as order:{id}, got '" +
                           printable(shorten(text, 80)) + "'",
                       "write the name of each key field in braces");
    if (!std::any_of(out.pieces_.begin(), out.pieces_.end(),
                     [](const auto& piece) { return !piece.is_name; }))
        return invalid("key_template: '" + printable(shorten(text, 80)) + "' would match every key",
                       "write the fixed part of the keys too, for example order:{id}");
    return out;
}

std::vector<std::string> KeyTemplate::names() const {
    std::vector<std::string> out;
    for (const auto& piece : pieces_)
        if (piece.is_name && std::find(out.begin(), out.end(), piece.text) == out.end())
            out.push_back(piece.text);
    return out;
}

Result<void> KeyTemplate::bind(const std::vector<std::string>& key_fields) {
    key_fields_ = key_fields.size();
    for (auto& piece : pieces_) {
        if (!piece.is_name) continue;
        const auto field = std::find(key_fields.begin(), key_fields.end(), piece.text);
        if (field == key_fields.end())
            return invalid(
                "key_template: {" + piece.text + "} is no key field; key has: " + join(key_fields, ", "),
                "name it in key, or map it with compare.rename {left name: right name}");
        piece.key_at = static_cast<std::size_t>(field - key_fields.begin());
    }
    const auto used = names();
    for (const auto& field : key_fields)
        if (std::find(used.begin(), used.end(), field) == used.end())
            return invalid("key: '" + field + "' is not in key_template '" + text_ + "'",
                           "every key field needs its {placeholder}, so that one record has one Redis key");
    return {};
}

std::string KeyTemplate::redis_key(const Key& key) const {
    std::string out;
    for (const auto& piece : pieces_) out += piece.is_name ? key[piece.key_at] : piece.text;
    return out;
}

std::string KeyTemplate::pattern() const {
    std::string out;
    for (const auto& piece : pieces_) {
        if (piece.is_name) {
            out += '*';
            continue;
        }
        for (const char c : piece.text) {
            if (std::string_view("*?[]\\^-").find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
    }
    return out;
}

std::optional<Key> KeyTemplate::key_of(std::string_view redis_key, bool one_part) const {
    Key key(key_fields_);
    std::vector<bool> known(key_fields_, false);
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const auto& piece = pieces_[i];
        if (!piece.is_name) {
            if (!redis_key.starts_with(piece.text)) return std::nullopt;
            redis_key.remove_prefix(piece.text.size());
            continue;
        }
        // A fixed text at the very end is looked for there, so that the value before it may hold the same
        // text.
        const bool last = i + 2 == pieces_.size() && redis_key.ends_with(pieces_[i + 1].text);
        const auto end = i + 1 == pieces_.size() ? redis_key.size()
                         : last                  ? redis_key.size() - pieces_[i + 1].text.size()
                                                 : redis_key.find(pieces_[i + 1].text);
        if (end == std::string_view::npos) return std::nullopt;
        const auto value = redis_key.substr(0, end);
        if (one_part && value.find(':') != std::string_view::npos) return std::nullopt;
        if (known[piece.key_at] && key[piece.key_at] != value) return std::nullopt;
        key[piece.key_at] = value;
        known[piece.key_at] = true;
        redis_key.remove_prefix(end);
    }
    if (!redis_key.empty()) return std::nullopt;
    return key;
}

}  // namespace casefile::tools::diff

#include "tools/preview.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools {
namespace {

void spend(std::size_t& left, std::size_t bytes) { left -= std::min(left, bytes); }

json::value shown_text(std::string_view text, std::size_t& left, bool& cut) {
    const std::size_t least = 16;  // so that even the last text tells what it is
    const auto bytes_max = std::max(left, least);
    spend(left, text.size() + 2);
    if (text.size() <= bytes_max) return json::value(text);
    cut = true;
    return json::value(shorten(text, bytes_max));
}

}  // namespace

json::value shown_bytes(std::string_view bytes) {
    if (is_utf8(bytes) && bytes.find('\0') == std::string_view::npos) return json::value(bytes);
    return json::object{{"base64", to_base64(bytes)}};
}

json::value shown_within(const json::value& value, std::size_t& left, bool& cut) {
    if (const auto* text = value.if_string()) return shown_text(*text, left, cut);
    if (const auto* items = value.if_array()) {
        json::array out;
        for (const auto& item : *items) {
            if (left == 0) {
                cut = true;
                break;
            }
            spend(left, 1);
            out.push_back(shown_within(item, left, cut));
        }
        return out;
    }
    if (const auto* object = value.if_object()) {
        json::object out;
        for (const auto& pair : *object) {
            if (left == 0) {
                cut = true;
                break;
            }
            spend(left, pair.key().size() + 4);
            out[pair.key()] = shown_within(pair.value(), left, cut);
        }
        return out;
    }
    spend(left, 6);
    return value;
}

bool keep_within(std::vector<json::object>& items, std::size_t& left) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto bytes = json::serialize(items[i]).size() + 1;
        if (bytes > left && i > 0) {
            items.resize(i);
            return true;
        }
        spend(left, bytes);
    }
    return false;
}

std::string list_begin(const json::object& head, std::string_view name) {
    auto out = json::serialize(head);
    out.pop_back();
    if (!head.empty()) out += ',';
    return out += json::serialize(json::value(name)) + ":[";
}

std::string list_document(const json::object& head, std::string_view name,
                          const std::vector<json::object>& items) {
    auto out = list_begin(head, name);
    const char* separator = "\n";
    for (const auto& item : items) {
        out += separator + json::serialize(item);
        separator = ",\n";
    }
    return out += list_end;
}

}  // namespace casefile::tools

#include "tools/masking.h"

#include "base/hash.h"
#include "base/text.h"
#include "policy/sql_masks.h"

namespace casefile::tools {
namespace {

constexpr std::size_t digest_bytes = 8;

json::value changes_of(const policy::MaskChanges& changes) {
    json::object out;
    if (!changes.add.empty()) out["add"] = json::array(changes.add.begin(), changes.add.end());
    if (!changes.remove.empty()) out["remove"] = json::array(changes.remove.begin(), changes.remove.end());
    return out;
}

}  // namespace

Masks::Masks(policy::MaskRules rules, LateSecret key) : rules_(std::move(rules)), key_(std::move(key)) {
    token_ = [this](policy::MaskLabel label, std::string_view value) { return token(label, value); };
}

json::object Masks::told() const {
    const auto& settings = rules_.settings();
    json::object out{{"profile", settings.profile}};
    for (const auto& [name, changes] :
         {std::pair("columns", &settings.columns), std::pair("fields", &settings.fields),
          std::pair("keys", &settings.keys)})
        if (auto told = changes_of(*changes); !told.as_object().empty()) out[name] = std::move(told);
    return out;
}

std::string Masks::token(policy::MaskLabel label, std::string_view value) const {
    // A part of a value, perhaps: a token would let it be guessed.
    if (label == policy::computed_label) return "masked:computed";
    const auto digest = hmac_sha256(key_.get(), value);
    return "masked:" + std::string(label) + ":" + to_hex(std::string_view(digest).substr(0, digest_bytes));
}

std::string Masks::field(std::string_view name, std::string_view value, std::string_view parent) const {
    const auto label = rules_.of_field(name, parent);
    return label.empty() ? payload(value) : token(label, value);
}

std::string Masks::key_name(std::string_view key) const {
    const auto found = rules_.of_key(key);
    if (found.label.empty() || found.shown >= key.size()) return payload(key);
    return std::string(key.substr(0, found.shown)) + token(found.label, key.substr(found.shown));
}

json::value Masks::document(const json::value& value, std::string_view name, std::string_view parent,
                            policy::MaskLabel inherited) const {
    const auto own = name.empty() ? policy::MaskLabel() : rules_.of_field(name, parent);
    const auto label = own.empty() ? inherited : own;
    if (const auto* object = value.if_object()) {
        json::object out;
        for (const auto& pair : *object) out[pair.key()] = document(pair.value(), pair.key(), name, label);
        return out;
    }
    if (const auto* items = value.if_array()) {
        json::array out;
        for (const auto& item : *items) out.push_back(document(item, name, parent, label));
        return out;
    }
    if (value.is_null() || value.is_bool()) return value;
    if (!value.is_string()) return label.empty() ? value : json::value(token(label, canonical(value)));
    const std::string_view text = value.get_string();
    return json::value(label.empty() ? payload(text) : token(label, text));
}

json::value Masks::answer(const json::value& value) const {
    if (const auto* object = value.if_object()) {
        json::object out;
        for (const auto& pair : *object) out[text(pair.key())] = answer(pair.value());
        return out;
    }
    if (const auto* items = value.if_array()) {
        json::array out;
        for (const auto& item : *items) out.push_back(answer(item));
        return out;
    }
    return value.is_string() ? json::value(text(value.get_string())) : value;
}

std::string Masks::without_quoted(std::string_view message) const {
    std::string out;
    const auto parts = split(message, '\'');
    for (std::size_t i = 0; i < parts.size(); ++i)
        out += i % 2 == 0 ? parts[i] : "'" + token("secret", parts[i]) + "'";
    // The last part was opened and never closed: it may be anything.
    return parts.size() % 2 == 0 ? std::string(message.substr(0, message.find('\''))) + "(left out)" : out;
}

Error Masks::error(Error error) const {
    error.message = text(error.message);
    error.hint = text(error.hint);
    return error;
}

}  // namespace casefile::tools

#include "tools/diff/masked.h"

#include "base/text.h"
#include "tools/redis/masked.h"

namespace casefile::tools::diff {

using Kind = Value::Kind;

/// By the columns that a statement reads, and by the name, whatever the source.
std::string MaskedReport::label_of(const std::string& field) const {
    const auto right = request_.rules.right_name(field);
    if (auto label = left_.masked.label_of(field); !label.empty()) return label;
    if (auto label = right_.masked.label_of(right); !label.empty()) return label;
    for (const auto& name : {field, right}) {
        if (const auto label = masks_.rules().of_field(name); !label.empty()) return std::string(label);
        if (const auto label = masks_.rules().of_column(name); !label.empty()) return std::string(label);
    }
    return {};
}

Result<void> MaskedReport::check() const {
    for (const auto& [field, tolerance] : request_.rules.tolerance)
        if (!label_of(field).empty())
            return denied("tolerance: " + printable(shorten(field, 64)) +
                              " is masked, and a tolerance would tell about how large it is",
                          "compare it without a tolerance, or leave it out with compare.ignore");
    if (!request_.rules.left_over) return {};
    for (const auto* side : {&request_.left, &request_.right})
        if (side->redis_keys)
            if (const auto pattern = side->redis_keys->pattern();
                redis::tells_of_name(masks_, pattern, pattern))
                return denied(
                    "left_over: key_template " + printable(shorten(side->args.redis->key_template, 80)) +
                        " looks for a part of masked keys",
                    "end what stands before {…} where an answer stops to show the key, or leave out "
                    "left_over");
    return {};
}

std::string MaskedReport::label_of_key(std::size_t part) const {
    if (auto label = label_of(request_.rules.key[part]); !label.empty()) return label;
    for (const auto* side : {&request_.left, &request_.right})
        if (side->args.redis)
            if (const auto key = masks_.rules().of_key(side->args.redis->key_template); !key.label.empty())
                return std::string(key.label);
    return {};
}

Value MaskedReport::shown(const Value& value, const std::string& label) const {
    if (value.is_absent() || value.kind == Kind::null || value.kind == Kind::boolean ||
        value.kind == Kind::other_type)
        return value;
    if (!label.empty()) return {Kind::text, masks_.token(label, value.text)};
    if (value.kind == Kind::number) return value;
    auto out = value;
    out.text = masks_.payload(value.text);
    return out;
}

std::string MaskedReport::label_of_record(const Key& key) const {
    for (const auto* side : {&request_.left, &request_.right})
        if (side->redis_keys)
            if (const auto found = masks_.rules().of_key(side->redis_keys->redis_key(key));
                !found.label.empty())
                return std::string(found.label);
    return {};
}

Difference MaskedReport::operator()(Difference difference) const {
    const auto of_record = label_of_record(difference.key);
    for (std::size_t part = 0; part < difference.key.size(); ++part) {
        const auto label = of_record.empty() ? label_of_key(part) : of_record;
        auto& text = difference.key[part];
        text = label.empty() ? masks_.payload(text) : masks_.token(label, text);
    }
    for (auto& field : difference.fields) {
        auto label = label_of(field.field);
        if (label.empty()) label = of_record;
        field.left = shown(field.left, label);
        field.right = shown(field.right, label);
    }
    return difference;
}

Error MaskedReport::error(Error error) const {
    for (std::size_t part = 0; part < request_.rules.key.size(); ++part)
        if (!label_of_key(part).empty()) {
            error.message = masks_.without_quoted(error.message);
            break;
        }
    return masks_.error(std::move(error));
}

}  // namespace casefile::tools::diff

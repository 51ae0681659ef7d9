#include "tools/diff/compare.h"

#include "base/text.h"
#include "tools/diff/timestamp.h"

namespace casefile::tools::diff {
namespace {

using Kind = Value::Kind;

bool is_container(const Value& value) { return value.kind == Kind::object || value.kind == Kind::array; }
Verdict verdict_of(bool same) { return same ? Verdict::match : Verdict::changed; }

std::optional<bool> word_of_truth(std::string_view text) {
    if (equals_ignoring_case(text, "true")) return true;
    if (equals_ignoring_case(text, "false")) return false;
    return std::nullopt;
}

std::optional<bool> digit_of_truth(std::string_view text) {
    if (text == "1") return true;
    if (text == "0") return false;
    return std::nullopt;
}

/// The truth that a value stands for beside a boolean.
std::optional<bool> truth_of(const Value& value) {
    if (value.kind == Kind::boolean) return value.text == "true";
    if (value.kind != Kind::number && !value.is_text()) return std::nullopt;
    const auto word = word_of_truth(value.text);
    return word ? word : digit_of_truth(value.text);
}

/// Beside a number or untyped digit: only the words count, so that the texts '1' and 'true' stay two texts.
std::optional<Verdict> compare_word_with_digit(const Value& left, const Value& right) {
    const auto one_way = [](const Value& word, const Value& digit) -> std::optional<Verdict> {
        if (!word.is_text() || digit.kind == Kind::text) return std::nullopt;
        const auto said = word_of_truth(word.text), counted = digit_of_truth(digit.text);
        if (!said || !counted) return std::nullopt;
        return verdict_of(*said == *counted);
    };
    const auto verdict = one_way(left, right);
    return verdict ? verdict : one_way(right, left);
}

std::optional<ExactJson> container_of(const Value& value) {
    const bool may_be = is_container(value) || (value.is_text() && !value.text.empty());
    if (!may_be) return std::nullopt;
    const auto begin = trim(value.text).substr(0, 1);
    if (begin != "{" && begin != "[") return std::nullopt;
    return ExactJson::parse(value.text);
}

Verdict compare_containers(const ExactJson& left, const ExactJson& right) {
    if (left.kind != right.kind) return Verdict::type_differs;
    return verdict_of(left.normal_form() == right.normal_form());
}

/// Is there a word of one side that these are numbers?
bool as_decimals(const Value& left, const Value& right, const FieldRule& rule) {
    if (rule.tolerance || left.kind == Kind::number || right.kind == Kind::number) return true;
    return left.kind == Kind::untyped && right.kind == Kind::untyped && is_plain_number(left.text) &&
           is_plain_number(right.text);
}

std::optional<Verdict> compare_decimals(const Value& left, const Value& right, const FieldRule& rule) {
    if (!as_decimals(left, right, rule)) return std::nullopt;
    const auto l = Decimal::parse(left.text), r = Decimal::parse(right.text);
    if (l && r) return verdict_of(*l == *r || (rule.tolerance && l->is_within(*rule.tolerance, *r)));
    const auto is_said_text = [](const Value& value) {
        return value.kind == Kind::text || value.kind == Kind::moment;
    };
    const bool number_beside_text = (left.kind == Kind::number && is_said_text(right)) ||
                                    (is_said_text(left) && right.kind == Kind::number);
    return number_beside_text ? std::optional(Verdict::type_differs) : std::nullopt;
}

/// True when `marked` is how casefile writes the bytes of `raw` into its files.
bool is_base64_of(std::string_view marked, std::string_view raw) {
    constexpr std::string_view mark = "base64:";
    std::string bytes;
    return marked.starts_with(mark) && !raw.starts_with(mark) &&
           from_base64(marked.substr(mark.size()), bytes) && bytes == raw;
}

bool are_within(const Decimal& tolerance, const Timestamp& left, const Timestamp& right) {
    const auto l = left.seconds_since_year_zero(), r = right.seconds_since_year_zero();
    return l && r && l->is_within(tolerance, *r);
}

/// The same digits mean two times where only one of them is known to be in UTC.
bool may_be_other_times(const Value& left, const Value& right, const FieldRule& rule) {
    return rule.zone_seconds != 0 && (left.kind == Kind::moment) != (right.kind == Kind::moment);
}

std::optional<Verdict> compare_times(const Value& left, const Value& right, const FieldRule& rule) {
    const auto moment_in = [&](const Value& value) {
        return parse_timestamp(value.text, value.kind == Kind::moment ? 0 : rule.zone_seconds);
    };
    if (const auto l = moment_in(left))
        if (const auto r = moment_in(right))
            return verdict_of(*l == *r || (rule.tolerance && are_within(*rule.tolerance, *l, *r)));
    if (const auto l = parse_time_of_day(left.text))
        if (const auto r = parse_time_of_day(right.text))
            return verdict_of(*l == *r || (rule.tolerance && l->is_within(*rule.tolerance, *r)));
    return std::nullopt;
}

Verdict compare_texts(const Value& left, const Value& right, const FieldRule& rule) {
    if (const auto verdict = compare_times(left, right, rule)) return *verdict;
    if (left.text == right.text) return Verdict::match;
    if (const auto l = container_of(left))
        if (const auto r = container_of(right); r && r->kind == l->kind) return compare_containers(*l, *r);
    return verdict_of(is_base64_of(left.text, right.text) || is_base64_of(right.text, left.text));
}

/// Both are there and neither is NULL.
Verdict compare_present(const Value& left, const Value& right, const FieldRule& rule) {
    if (is_container(left) || is_container(right)) {
        if (left.text == right.text) return Verdict::match;
        const auto l = container_of(left), r = container_of(right);
        return l && r ? compare_containers(*l, *r) : Verdict::type_differs;
    }
    if (left.kind == Kind::boolean || right.kind == Kind::boolean) {
        const auto l = truth_of(left), r = truth_of(right);
        return l && r ? verdict_of(*l == *r) : Verdict::type_differs;
    }
    if (left.text == right.text && !may_be_other_times(left, right, rule)) return Verdict::match;
    if (const auto verdict = compare_word_with_digit(left, right)) return *verdict;
    if (const auto verdict = compare_decimals(left, right, rule)) return *verdict;
    return compare_texts(left, right, rule);
}

}  // namespace

const char* name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::match:
            return "match";
        case Verdict::changed:
            return "changed";
        case Verdict::missing_left:
            return "missing_left";
        case Verdict::missing_right:
            return "missing_right";
        case Verdict::type_differs:
            return "type_differs";
    }
    return "changed";
}

Verdict compare(const Value& left, const Value& right, const FieldRule& rule) {
    if (!rule.reading.is_plain()) {
        auto as_read = rule;
        as_read.reading = {};
        return compare(read_as(rule.reading, left), read_as(rule.reading, right), as_read);
    }
    if (left.kind == Kind::other_type || right.kind == Kind::other_type) return Verdict::type_differs;
    if (left.is_absent() && right.is_absent()) return Verdict::match;
    const auto is_nothing = [](const Value& value) {
        return value.kind == Kind::null || value.kind == Kind::unset;
    };
    if (is_nothing(left) && is_nothing(right)) return Verdict::match;
    if (left.is_absent()) return Verdict::missing_left;
    if (right.is_absent()) return Verdict::missing_right;
    if (left.kind == Kind::null || right.kind == Kind::null) return Verdict::changed;
    return compare_present(left, right, rule);
}

}  // namespace casefile::tools::diff

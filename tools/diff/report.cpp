#include "tools/diff/report.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "tools/csv.h"

namespace casefile::tools::diff {
namespace {

/// In the answer, one value takes no more than a line.
constexpr std::size_t preview_value_bytes_max = 200;

/// A member for each side that has the field.
void put_values(json::object& into, const FieldDifference& field, std::size_t bytes_max) {
    if (!field.left.is_absent()) into["left"] = shown(field.left, bytes_max);
    if (!field.right.is_absent()) into["right"] = shown(field.right, bytes_max);
}

std::optional<Decimal> number_in(const Value& value) {
    const bool may_be = value.kind == Value::Kind::number || (value.is_text() && is_plain_number(value.text));
    return may_be ? Decimal::parse(value.text) : std::nullopt;
}

/// How far a number went from left to right, and to how many times of what it was.
void put_change(json::object& into, const FieldDifference& field) {
    if (field.left.kind == Value::Kind::text && field.right.kind == Value::Kind::text) return;
    const auto left = number_in(field.left), right = number_in(field.right);
    if (!left || !right) return;
    into["delta"] = right->minus(*left).plain();
    const auto factor = right->nearest() / left->nearest();
    if (!std::isfinite(factor)) return;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", factor);
    into["factor"] = text.data();
}

void append_value(std::string& line, const Value& value, std::size_t bytes_max) {
    const auto text = shown(value, bytes_max);
    if (text.is_null())
        append_csv_null(line);
    else
        append_csv_field(line, text.get_string());
}

std::string text_of(const std::string& bytes) {
    return is_utf8(bytes) ? bytes : "base64:" + to_base64(bytes);
}

}  // namespace

const char* name_of(State state) {
    switch (state) {
        case State::settled:
            return "settled";
        case State::in_flight:
            return "in_flight";
        case State::not_looked_at_again:
            return "not looked at again";
    }
    return "not looked at again";
}

Result<void> Report::begin(const json::object& head) {
    auto text = json::serialize(head);
    text.pop_back();  // the object goes on
    text += head.empty() ? "\"differences\":[" : ",\"differences\":[";
    if (auto done = json_.write(text); !done) return done.error();
    return csv_.write("key,field,verdict,left,right,state\r\n");
}

Result<void> Report::add(const Difference& compared, State state) {
    const auto difference = shown_as_ ? shown_as_(compared) : compared;
    if (auto done = write_json(difference, state); !done) return done.error();
    if (auto done = write_csv(difference, state); !done) return done.error();
    ++written_;
    show(difference, state);
    return {};
}

Result<void> Report::finish(const json::object& tail) {
    auto text = json::serialize(tail);
    text.front() = tail.empty() ? ' ' : ',';
    return json_.write("\n]" + text + "\n");
}

Result<void> Report::write_json(const Difference& difference, State state) {
    json::object key;
    for (std::size_t i = 0; i < key_names_.size(); ++i) key[key_names_[i]] = text_of(difference.key[i]);
    json::object line{
        {"key", std::move(key)}, {"verdict", name_of(difference.verdict)}, {"state", name_of(state)}};
    if (!difference.fields.empty()) {
        json::array fields;
        for (const auto& field : difference.fields) {
            json::object one{{"field", field.field}, {"verdict", name_of(field.verdict)}};
            put_values(one, field, bounds_.value_bytes_max);
            put_change(one, field);
            fields.push_back(std::move(one));
        }
        line["fields"] = std::move(fields);
    }
    return json_.write((written_ == 0 ? "\n" : ",\n") + json::serialize(line));
}

Result<void> Report::write_csv(const Difference& difference, State state) {
    std::string lines;
    const auto begin_line = [&] { append_csv_field(lines, text_of(shown_key(difference.key))); };
    if (difference.fields.empty()) {
        begin_line();
        lines += std::string(",,") + name_of(difference.verdict) + ",,," + name_of(state) + "\r\n";
    }
    for (const auto& field : difference.fields) {
        begin_line();
        lines += ',';
        append_csv_field(lines, field.field);
        lines += std::string(",") + name_of(field.verdict) + ",";
        append_value(lines, field.left, bounds_.value_bytes_max);
        lines += ',';
        append_value(lines, field.right, bounds_.value_bytes_max);
        lines += std::string(",") + name_of(state) + "\r\n";
    }
    return csv_.write(lines);
}

/// Whole records until the budget is spent; of the first as many fields as fit, and always one.
void Report::show(const Difference& difference, State state) {
    if (preview_full_) return;
    const auto key = shorten(text_of(shown_key(difference.key)), preview_value_bytes_max);
    json::array lines;
    if (difference.fields.empty())
        lines.push_back({{"key", key}, {"verdict", name_of(difference.verdict)}, {"state", name_of(state)}});
    for (const auto& field : difference.fields) {
        json::object line{{"key", key}, {"field", field.field}, {"verdict", name_of(field.verdict)}};
        put_values(line, field, preview_value_bytes_max);
        put_change(line, field);
        line["state"] = name_of(state);
        lines.push_back(std::move(line));
    }
    std::size_t bytes = json::serialize(lines).size();
    if (preview_bytes_ + bytes > bounds_.preview_bytes_max) {
        preview_full_ = true;
        if (!preview_.empty()) return;
        for (; bytes > bounds_.preview_bytes_max && lines.size() > 1; lines.pop_back())
            bytes -= json::serialize(lines.back()).size() + 1;
    }
    preview_bytes_ += bytes;
    ++shown_;
    for (auto& line : lines) preview_.push_back(std::move(line));
}

}  // namespace casefile::tools::diff

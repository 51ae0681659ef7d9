#include "tools/diff/record_bytes.h"

#include <algorithm>
#include <cstring>

namespace casefile::tools::diff {
namespace {

using Length = std::uint32_t;

template <class Number>
void append_number(std::string& out, Number number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& out, std::string_view text) {
    append_number(out, static_cast<Length>(text.size()));
    out.append(text);
}

template <class Number>
Number take_number(const char*& at) {
    Number number{};
    std::memcpy(&number, at, sizeof number);
    at += sizeof number;
    return number;
}

std::string_view take_text(const char*& at) {
    const auto length = take_number<Length>(at);
    const std::string_view text(at, length);
    at += length;
    return text;
}

constexpr std::size_t head_bytes = record_size_bytes + sizeof(std::uint64_t);

}  // namespace

void append_record(std::string& out, const Record& record, std::uint64_t rank) {
    const auto begin = out.size();
    append_number(out, std::uint64_t{0});
    append_number(out, rank);
    append_number(out, static_cast<Length>(record.key.size()));
    for (const auto& part : record.key) append_text(out, part);
    append_number(out, static_cast<Length>(record.values.size()));
    for (const auto& value : record.values) {
        out += static_cast<char>(value.kind);
        append_text(out, value.text);
    }
    const std::uint64_t size = out.size() - begin;
    std::memcpy(out.data() + begin, &size, sizeof size);
}

void append_key(std::string& out, std::string_view part, std::uint64_t rank) {
    const std::uint64_t size = head_bytes + 3 * sizeof(Length) + part.size();
    append_number(out, size);
    append_number(out, rank);
    append_number(out, Length{1});
    append_text(out, part);
    append_number(out, Length{0});
}

std::string_view key_from(const char* bytes) {
    bytes += head_bytes + sizeof(Length);
    return take_text(bytes);
}

std::uint64_t record_size(const char* bytes) { return take_number<std::uint64_t>(bytes); }

std::uint64_t record_rank(const char* bytes) {
    bytes += record_size_bytes;
    return take_number<std::uint64_t>(bytes);
}

Record record_from(const char* bytes) {
    bytes += head_bytes;
    Record out;
    const auto parts = take_number<Length>(bytes);
    out.key.reserve(parts);
    for (Length i = 0; i < parts; ++i) out.key.emplace_back(take_text(bytes));
    const auto values = take_number<Length>(bytes);
    out.values.reserve(values);
    for (Length i = 0; i < values; ++i) {
        const auto kind = static_cast<Value::Kind>(*bytes++);
        out.values.push_back({kind, std::string(take_text(bytes))});
    }
    return out;
}

int compare_records(KeyOrder order, const char* left, const char* right) {
    const auto l = record_rank(left), r = record_rank(right);
    if (l != r) return l < r ? -1 : 1;
    left += head_bytes;
    right += head_bytes;
    const auto left_parts = take_number<Length>(left), right_parts = take_number<Length>(right);
    for (Length i = 0; i < std::min(left_parts, right_parts); ++i)
        if (const auto difference = compare_parts(order, take_text(left), take_text(right)); difference != 0)
            return difference;
    return left_parts == right_parts ? 0 : left_parts < right_parts ? -1 : 1;
}

}  // namespace casefile::tools::diff

#include "tools/diff/record_bytes.h"

#include <algorithm>
#include <cstring>

#include "base/packed.h"

namespace casefile::tools::diff {
namespace {

constexpr std::size_t head_bytes = record_size_bytes + sizeof(std::uint64_t);

}  // namespace

void append_record(std::string& out, const Record& record, std::uint64_t rank) {
    const auto begin = out.size();
    append_packed(out, std::uint64_t{0});
    append_packed(out, rank);
    append_packed(out, static_cast<PackedLength>(record.key.size()));
    for (const auto& part : record.key) append_packed_text(out, part);
    append_packed(out, static_cast<PackedLength>(record.values.size()));
    for (const auto& value : record.values) {
        out += static_cast<char>(value.kind);
        append_packed_text(out, value.text);
    }
    const std::uint64_t size = out.size() - begin;
    std::memcpy(out.data() + begin, &size, sizeof size);
}

void append_key(std::string& out, std::string_view part, std::uint64_t rank) {
    const std::uint64_t size = head_bytes + 3 * sizeof(PackedLength) + part.size();
    append_packed(out, size);
    append_packed(out, rank);
    append_packed(out, PackedLength{1});
    append_packed_text(out, part);
    append_packed(out, PackedLength{0});
}

std::string_view key_from(const char* bytes) {
    return Unpacker(bytes + head_bytes + sizeof(PackedLength)).text();
}

std::uint64_t record_size(const char* bytes) { return Unpacker(bytes).number<std::uint64_t>(); }

std::uint64_t record_rank(const char* bytes) {
    return Unpacker(bytes + record_size_bytes).number<std::uint64_t>();
}

Record record_from(const char* bytes) {
    Unpacker in(bytes + head_bytes);
    Record out;
    const auto parts = in.length();
    out.key.reserve(parts);
    for (PackedLength i = 0; i < parts; ++i) out.key.emplace_back(in.text());
    const auto values = in.length();
    out.values.reserve(values);
    for (PackedLength i = 0; i < values; ++i) {
        const auto kind = static_cast<Value::Kind>(in.number<char>());
        out.values.push_back({kind, std::string(in.text())});
    }
    return out;
}

int compare_records(KeyOrder order, const char* left, const char* right) {
    const auto l = record_rank(left), r = record_rank(right);
    if (l != r) return l < r ? -1 : 1;
    Unpacker in_left(left + head_bytes), in_right(right + head_bytes);
    const auto left_parts = in_left.length(), right_parts = in_right.length();
    for (PackedLength i = 0; i < std::min(left_parts, right_parts); ++i)
        if (const auto difference = compare_parts(order, in_left.text(), in_right.text()); difference != 0)
            return difference;
    return left_parts == right_parts ? 0 : left_parts < right_parts ? -1 : 1;
}

}  // namespace casefile::tools::diff

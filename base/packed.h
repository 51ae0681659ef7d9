#pragma once
// Numbers and texts as bytes that only this process reads again, in its memory or its scratch files: numbers
// as the machine holds them, a text after its length.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace casefile {

using PackedLength = std::uint32_t;

template <class Number>
void append_packed(std::string& out, Number number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

inline void append_packed_text(std::string& out, std::string_view text) {
    append_packed(out, static_cast<PackedLength>(text.size()));
    out += text;
}

/// Reads what was appended, in the same order and with the same types; nothing is checked.
class Unpacker {
  public:
    explicit Unpacker(const char* at) : at_(at) {}

    template <class Number>
    Number number() {
        Number out{};
        std::memcpy(&out, at_, sizeof out);
        at_ += sizeof out;
        return out;
    }
    PackedLength length() { return number<PackedLength>(); }
    std::string_view text() {
        const auto size = length();
        const std::string_view out(at_, size);
        at_ += size;
        return out;
    }

  private:
    const char* at_;
};

}  // namespace casefile

#include "sources/kafka/assignment.h"

namespace casefile::sources::kafka {
namespace {

/// Numbers are big-endian. What is read beyond the end is -1, and `is_whole` says so.
class Bytes {
  public:
    explicit Bytes(std::string_view rest) : rest_(rest) {}

    template <class Number>
    Number number() {
        const auto bytes = text(sizeof(Number));
        if (!is_whole_) return -1;
        std::uint32_t out = 0;
        for (const char byte : bytes) out = out << 8U | static_cast<unsigned char>(byte);
        return static_cast<Number>(out);
    }
    std::string_view text(std::size_t length) {
        is_whole_ = is_whole_ && length <= rest_.size();
        if (!is_whole_) return {};
        const auto out = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return out;
    }
    bool is_whole() const { return is_whole_; }

  private:
    std::string_view rest_;
    bool is_whole_ = true;
};

}  // namespace

std::optional<std::vector<Partition>> read_assignment(std::string_view bytes) {
    std::vector<Partition> out;
    if (bytes.empty()) return out;
    Bytes from(bytes);
    from.number<std::int16_t>();  // the version: what later ones add comes after the partitions
    const auto topics = from.number<std::int32_t>();
    if (topics < 0) return std::nullopt;
    for (std::int32_t i = 0; i < topics; ++i) {
        const auto length = from.number<std::int16_t>();
        if (length < 0) return std::nullopt;
        const std::string topic(from.text(static_cast<std::size_t>(length)));
        const auto count = from.number<std::int32_t>();
        if (count < 0) return std::nullopt;
        for (std::int32_t j = 0; j < count && from.is_whole(); ++j)
            out.push_back({topic, from.number<std::int32_t>()});
        if (!from.is_whole()) return std::nullopt;
    }
    return out;
}

}  // namespace casefile::sources::kafka

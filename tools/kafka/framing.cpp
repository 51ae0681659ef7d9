#include "tools/kafka/framing.h"

namespace casefile::tools::kafka {

std::optional<Frame> possible_frame(std::string_view bytes) {
    constexpr std::size_t frame_bytes = 5, number_bytes = 8;
    if (bytes.size() <= frame_bytes || bytes.size() == number_bytes || bytes[0] != '\0') return std::nullopt;
    std::uint32_t schema = 0;
    for (std::size_t i = 1; i < frame_bytes; ++i) schema = schema << 8 | static_cast<unsigned char>(bytes[i]);
    if (schema == 0) return std::nullopt;  // registries count from 1
    return Frame{schema, bytes.substr(frame_bytes)};
}

}  // namespace casefile::tools::kafka

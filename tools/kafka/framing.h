#pragma once
// The frame that serializers of a schema registry put before what they write.

#include <cstdint>
#include <optional>
#include <string_view>

namespace casefile::tools::kafka {

struct Frame {
    std::uint32_t schema = 0;
    std::string_view rest;  ///< what follows the frame, within the bytes given
};

/// What looks like one: a zero byte, a schema's number in four, and something behind. Nothing proves it, as a
/// number in binary may begin so too. Exactly eight bytes are taken for a 64-bit number, never for a frame.
std::optional<Frame> possible_frame(std::string_view bytes);

}  // namespace casefile::tools::kafka

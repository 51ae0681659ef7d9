#pragma once
// What every fuzz target is: bytes in, and an abort when a promise is broken. The fuzz preset builds them
// with libFuzzer; every other build replays the corpus through the same function (replay.cpp).

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace casefile::fuzz {

/// Ends the process when `kept` is false: the input at hand is then kept by libFuzzer.
inline void promise(bool kept, std::string_view what, std::string_view shown = {}) {
    if (kept) return;
    std::fprintf(stderr, "broken promise: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(shown.size()), shown.data());
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

}  // namespace casefile::fuzz

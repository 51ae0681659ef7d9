// Cursors: one that this installation did not make is refused, and one that it made opens as it was.

#include "mcp/cursor.h"
#include "tests/fuzz/fuzz.h"

using namespace casefile;
using namespace casefile::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view key = "key of this installation";
    const auto text = text_of(data, size);
    if (const auto after = mcp::open_cursor(key, "tools", text))
        promise(mcp::make_cursor(key, "tools", *after).starts_with(text.substr(0, 16)),
                "only our own signature opens a cursor");
    if (text.empty() || text.size() > 1'000) return 0;
    const auto made = mcp::make_cursor(key, "tools", text);
    const auto opened = mcp::open_cursor(key, "tools", made);
    promise(opened && *opened == text, "a cursor opens as it was made", made);
    promise(!mcp::open_cursor(key, "prompts", made), "a cursor opens for its own list alone", made);
    return 0;
}

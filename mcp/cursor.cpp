#include "mcp/cursor.h"

#include "base/hash.h"
#include "base/text.h"

namespace casefile::mcp {
namespace {

/// Enough against guessing, and short enough for a header of a page.
constexpr std::size_t signature_length = 16;

std::string signature(std::string_view key, std::string_view list, std::string_view after) {
    const auto signed_text = "casefile cursor 1\n" + std::string(list) + "\n" + std::string(after);
    return to_hex(hmac_sha256(key, signed_text)).substr(0, signature_length);
}

}  // namespace

std::string make_cursor(std::string_view key, std::string_view list, std::string_view after) {
    return signature(key, list, after) + to_base64(after);
}

Result<std::string> open_cursor(std::string_view key, std::string_view list, std::string_view cursor) {
    std::string after;
    const bool readable = cursor.size() > signature_length && cursor.size() < 4'096 &&
                          from_base64(cursor.substr(signature_length), after);
    if (!readable || !equal_in_constant_time(cursor.substr(0, signature_length), signature(key, list, after)))
        return invalid("cursor: expected the nextCursor of an earlier page of this list",
                       "ask again without a cursor to begin at the first page");
    return after;
}

}  // namespace casefile::mcp

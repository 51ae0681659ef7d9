#include "tools/resources/file_content.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tools/resources/address.h"

namespace casefile::tools::resources {
namespace {

constexpr const char* no_text = "application/octet-stream";

/// At most `bytes_max` from the beginning.
Result<std::string> read_beginning(int file, std::size_t bytes_max) {
    std::string bytes(bytes_max, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const auto got = pread(file, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unavailable("the file cannot be read", "check the disk that holds the case");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

/// Ends behind the last line; a document that is all one line ends between two characters.
void cut_at_line(std::string& text) {
    const auto line_end = text.rfind('\n');
    if (line_end != std::string::npos) return text.resize(line_end + 1);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.pop_back();
    text += '\n';
}

bool is_text(std::string_view bytes) { return bytes.find('\0') == std::string_view::npos && is_utf8(bytes); }

}  // namespace

Result<mcp::ResourceContent> read_content(int file, const std::string& name,
                                          const std::string& where_the_rest_is) {
    struct stat info {};
    if (fstat(file, &info) != 0)
        return unavailable("the file cannot be read", "check the disk that holds the case");
    const auto size = static_cast<std::uint64_t>(info.st_size);
    auto bytes = read_beginning(file, content_bytes_max);
    if (!bytes) return bytes.error();
    const bool whole = size <= bytes->size();
    mcp::ResourceContent content{.uri = {}, .mime_type = mime_type_of(name), .bytes = *std::move(bytes)};
    if (!whole) cut_at_line(content.bytes);
    content.is_text = content.mime_type != no_text && is_text(content.bytes);
    if (whole) return content;
    const auto sizes = "the first " + std::to_string(content.bytes.size()) + " of " + std::to_string(size);
    if (!content.is_text)
        return Error{ErrorKind::limit_reached,
                     "expected at most " + std::to_string(content_bytes_max) +
                         " bytes of a file that is no text, got " + std::to_string(size),
                     where_the_rest_is};
    content.bytes += "[cut: these are " + sizes + " bytes; " + where_the_rest_is + "]\n";
    if (content.mime_type == "application/json") content.mime_type = "text/plain";  // no longer a document
    return content;
}

}  // namespace casefile::tools::resources

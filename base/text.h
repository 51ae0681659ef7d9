#pragma once
// Text helpers: validity, escaping, cutting and encoding. All work on UTF-8 bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace casefile {

/// True when `bytes` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view bytes);

/// `text` for people: control, ANSI and bidirectional characters, and those that take no room (zero width,
/// tags, fillers), become \uXXXX or \UXXXXXXXX, bytes that are no UTF-8 become U+FFFD; newline and tab stay
/// when `multi_line`, and become spaces otherwise.
std::string printable(std::string_view text, bool multi_line = false);

/// `text` for a line of Markdown: printable, and with every character escaped that could start markup or
/// HTML.
std::string markdown_text(std::string_view text);

/// At most `bytes_max` bytes, cut between characters, with an ellipsis when something was left out.
std::string shorten(std::string_view text, std::size_t bytes_max);

/// A file-name-safe slug `[a-z0-9-]{1,length_max}`; "case" when nothing of `text` can be kept.
std::string slug(std::string_view text, std::size_t length_max);
bool is_slug(std::string_view text, std::size_t length_max);

std::string upper(std::string_view text);                                  ///< ASCII only
std::string lower(std::string_view text);                                  ///< ASCII only
bool equals_ignoring_case(std::string_view left, std::string_view right);  ///< ASCII only
std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);

/// Reads standard base64 with padding; false when `text` is none.
bool from_base64(std::string_view text, std::string& bytes);

/// Decodes %XX; false when a percent sign is not followed by two hexadecimal digits.
bool percent_decode(std::string_view text, std::string& decoded);

/// One word of a shell's command line: as it is where no shell would take it apart, else in single quotes.
std::string shell_quoted(std::string_view text);

/// What a text costs in a model's context: four bytes a token.
inline std::size_t token_estimate(std::size_t bytes) { return (bytes + 3) / 4; }

}  // namespace casefile

#include "base/ids.h"

#include <sys/random.h>

#include <cstdlib>

#include "base/text.h"

namespace casefile {
namespace {

/// `#` stands for a decimal digit, `x` for a hexadecimal one, everything else for itself.
bool has_shape(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        const bool hex = digit || (text[i] >= 'a' && text[i] <= 'f');
        if (shape[i] == '#' ? !digit : shape[i] == 'x' ? !hex : text[i] != shape[i]) return false;
    }
    return true;
}

}  // namespace

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    // getrandom fails only on kernels without it, or for more than 256 bytes interrupted by a signal.
    if (getrandom(raw.data(), raw.size(), 0) != static_cast<ssize_t>(raw.size())) std::abort();
    return to_hex(raw);
}

std::string make_run_id(WallTime at) { return compact_time(at) + "_" + random_hex(4); }

bool is_run_id(std::string_view text) { return has_shape(text, "########_######_xxxxxxxx"); }

bool is_case_id(std::string_view text) {
    return text.size() >= 18 && text.size() <= 24 && has_shape(text.substr(0, 18), "INC-####-##-##-###") &&
           text.find_first_not_of("0123456789", 15) == std::string_view::npos;
}

std::optional<ImportedId> parse_imported_id(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || !is_case_id(text.substr(0, at)) ||
        !has_shape(text.substr(at), "@xxxxxxxx"))
        return std::nullopt;
    return ImportedId{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string imported_id(std::string_view case_id, std::string_view key_fingerprint) {
    return std::string(case_id) + "@" + std::string(key_fingerprint.substr(0, 8));
}

}  // namespace casefile

#include "net/http.h"

#include "base/text.h"

namespace casefile::net {

const std::string* Headers::find(std::string_view name) const {
    const std::string* found = nullptr;
    for (const auto& [field, value] : fields_) {
        if (!equals_ignoring_case(field, name)) continue;
        if (found != nullptr) return nullptr;
        found = &value;
    }
    return found;
}

std::size_t Headers::count(std::string_view name) const {
    std::size_t fields = 0;
    for (const auto& field : fields_) fields += equals_ignoring_case(field.first, name) ? 1 : 0;
    return fields;
}

}  // namespace casefile::net

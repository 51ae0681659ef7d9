#include "net/http.h"

#include "base/json.h"
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

Response error_response(int status, std::string_view message, std::string_view hint) {
    json::object error{{"message", message}, {"hint", hint}};
    return {.status = status,
            .content_type = "application/json",
            .body = json::serialize(json::object{{"error", std::move(error)}})};
}

}  // namespace casefile::net

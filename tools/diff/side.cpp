#include "tools/diff/side.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {

std::size_t Record::bytes() const {
    std::size_t bytes = sizeof(Record);
    for (const auto& part : key) bytes += sizeof(part) + part.size();
    for (const auto& value : values) bytes += sizeof(value) + value.text.size();
    return bytes;
}

Result<std::vector<std::size_t>> find_columns(const std::string& side, const std::vector<std::string>& names,
                                              const std::vector<std::string>& wanted) {
    std::vector<std::size_t> found;
    for (const auto& name : wanted) {
        const auto at = std::find(names.begin(), names.end(), name);
        if (at == names.end())
            return invalid(side + ": there is no column '" + printable(shorten(name, 64)) +
                               "'; it has: " + printable(shorten(join(names, ", "), 600)),
                           "select it, or map names that differ with compare.rename {left name: right name}");
        if (std::find(at + 1, names.end(), name) != names.end())
            return invalid(side + ": two columns are called '" + printable(shorten(name, 64)) + "'",
                           "give one of them another name with AS");
        found.push_back(static_cast<std::size_t>(at - names.begin()));
    }
    return found;
}

Error duplicate_key(const std::string& side, const Key& key) {
    return invalid(side + ": two records have the key '" + printable(shorten(shown_key(key), 100)) + "'",
                   "name more fields in key, until each record has its own");
}

Error null_key(const std::string& side, const std::string& field, const std::string& place) {
    return invalid(
        side + ": key field '" + printable(shorten(field, 64)) + "' is NULL in " + place,
        "leave such rows out, for example WHERE " + printable(shorten(field, 64)) + " IS NOT NULL");
}

}  // namespace casefile::tools::diff

#include "tools/diff/field_names.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {
namespace {

std::string listed(const std::vector<std::string>& names) {
    return printable(shorten(join(names, ", "), 600));
}

}  // namespace

bool has_field(const std::vector<std::string>& names, const std::string& name) {
    if (holds(names, name)) return true;
    for (auto point = name.find('.'); point != std::string::npos; point = name.find('.', point + 1))
        if (holds(names, name.substr(0, point))) return true;
    return false;
}

std::vector<std::string> unknown_renamed(const Rules& rules, bool is_left,
                                         const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const auto& [left, right] : rules.rename) {
        const auto& name = is_left ? left : right;
        if (!has_field(names, name) && !holds(rules.key, left)) out.push_back(name);
    }
    return out;
}

std::vector<std::string> renamed_paths(const Rules& rules, bool is_left,
                                       const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const auto& [left, right] : rules.rename) {
        const auto& name = is_left ? left : right;
        if (has_field(names, name) && !holds(names, name) && rules.may_compare(left, right))
            out.push_back(name);
    }
    return out;
}

Result<void> check_renamed(const Rules& rules, bool is_left, const std::vector<std::string>& names) {
    const auto unknown = unknown_renamed(rules, is_left, names);
    if (unknown.empty()) return {};
    return invalid(std::string(is_left ? "left" : "right") + ": compare.rename names the field '" +
                       printable(shorten(unknown.front(), 64)) +
                       "', which it does not have; it has: " + listed(names),
                   "compare.rename maps {left name: right name}, each as its side calls it");
}

bool is_compared(const Rules& rules, const std::vector<std::string>& names, const std::string& name) {
    if (holds(names, name)) return true;
    const bool is_renamed = std::any_of(rules.rename.begin(), rules.rename.end(), [&](const auto& pair) {
        return pair.first == name || pair.second == name;
    });
    return is_renamed && has_field(names, name);
}

Result<void> check_ignored(const Rules& rules, const std::vector<std::string>& left,
                           const std::vector<std::string>& right) {
    for (const auto& name : rules.ignore)
        if (!is_compared(rules, left, name) && !is_compared(rules, right, name))
            return invalid("compare.ignore names the field '" + printable(shorten(name, 64)) +
                               "', which neither side has; left has: " + listed(left) +
                               "; right has: " + listed(right),
                           "name the field as one of the sides calls it, or leave it out of ignore");
    return {};
}

std::string told_of_missing(bool on_left, const std::vector<std::string>& fields) {
    return std::string("not compared, because the ") + (on_left ? "left" : "right") +
           " has no such field: " + shorten(join(fields, ", "), 400);
}

}  // namespace casefile::tools::diff

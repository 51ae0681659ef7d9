#include "tools/diff/rules.h"

#include <algorithm>

namespace casefile::tools::diff {

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Rules::right_name(const std::string& left) const {
    const auto found = rename.find(left);
    return found == rename.end() ? left : found->second;
}

std::string Rules::left_name(const std::string& right) const {
    for (const auto& [left, other] : rename)
        if (other == right) return left;
    return right;
}

std::vector<std::string> Rules::right_names(const std::vector<std::string>& left) const {
    std::vector<std::string> out;
    for (const auto& name : left) out.push_back(right_name(name));
    return out;
}

bool Rules::may_compare(const std::string& left, const std::string& right) const {
    // With a renamed to b, a field that the left itself calls b has no partner.
    const bool partners = right_name(left) == right && left_name(right) == left;
    return partners && !holds(key, left) && !holds(ignore, left) && !holds(ignore, right);
}

FieldRule Rules::rule_for(const std::string& left) const {
    FieldRule rule{.tolerance = std::nullopt, .zone_seconds = zone_seconds, .reading = {}};
    if (const auto found = tolerance.find(left); found != tolerance.end()) rule.tolerance = found->second;
    auto reading = read_as.find(left);
    if (reading == read_as.end()) reading = read_as.find("*");
    if (reading != read_as.end()) rule.reading = reading->second;
    return rule;
}

}  // namespace casefile::tools::diff

#include "tools/diff/field_pairs.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {

std::vector<std::string> FieldPairs::choose_left(const std::vector<std::string>& names) {
    if (decided_) return left_;
    left_ = rules_.fields;
    if (left_.empty())
        for (const auto& name : names)
            if (rules_.may_compare(name, rules_.right_name(name))) left_.push_back(name);
    return left_;
}

Result<std::vector<std::string>> FieldPairs::choose_right(const std::vector<std::string>& names) {
    if (decided_) return right_;
    std::vector<ComparedField> fields;
    std::vector<std::string> left_only;
    for (std::size_t i = 0; i < left_.size(); ++i) {
        const auto other = rules_.right_name(left_[i]);
        const bool there = std::find(names.begin(), names.end(), other) != names.end();
        if (rules_.fields.empty() && !there) {
            left_only.push_back(left_[i]);
            continue;
        }
        fields.push_back({left_[i], i, right_.size(), rules_.rule_for(left_[i])});
        right_.push_back(other);
    }
    if (fields.empty())
        return invalid("the sides have no field in common beside the key; left: " +
                           printable(shorten(join(left_, ", "), 300)) +
                           "; right: " + printable(shorten(join(names, ", "), 300)),
                       "map names that differ with compare.rename {left name: right name}");
    if (!left_only.empty())
        findings_.note("not compared, because the right has no such field: " +
                       shorten(join(left_only, ", "), 400));
    findings_.set_fields(std::move(fields));
    decided_ = true;
    return right_;
}

}  // namespace casefile::tools::diff

#include "tools/diff/field_pairs.h"

#include <algorithm>

#include "base/text.h"
#include "tools/diff/field_names.h"

namespace casefile::tools::diff {

Result<std::vector<std::string>> FieldPairs::choose_left(const std::vector<std::string>& names) {
    if (decided_) return left_;
    if (auto done = check_renamed(rules_, true, names); !done) return done.error();
    left_names_ = names;
    left_ = rules_.fields;
    if (!left_.empty()) return left_;
    for (const auto& name : names)
        if (rules_.may_compare(name, rules_.right_name(name))) left_.push_back(name);
    for (auto& path : renamed_paths(rules_, true, names)) left_.push_back(std::move(path));
    return left_;
}

Result<std::vector<std::string>> FieldPairs::choose_right(const std::vector<std::string>& names) {
    if (decided_) return right_;
    if (auto done = check_renamed(rules_, false, names); !done) return done.error();
    if (auto done = check_ignored(rules_, left_names_, names); !done) return done.error();
    std::vector<ComparedField> fields;
    std::vector<std::string> left_only;
    for (std::size_t i = 0; i < left_.size(); ++i) {
        const auto other = rules_.right_name(left_[i]);
        // What a rename names is there, within a document perhaps: that was checked.
        const bool is_there = rules_.rename.contains(left_[i]) || holds(names, other);
        if (rules_.fields.empty() && !is_there) {
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
    if (!left_only.empty()) findings_.note(told_of_missing(false, left_only));
    note_right_only(names);
    findings_.set_fields(std::move(fields));
    decided_ = true;
    return right_;
}

/// A path into a field of the right compares a part of it.
void FieldPairs::note_right_only(const std::vector<std::string>& names) {
    std::vector<std::string> right_only;
    for (const auto& name : names) {
        const bool compared = std::any_of(right_.begin(), right_.end(), [&](const auto& one) {
            return one == name || one.starts_with(name + ".");
        });
        if (!compared && rules_.may_compare(rules_.left_name(name), name)) right_only.push_back(name);
    }
    if (rules_.fields.empty() && !right_only.empty()) findings_.note(told_of_missing(true, right_only));
}

}  // namespace casefile::tools::diff

#pragma once
// What a comparison was asked to do: which fields make the key, which are compared, and how.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tools/diff/compare.h"

namespace casefile::tools::diff {

/// Fields are named as on the left; `rename` says what the right calls them.
struct Rules {
    std::vector<std::string> key;
    std::vector<std::string> fields;  ///< empty: those that both sides have
    std::vector<std::string> ignore;
    std::map<std::string, std::string> rename;
    std::map<std::string, Decimal> tolerance;
    std::map<std::string, Reading> read_as;  ///< "*": of all fields that are not named
    std::int64_t zone_seconds = 0;
    std::chrono::milliseconds settle{200};  ///< 0: differences are not looked at again
    bool left_over = false;

    std::string right_name(const std::string& left) const;
    std::string left_name(const std::string& right) const;
    std::vector<std::string> right_names(const std::vector<std::string>& left) const;
    /// True when the two names belong together and are neither key nor ignored, under either name.
    bool may_compare(const std::string& left, const std::string& right) const;
    FieldRule rule_for(const std::string& left) const;
};

/// One field that is compared, and where its values stand in the records of each side.
struct ComparedField {
    std::string name;  ///< as on the left
    std::size_t left_at = 0, right_at = 0;
    FieldRule rule;
};

bool holds(const std::vector<std::string>& names, const std::string& name);

}  // namespace casefile::tools::diff

#pragma once
// What policy says of a statement: allowed, or refused with the reason and what to do instead.

#include <string>

namespace casefile::policy {

struct Verdict {
    bool allowed = false;
    std::string reason = {};  ///< why it was refused; empty when allowed
    std::string hint = {};    ///< what to ask instead

    static Verdict yes() { return {.allowed = true}; }
    static Verdict no(std::string reason, std::string hint) {
        return {false, std::move(reason), std::move(hint)};
    }
};

}  // namespace casefile::policy

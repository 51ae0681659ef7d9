#pragma once
// May this call run at all? Same input, same verdict: no clock, no I/O, no driver.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/source_kind.h"
#include "policy/verdict.h"

namespace casefile::policy {

/// What the operator decided, by configuration.
struct Rules {
    std::vector<std::string> protected_environments = {"PROD*"};  ///< labels; a trailing * matches any rest

    bool protected_need_terminal = false;  ///< for these a human's word counts only when given at a terminal

    bool is_protected(std::string_view env) const;
    bool needs_terminal(std::string_view env) const { return protected_need_terminal && is_protected(env); }
};

/// One statement that a call wants to send.
struct SqlText {
    std::string text;
};
struct RedisCommand {
    std::vector<std::string> arguments;
    std::string place = {};  ///< among the call's arguments, such as "commands[1]", where it needs telling
};

/// What a call wants to do, declared by its tool before any source is touched.
struct Intent {
    enum class Action {
        record,  ///< touches casefile's own record only
        probe,   ///< the fixed identity statements, allowed before a grant
        read,    ///< reads data of `sources` in `env`
    };
    Action action = Action::record;
    std::string env = {};
    std::vector<SourceKind> sources = {};
    std::vector<SqlText> sql = {};
    std::vector<RedisCommand> redis = {};
};

/// What the gate needs to know of a grant. The caller has verified its record.
struct GrantView {
    std::string env;
    std::string principal;
    std::vector<SourceKind> sources;
    WallTime expires_at;
};

/// `grant` is the newest verified grant of the case for `intent.env`, if there is one.
Verdict judge(const std::optional<GrantView>& grant, const std::string& principal, const Intent& intent,
              WallTime now);

}  // namespace casefile::policy

#pragma once
// What the server at the other end of one connection says of the commands that are sent to it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sources/redis/source.h"

namespace casefile::sources::redis {

/// Belongs to one connection and ends with it: behind the next one there may be another server. Each command
/// name is asked for once.
class Opinions {
  public:
    /// COMMAND INFO for the names among `commands` that were not asked for yet; empty when there are none, or
    /// when the server would not say.
    Command question_about(const std::vector<Command>& commands) const;
    void note(const Command& question, const Reply& answer);

    /// Nothing where the server does not know the command, or would not say.
    std::optional<ServerOpinion> of(const Command& command) const;
    /// Does the opinion of this name depend on the word after it?
    bool has_subcommands(const std::string& name) const;
    /// Why the server would not say; empty while it does.
    const std::string& withheld() const { return withheld_; }

  private:
    std::map<std::string, ServerOpinion> by_name_;  ///< "get", "memory|usage"; with no name where unknown
    std::string withheld_;
};

}  // namespace casefile::sources::redis

#pragma once
// How large would the answer be? Asked before a command is sent, so that a huge value is told rather than
// read. Works on commands alone; whether a command may be sent at all is policy's to say.

#include <optional>
#include <span>
#include <string>

#include "sources/redis/source.h"

namespace casefile::tools::redis {

using sources::redis::Command;
using sources::redis::Reply;

/// The first key that a command reads; none for commands without a key.
std::optional<std::string> first_key(const Command& command);

/// The same, where it is the only one that the command names: its type and TTL are those of the answer.
std::optional<std::string> only_key(const Command& command);

/// The questions of size that come before `command`; none where its answer cannot be large.
std::vector<Command> looks_before(const Command& command);

struct Bounds {
    std::int64_t value_bytes_max = 0;  ///< of one string
    std::int64_t elements_max = 0;     ///< of one collection
    std::int64_t reply_bytes_max = 0;  ///< of one reply
    std::int64_t call_bytes_max = 0;   ///< of all replies together
};

/// What is left to do after looking: send a command, perhaps a smaller one, or refuse it.
struct Decision {
    Command send = {};                             ///< empty when refused
    std::string refused = {}, hint = {};           ///< why, and what to ask instead
    std::optional<std::int64_t> whole_bytes = {};  ///< of a string of which only a part is read
    std::int64_t bytes = 0;                        ///< of the answer, about; 0 where it is small or not known
};

/// `looked` holds the replies to looks_before(command). A size that the server would not tell bounds nothing.
Decision decide(const Command& command, std::span<const Reply> looked, const Bounds& bounds);

/// Refuses those whose answers would be too large together with the ones before them: the server makes them
/// all at once.
void keep_within_call(std::vector<Decision>& decisions, const Bounds& bounds);

/// Any smaller command that decide() could send instead, for the gate.
std::optional<Command> smaller_form(const Command& command, const Bounds& bounds);

/// As a person would type it into redis-cli.
std::string command_line(const Command& command);

}  // namespace casefile::tools::redis

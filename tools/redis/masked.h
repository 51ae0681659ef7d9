#pragma once
// Replies and commands of Redis through the masks: by the key, by the field, and by what a value holds.

#include <cstdint>
#include <optional>

#include "sources/redis/source.h"
#include "tools/masking.h"

namespace casefile::tools::redis {

/// `reply` as it may be shown. What the command asked for tells which key and which field a value has.
sources::redis::Reply masked(const Masks& masks, const sources::redis::Command& command,
                             sources::redis::Reply reply);

/// True where that `pattern` matches `key` would tell of its name more than an answer shows: a question for
/// one letter after the other. Such a key is not listed.
bool tells_of_name(const Masks& masks, std::string_view pattern, std::string_view key);

/// What has to be read as well before a part of a string is shown: GETRANGE, or bits, of a document take the
/// names away. Nothing for other commands.
std::optional<sources::redis::Command> whole_of(const sources::redis::Command& command,
                                                std::int64_t bytes_max);

/// The reply to such a command. An error that says so when `whole`, at most `bytes_max` bytes of it, holds
/// something masked; where there is more, what the piece may be a part of is masked.
sources::redis::Reply masked_part(const Masks& masks, const sources::redis::Command& command,
                                  const sources::redis::Reply& whole, std::int64_t bytes_max,
                                  sources::redis::Reply part);

/// A command for answers and logs: keys without their secret part, and what is looked for under such a key.
sources::redis::Command masked(const Masks& masks, const sources::redis::Command& command);

/// The same of a line as redis-cli takes it.
std::string masked_line(const Masks& masks, std::string_view line);

}  // namespace casefile::tools::redis

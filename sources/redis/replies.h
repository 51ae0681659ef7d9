#pragma once
// Replies as hiredis parses them, made at once: no tree of its own is built and copied.

#include <memory>

#include "sources/redis/source.h"

struct redisReader;

namespace casefile::sources::redis {

/// Makes `reader`, which has parsed nothing yet, give replies of ours.
void read_replies(redisReader& reader);

/// What redisReaderGetReply() gave of such a reader.
std::unique_ptr<Reply> taken(void* parsed);

}  // namespace casefile::sources::redis

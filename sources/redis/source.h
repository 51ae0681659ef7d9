#pragma once
// Redis, by argument vectors in one pipeline.

#include "base/limits.h"
#include "sources/source.h"

namespace casefile::sources::redis {

struct Reply {
    enum class Kind { nil, integer, text, status, error, array };
    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< bytes of text, status or error
    std::vector<Reply> items;
};

using Command = std::vector<std::string>;

class RedisSource : public Source {
  public:
    /// Sends all commands, already judged by policy, in one pipeline and gives one reply each, in order. An
    /// error reply of one command is a Reply, not an Error. After a timeout or a cancellation the connection
    /// is thrown away, so that no reply is ever another command's. `MOVED` is told as an error reply, never
    /// followed.
    virtual Result<std::vector<Reply>> pipeline(const std::vector<Command>& commands,
                                                const Control& control) = 0;
};

std::unique_ptr<RedisSource> make_redis_source(Endpoint endpoint, const Limits& limits);

}  // namespace casefile::sources::redis

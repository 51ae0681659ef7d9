#pragma once
// Redis, by argument vectors in one pipeline.

#include <functional>
#include <optional>

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

/// What the server says of a command, by COMMAND INFO.
struct ServerOpinion {
    std::string name;  ///< "get", "memory|usage"; what really runs where commands were renamed
    std::vector<std::string> flags;
};

/// Says what is wrong with sending this command to a server that has this opinion of it. Where the opinion
/// does not depend on the command's arguments, neither does the answer.
using Objection = std::function<std::optional<Error>(const Command&, const ServerOpinion&)>;

class RedisSource : public Source {
  public:
    /// Sends all commands, already judged by policy, in one pipeline and gives one reply each, in order. An
    /// error reply of one command is a Reply, not an Error. After a timeout or a cancellation the connection
    /// is thrown away, so that no reply is ever another command's. `MOVED` is told as an error reply, never
    /// followed. Before the first command of a name goes over a connection, the server is asked what it says
    /// of it; when there is an objection to one, nothing of the pipeline is sent.
    virtual Result<std::vector<Reply>> pipeline(const std::vector<Command>& commands,
                                                const Control& control) = 0;

    /// Why the server would not say what it thinks of commands, as of the newest pipeline; empty where it
    /// said.
    virtual std::string opinion_withheld() const { return {}; }
};

/// Without an `objection` the server is not asked for its opinion. The identity probe never asks for it.
std::unique_ptr<RedisSource> make_redis_source(Endpoint endpoint, const Limits& limits,
                                               Objection objection = {});

}  // namespace casefile::sources::redis

#pragma once
// A connection for planting and for checking what was planted. The only file behind it that knows hiredis.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace casefile::sandbox {

class RedisClient {
  public:
    using Command = std::vector<std::string>;
    /// A reply flattened: nothing for nil, one text for a scalar, all texts for an array.
    using Reply = std::vector<std::string>;

    static Result<RedisClient> connect(std::uint16_t port, const std::string& password,
                                       const std::string& user = "default");
    RedisClient(RedisClient&&) noexcept;
    RedisClient& operator=(RedisClient&&) noexcept;
    ~RedisClient();

    Result<Reply> run(const Command& command);
    /// All in one pipeline; the first error reply fails it.
    Result<std::vector<Reply>> run_all(const std::vector<Command>& commands);

  private:
    struct Impl;
    explicit RedisClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile::sandbox

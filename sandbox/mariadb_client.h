#pragma once
// A connection for planting and for checking what was planted. The only file behind it that knows libmariadb.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace casefile::sandbox {

class MariadbClient {
  public:
    using Row = std::vector<std::optional<std::string>>;

    static Result<MariadbClient> connect(std::uint16_t port, const std::string& user,
                                         const std::string& password, const std::string& database = {});
    MariadbClient(MariadbClient&&) noexcept;
    MariadbClient& operator=(MariadbClient&&) noexcept;
    ~MariadbClient();

    Result<void> execute(const std::string& sql);
    Result<std::vector<Row>> query(const std::string& sql);

  private:
    struct Impl;
    explicit MariadbClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A string as an SQL literal that needs no escaping.
std::string sql_text(const std::string& text);

}  // namespace casefile::sandbox

#include "sandbox/mariadb_client.h"

#include <mysql.h>

#include "base/text.h"

namespace casefile::sandbox {

struct MariadbClient::Impl {
    MYSQL* connection = ::mysql_init(nullptr);
    ~Impl() { ::mysql_close(connection); }

    Error failure(const std::string& what) const {
        return unavailable(what + ": " + ::mysql_error(connection));
    }
};

MariadbClient::MariadbClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MariadbClient::MariadbClient(MariadbClient&&) noexcept = default;
MariadbClient& MariadbClient::operator=(MariadbClient&&) noexcept = default;
MariadbClient::~MariadbClient() = default;

Result<MariadbClient> MariadbClient::connect(std::uint16_t port, const std::string& user,
                                             const std::string& password, const std::string& database) {
    auto impl = std::make_unique<Impl>();
    const unsigned seconds = 10;
    ::mysql_options(impl->connection, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    ::mysql_options(impl->connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    const char* schema = database.empty() ? nullptr : database.c_str();
    if (::mysql_real_connect(impl->connection, "127.0.0.1", user.c_str(), password.c_str(), schema, port,
                             nullptr, 0) == nullptr)
        return impl->failure("mariadb as " + user);
    return MariadbClient(std::move(impl));
}

Result<void> MariadbClient::execute(const std::string& sql) {
    const auto rows = query(sql);
    if (!rows) return rows.error();
    return {};
}

Result<std::vector<MariadbClient::Row>> MariadbClient::query(const std::string& sql) {
    auto* connection = impl_->connection;
    if (::mysql_real_query(connection, sql.data(), sql.size()) != 0) return impl_->failure(shorten(sql, 80));
    const std::unique_ptr<MYSQL_RES, decltype(&::mysql_free_result)> result(::mysql_store_result(connection),
                                                                            &::mysql_free_result);
    if (result == nullptr) {
        if (::mysql_errno(connection) != 0) return impl_->failure(shorten(sql, 80));
        return std::vector<Row>{};
    }
    std::vector<Row> rows;
    const auto columns = ::mysql_num_fields(result.get());
    while (const auto cells = ::mysql_fetch_row(result.get())) {
        const auto* lengths = ::mysql_fetch_lengths(result.get());
        Row row;
        for (unsigned i = 0; i < columns; ++i)
            row.push_back(cells[i] == nullptr ? std::nullopt
                                              : std::optional(std::string(cells[i], lengths[i])));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string sql_text(const std::string& text) { return "_utf8mb4 X'" + to_hex(text) + "'"; }

}  // namespace casefile::sandbox

#pragma once
// Servers that a test may stop, stall and start again: no other test program shares them.

#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "sandbox/servers.h"
#include "tests/support/endpoints.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tool_bench.h"

namespace casefile::tools {

/// A MariaDB with performance_schema on and room for rows of 32 MiB. Its accounts keep their passwords over a
/// restart.
class PrivateMariadb {
  public:
    static PrivateMariadb& get() {
        static PrivateMariadb one;
        return one;
    }

    void stop() { server_.process.stop(); }
    void start() {
        auto started = sandbox::MariadbServer::start(folder_.path() / "mariadb", port_, options());
        REQUIRE(started);
        server_ = *std::move(started);
        port_ = server_.port;
        if (reader_password_.empty()) reader_password_ = server_.reader_password;
        as_admin("ALTER USER 'reader'@'127.0.0.1' IDENTIFIED BY '" + reader_password_ + "'");
        as_admin("GRANT PROCESS ON *.* TO 'reader'@'127.0.0.1'");
    }

    sandbox::MariadbClient admin() const {
        auto client = sandbox::MariadbClient::connect(port_, "admin", server_.admin_password);
        REQUIRE(client);
        return *std::move(client);
    }
    void as_admin(const std::string& sql) const { REQUIRE(admin().execute(sql)); }
    std::string ask(const std::string& sql) const {
        const auto rows = admin().query(sql);
        REQUIRE(rows);
        return rows->empty() ? "" : (*rows)[0][0].value_or("NULL");
    }
    /// How many statements of the reader run now.
    std::string running() const {
        return ask(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'reader' AND COMMAND <> "
            "'Sleep'");
    }
    /// True once the reader runs nothing; false after ten seconds.
    bool gets_well() const {
        for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
             std::chrono::steady_clock::now() < until;)
            if (running() == "0") return true;
        return false;
    }
    bool gets_busy() const {
        for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
             std::chrono::steady_clock::now() < until;)
            if (running() != "0") return true;
        return false;
    }

    std::uint16_t port() const { return port_; }
    /// As the reader reaches it through `port`.
    sources::Endpoint endpoint(std::uint16_t port) const {
        return endpoint_of(SourceKind::mysql, "SHOP", port, "reader", reader_password_, "faults");
    }

  private:
    PrivateMariadb() {
        start();
        as_admin("CREATE DATABASE faults");
        // The oldest table of a schema is a part of who a server is.
        as_admin("CREATE TABLE faults.oldest (n INT)");
    }
    static std::vector<std::string> options() {
        return {"--performance-schema=ON", "--max-allowed-packet=64M"};
    }

    TemporaryFolder folder_;
    sandbox::MariadbServer server_;
    std::uint16_t port_ = 0;
    std::string reader_password_;
};

}  // namespace casefile::tools

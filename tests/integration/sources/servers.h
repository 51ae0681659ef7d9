#pragma once
// The servers that these tests share: each is started once, on first use, and ends with the program.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <thread>

#include "base/clock.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "sandbox/servers.h"
#include "sources/mysql/source.h"
#include "sources/redis/source.h"
#include "tests/support/catch.h"
#include "tests/support/endpoints.h"
#include "tests/support/temporary_folder.h"

namespace casefile::sources {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

inline Control within(std::chrono::milliseconds time, std::stop_token stop = {}) {
    return {Steady::now() + time, std::move(stop)};
}

struct Mariadb {
    TemporaryFolder folder;
    sandbox::MariadbServer server;

    Mariadb() : server(sandbox::MariadbServer::start(folder.path() / "mariadb").value()) {
        as_admin("CREATE DATABASE shop");
    }
    void as_admin(const std::string& sql) const { admin().execute(sql).value(); }
    sandbox::MariadbClient admin() const {
        return sandbox::MariadbClient::connect(server.port, "admin", server.admin_password).value();
    }
    std::string ask(const std::string& sql) const {
        const auto rows = admin().query(sql).value();
        return rows.empty() ? "" : rows[0][0].value_or("NULL");
    }
    /// How many statements like this run on the server now. The list shows an asker's own statement for a
    /// moment after it was answered, so that the next asker would find it: none of them is counted.
    std::string running(const std::string& like) const {
        return ask("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '" + like +
                   "' AND info NOT LIKE '%information_schema.processlist%'");
    }
    Endpoint endpoint(const std::string& user = "reader") const {
        return endpoint_of(SourceKind::mysql, "PROD", server.port, user,
                           user == "admin" ? server.admin_password : server.reader_password, "shop");
    }
};

inline const Mariadb& mariadb() {
    static const Mariadb one;
    return one;
}

struct Redis {
    TemporaryFolder folder;
    sandbox::RedisServer server;

    Redis() : server(sandbox::RedisServer::start(folder.path() / "redis").value()) {}
    sandbox::RedisClient admin() const {
        return sandbox::RedisClient::connect(server.port, server.password).value();
    }
    Endpoint endpoint(const std::string& user = "") const {
        return endpoint_of(SourceKind::redis, "PROD", server.port, user,
                           user == "reader" ? server.reader_password : server.password);
    }
};

inline const Redis& redis_server() {
    static const Redis one;
    return one;
}

/// A port where somebody accepts connections and never says a word.
class SilentListener {
  public:
    SilentListener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(socket_, 8) != 0 ||
            ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
            throw std::runtime_error("no port to listen on");
        port = ntohs(address.sin_port);
    }
    SilentListener(const SilentListener&) = delete;
    SilentListener& operator=(const SilentListener&) = delete;
    ~SilentListener() { ::close(socket_); }

    std::uint16_t port = 0;

  private:
    int socket_;
};

/// Keeps what comes, and ends the query after `rows_max` rows.
struct Collected : mysql::RowSink {
    std::vector<mysql::Column> names;
    std::vector<std::vector<std::optional<std::string>>> rows;
    std::size_t seen = 0;
    std::size_t kept_max = 1000;
    std::size_t rows_max = 100'000'000;
    std::function<void()> on_row = [] {};

    Result<void> columns(const std::vector<mysql::Column>& columns) override {
        names = columns;
        return {};
    }
    Result<bool> row(std::span<const mysql::Cell> cells) override {
        on_row();
        if (++seen <= kept_max) {
            auto& kept = rows.emplace_back();
            for (const auto& cell : cells)
                kept.push_back(cell.null ? std::nullopt : std::optional<std::string>(cell.bytes));
        }
        return seen < rows_max;
    }
    std::string first() const { return rows.empty() ? "nothing" : rows[0][0].value_or("NULL"); }
};

}  // namespace casefile::sources

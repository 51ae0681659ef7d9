#pragma once
// One connection to MySQL or MariaDB through MySQL Connector/C++, set up for reading alone. For the files of
// this folder: a sql::SQLException leaves what is declared here only where nothing else is said.

#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include "sources/identity_probe.h"
#include "sources/mysql/dialect.h"
#include "sources/source.h"

namespace casefile::sources::mysql {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The server should end a statement first; the client gives up this much later, when nothing comes at all.
constexpr seconds read_timeout_margin{2};

sql::Driver& driver();

/// Whole seconds where that is close enough, so that queries in a row need no new SET.
milliseconds server_time_limit(milliseconds left);

/// One statement a text, no local files; each wait ends soon after `time_max`.
sql::ConnectOptionsMap options_of(const Endpoint& endpoint, milliseconds time_max);

struct Session {
    std::unique_ptr<sql::Connection> connection;
    Dialect dialect = Dialect::mariadb;
    std::string number;         ///< CONNECTION_ID()
    json::object identity;      ///< of the server, where admission needs it
    json::object may_move;      ///< of the server as well
    milliseconds time_limit{};  ///< as last told to the server
    milliseconds read_timeout{};
    std::vector<std::string> sent;  ///< since it was opened, until the first query

    /// Both throw.
    void execute(const std::string& text);
    /// A small answer, read whole.
    probe::Table table(const std::string& text);
};

/// Empty where there is no such cell.
std::string text_at(const probe::Table& table, std::size_t row, std::size_t column);

/// A statement of the probe, whose refusal is no failure of the connection.
Result<probe::Table> ask(Session& session, const Endpoint& endpoint, const std::string& statement);

Result<std::unique_ptr<Session>> open_session(const Endpoint& endpoint, const Control& control);

}  // namespace casefile::sources::mysql

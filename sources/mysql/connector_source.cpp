// The one file that knows MySQL Connector/C++.
//
// Round trips of one query on a connection that is open already: START TRANSACTION, the check of the session,
// the statement itself, SHOW COUNT(*) ERRORS, ROLLBACK; and one SET when the time limit is another. A new
// connection costs the handshake and nine more: three of the connector's own, greeting, SET, four of
// identity.

#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/text.h"
#include "sources/connection_pool.h"
#include "sources/identity_probe.h"
#include "sources/mysql/server_error.h"
#include "sources/mysql/source.h"

namespace casefile::sources::mysql {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds connect_time_max{10};
/// The server should end a statement first; the client gives up this much later, when nothing comes at all.
constexpr seconds read_timeout_margin{2};
constexpr seconds read_timeout_slack{10};

sql::Driver& driver() {
    static sql::Driver& one = *get_driver_instance();
    return one;
}

int whole_seconds(milliseconds time) {
    return static_cast<int>(std::max<std::int64_t>(1, std::chrono::ceil<seconds>(time).count()));
}

/// Whole seconds where that is close enough, so that queries in a row need no new SET.
milliseconds server_time_limit(milliseconds left) {
    return left < seconds(5) ? left : milliseconds(std::chrono::ceil<seconds>(left));
}

sql::ConnectOptionsMap options_of(const Endpoint& endpoint, milliseconds time_max) {
    const auto host =
        endpoint.host.find(':') == std::string::npos ? endpoint.host : "[" + endpoint.host + "]";
    sql::ConnectOptionsMap options;
    options["hostName"] = sql::SQLString("tcp://" + host + ":" + std::to_string(endpoint.port));
    options["userName"] = sql::SQLString(endpoint.user);
    options["password"] = sql::SQLString(endpoint.password.reveal());
    if (!endpoint.database.empty()) options["schema"] = sql::SQLString(endpoint.database);
    options["OPT_CONNECT_TIMEOUT"] = whole_seconds(std::min<milliseconds>(time_max, connect_time_max));
    options["OPT_READ_TIMEOUT"] = whole_seconds(time_max + read_timeout_margin);
    options["OPT_WRITE_TIMEOUT"] = whole_seconds(std::min<milliseconds>(time_max, connect_time_max));
    options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    options["OPT_LOCAL_INFILE"] = 0;
    options["CLIENT_MULTI_STATEMENTS"] = false;
    if (endpoint.tls) {
        // Only sslVerify makes this library refuse a server without TLS; every other option falls back to
        // plain text.
        options["sslVerify"] = true;
        if (!endpoint.tls_ca.empty()) options["sslCA"] = sql::SQLString(endpoint.tls_ca);
    }
    return options;
}

struct Session {
    std::unique_ptr<sql::Connection> connection;
    probe::Dialect dialect = probe::Dialect::mariadb;
    std::string number;         ///< CONNECTION_ID()
    json::object identity;      ///< of the server, where admission needs it
    milliseconds time_limit{};  ///< as last told to the server
    milliseconds read_timeout{};
    std::vector<std::string> sent;  ///< since it was opened, until the first query

    void execute(const std::string& text) {
        const std::unique_ptr<sql::Statement> statement(connection->createStatement());
        statement->execute(text);
    }

    /// A small answer, read whole.
    probe::Table table(const std::string& text) {
        const std::unique_ptr<sql::Statement> statement(connection->createStatement());
        const std::unique_ptr<sql::ResultSet> answer(statement->executeQuery(text));
        auto& about = *answer->getMetaData();
        probe::Table out;
        for (unsigned i = 1; i <= about.getColumnCount(); ++i)
            out.columns.push_back(about.getColumnLabel(i).asStdString());
        while (answer->next()) {
            auto& row = out.rows.emplace_back();
            for (unsigned i = 1; i <= out.columns.size(); ++i)
                row.push_back(answer->isNull(i) ? std::nullopt
                                                : std::optional(answer->getString(i).asStdString()));
        }
        return out;
    }
};

std::string text_at(const probe::Table& table, std::size_t row, std::size_t column) {
    if (row >= table.rows.size() || column >= table.rows[row].size()) return {};
    return table.rows[row][column].value_or("");
}

/// A statement of the probe, whose refusal is no failure of the connection.
Result<probe::Table> ask(Session& session, const Endpoint& endpoint, const std::string& statement) {
    try {
        return session.table(statement);
    } catch (const sql::SQLException& error) {
        return statement_error(endpoint, error.getErrorCode(), error.what(), false);
    }
}

Result<std::unique_ptr<Session>> open_session(const Endpoint& endpoint, const Control& control) {
    const auto left = control.left();
    if (left == milliseconds(0)) return timed_out_error(endpoint, "connecting");
    try {
        driver().threadInit();
        auto session = std::make_unique<Session>();
        auto options = options_of(endpoint, left);
        session->connection.reset(driver().connect(options));
        session->sent = probe::connector_statements();
        if (endpoint.tls) {
            session->sent.emplace_back(probe::tls_statement);
            if (text_at(session->table(probe::tls_statement), 0, 1).empty())
                return connect_error(endpoint, 2026, "the server answered in plain text");
        }
        session->sent.emplace_back(probe::greeting_statement);
        const auto greeting = session->table(probe::greeting_statement);
        session->dialect = probe::dialect_of(text_at(greeting, 0, 0));
        session->number = text_at(greeting, 0, 1);
        session->read_timeout = seconds(whole_seconds(left + read_timeout_margin));
        session->time_limit = server_time_limit(left);
        session->sent.push_back(probe::session_statement(session->dialect, session->time_limit));
        session->execute(session->sent.back());
        if (control.admit) {
            auto identity = probe::ask_mysql_identity(
                [&](const std::string& text) { return ask(*session, endpoint, text); });
            if (!identity) return identity.error();
            session->identity = *std::move(identity);
        }
        return session;
    } catch (const sql::SQLException& error) {
        return connect_error(endpoint, error.getErrorCode(), error.what());
    } catch (const std::exception& error) {
        return internal(std::string("the MySQL connector failed: ") + error.what());
    }
}

/// Ends a running statement on the server, from a second connection and a thread of its own, so that whoever
/// asks for the stop need not wait. It repeats itself until the statement has ended: a stop may come just
/// before the server began.
class Killer {
  public:
    Killer(const Endpoint& endpoint, std::string number, const std::stop_token& stop)
        : endpoint_(endpoint), number_(std::move(number)) {
        on_stop_.emplace(stop, [this] { start(); });
    }
    ~Killer() {
        finish();
        if (thread_.joinable()) thread_.join();
    }

    void start() noexcept {
        if (used_.exchange(true)) return;
        try {
            thread_ = std::thread([this] { run(); });
        } catch (const std::system_error&) {
            run();
        }
    }

    /// The statement has ended: no more is killed after this returns.
    void finish() {
        on_stop_.reset();
        const std::lock_guard lock(mutex_);
        finished_ = true;
        finished_changed_.notify_all();
    }

  private:
    void run() noexcept {
        try {
            driver().threadInit();
            auto options = options_of(endpoint_, seconds(2));
            const std::unique_ptr<sql::Connection> connection(driver().connect(options));
            const std::unique_ptr<sql::Statement> statement(connection->createStatement());
            std::unique_lock lock(mutex_);
            for (int times = 0; times < 600 && !finished_; ++times) {
                statement->execute("KILL QUERY " + number_);
                finished_changed_.wait_for(lock, milliseconds(50), [this] { return finished_; });
            }
        } catch (const std::exception&) {
            // Nothing more can be done from here: the server's own time limit ends the statement.
        }
        driver().threadEnd();
    }

    const Endpoint& endpoint_;
    const std::string number_;
    std::atomic<bool> used_ = false;
    std::mutex mutex_;
    std::condition_variable finished_changed_;
    bool finished_ = false;
    std::thread thread_;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

bool holds_bytes(const std::string& type) {
    constexpr std::array<std::string_view, 7> types = {"BLOB",   "TINYBLOB",  "MEDIUMBLOB", "LONGBLOB",
                                                       "BINARY", "VARBINARY", "GEOMETRY"};
    return std::find(types.begin(), types.end(), type) != types.end();
}

std::vector<Column> columns_of(sql::ResultSet& rows) {
    auto& about = *rows.getMetaData();
    std::vector<Column> out;
    for (unsigned i = 1; i <= about.getColumnCount(); ++i) {
        // Display size, charset and collation are not asked for: they throw for collations that the connector
        // does not know.
        const auto type = about.getColumnTypeName(i).asStdString();
        out.push_back({about.getColumnLabel(i).asStdString(), type, holds_bytes(type)});
    }
    return out;
}

class ConnectorSource : public MysqlSource {
  public:
    ConnectorSource(Endpoint endpoint, const Limits& limits)
        : endpoint_(std::move(endpoint)),
          pool_(name_of_source(endpoint_.env, endpoint_.kind), limits.connections_max) {}

    const Endpoint& endpoint() const override { return endpoint_; }

    Result<Fingerprint> fingerprint(const Control& control) override {
        // A tunnel may lead elsewhere since the last connection was made, and what is read after this probe
        // has to come from the server that it describes.
        pool_.renew();
        auto lease = take(control, true);
        if (!lease) return lease.error();
        // The connection is not kept: a statement that was refused stays in the server's error list, where
        // the next query would take it for its own.
        return probe::ask_mysql(endpoint_, clock_, (*lease)->sent,
                                std::bind_front(ask, std::ref(**lease), endpoint_));
    }

    Result<QueryEnd> query(std::string_view sql, RowSink& sink, const Control& control) override {
        for (bool fresh = false;; fresh = true) {
            auto lease = take(control, fresh);
            if (!lease) return lease.error();
            if (auto admitted = control.check(endpoint_, (*lease)->identity); !admitted)
                return admitted.error();
            auto begun = begin(**lease, control);
            // The server may have hung up on a connection that lay idle. Nothing was asked yet, so it is
            // asked anew.
            if (!begun && lease->reused() && !control.stopped() && control.left() > milliseconds(0)) continue;
            if (!begun) return begun.error();

            auto end = run(**lease, sql, sink, control, *std::move(begun));
            if (end && end->complete) lease->keep();
            return end;
        }
    }

  private:
    using Pool = ConnectionPool<Session>;

    Result<Pool::Lease> take(const Control& control, bool fresh) {
        return pool_.take(
            control, [&] { return open_session(endpoint_, control); },
            [&, left = control.left()](const Session& session) {
                return !fresh && (!control.admit || !session.identity.empty()) &&
                       session.read_timeout > left &&
                       session.read_timeout <= left + read_timeout_margin + read_timeout_slack;
            });
    }

    /// Opens the snapshot, and checks that the session is what session_statement() made of it.
    Result<QueryEnd> begin(Session& session, const Control& control) {
        if (control.stopped()) return cancelled_error();
        if (control.left() == milliseconds(0)) return timed_out_error(endpoint_, "the statement");
        try {
            const auto limit = server_time_limit(control.left());
            if (limit != session.time_limit)
                session.execute(probe::session_statement(session.dialect, limit));
            session.time_limit = limit;
            session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
            const auto state = session.table(probe::session_check(session.dialect));
            if (text_at(state, 0, 1) != probe::session_state_expected)
                return unavailable(
                    name_of_source(endpoint_.env, endpoint_.kind) +
                        ": the session is not the read-only one that was set up: expected " +
                        probe::session_state_expected + ", got " + printable(text_at(state, 0, 1)),
                    "something between casefile and the server, or a setting such as "
                    "skip-character-set-client-handshake, changes sessions; connect without it");
            auto at = text_at(state, 0, 0) + "Z";
            if (const auto space = at.find(' '); space != std::string::npos) at[space] = 'T';
            return QueryEnd{.rows = 0,
                            .complete = false,
                            .snapshot_at = at,
                            .isolation = "REPEATABLE READ, read only, consistent snapshot",
                            .time_zone = "+00:00"};
        } catch (const sql::SQLException& error) {
            return statement_error(endpoint_, error.getErrorCode(), error.what(), false);
        }
    }

    Result<QueryEnd> run(Session& session, std::string_view sql, RowSink& sink, const Control& control,
                         QueryEnd end) {
        Killer killer(endpoint_, session.number, control.stop);
        try {
            const std::unique_ptr<sql::Statement> statement(session.connection->createStatement());
            statement->setResultSetType(sql::ResultSet::TYPE_FORWARD_ONLY);
            std::unique_ptr<sql::ResultSet> rows(
                statement->executeQuery(sql::SQLString(sql.data(), sql.size())));
            const auto pumped = pump(*rows, sink, control, end);
            // Letting go of the rows reads what is left of them, which takes seconds unless the server stops
            // sending.
            if (!pumped || !end.complete) killer.start();
            rows.reset();
            killer.finish();
            if (control.stopped()) return cancelled_error();
            if (!pumped) return pumped.error();
            if (!end.complete) return end;
            if (auto whole = check_whole(session); !whole) return whole.error();
            session.execute("ROLLBACK");
            return end;
        } catch (const sql::SQLException& error) {
            killer.finish();
            auto told = statement_error(endpoint_, error.getErrorCode(), error.what(), control.stopped());
            // Nothing came until the client's own timeout: the connector calls that a lost connection.
            const bool out_of_time = control.left() == milliseconds(0);
            return told.kind == ErrorKind::unavailable && out_of_time
                       ? timed_out_error(endpoint_, "the statement")
                       : told;
        } catch (const std::exception& error) {
            return internal(std::string("reading rows failed: ") + error.what());
        }
    }

    /// Hands over row after row. `end.complete` says whether the connector saw the last one.
    Result<void> pump(sql::ResultSet& rows, RowSink& sink, const Control& control, QueryEnd& end) {
        const auto columns = columns_of(rows);
        if (auto taken = sink.columns(columns); !taken) return taken.error();
        std::vector<std::string> values(columns.size());
        std::vector<Cell> cells(columns.size());
        while (rows.next()) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const auto index = static_cast<unsigned>(i + 1);
                values[i].assign(rows.getString(index).asStdString());
                cells[i] = {values[i].empty() && rows.wasNull(), values[i]};
            }
            ++end.rows;
            const auto more = sink.row(cells);
            if (!more) return more.error();
            if (!*more) return {};
            if (control.stopped()) return cancelled_error();
            if (end.rows % 256 == 0 &&
                std::chrono::steady_clock::now() > control.deadline + read_timeout_margin)
                return timed_out_error(endpoint_, "the statement");
        }
        end.complete = true;
        return {};
    }

    /// When the server stops a statement in the middle of its rows, next() says "no more" as if all had come.
    /// Only the server's error list tells, and only to the very next statement.
    Result<void> check_whole(Session& session) {
        if (text_at(session.table("SHOW COUNT(*) ERRORS"), 0, 0) == "0") return {};
        const auto errors = session.table("SHOW ERRORS LIMIT 1");
        const auto code = text_at(errors, 0, 1);
        return statement_error(endpoint_, code.empty() ? 0 : std::stoi(code), text_at(errors, 0, 2), false);
    }

    const Endpoint endpoint_;
    const SystemClock clock_;
    Pool pool_;
};

}  // namespace

std::unique_ptr<MysqlSource> make_mysql_source(Endpoint endpoint, const Limits& limits) {
    return std::make_unique<ConnectorSource>(std::move(endpoint), limits);
}

void end_thread() { driver().threadEnd(); }

}  // namespace casefile::sources::mysql

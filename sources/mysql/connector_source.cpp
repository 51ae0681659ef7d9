// Queries of MySQL and MariaDB by MySQL Connector/C++, which only this folder knows.
//
// Round trips of one query on a connection that is open already: START TRANSACTION, the check of the session,
// the statement itself, SHOW COUNT(*) ERRORS, ROLLBACK; and one SET when the time limit is another. A new
// connection costs the handshake and ten more: three of the connector's own, greeting, SET, five of
// identity.

#include <array>

#include "base/text.h"
#include "sources/connection_pool.h"
#include "sources/mysql/killer.h"
#include "sources/mysql/server_error.h"
#include "sources/mysql/session.h"
#include "sources/mysql/source.h"

namespace casefile::sources::mysql {
namespace {

constexpr seconds read_timeout_slack{10};

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
        out.push_back({about.getColumnLabel(i).asStdString(), type, holds_bytes(type),
                       about.getTableName(i).asStdString(), about.getColumnName(i).asStdString()});
    }
    return out;
}

class ConnectorSource : public MysqlSource {
  public:
    ConnectorSource(Endpoint endpoint, const Limits& limits)
        : endpoint_(std::move(endpoint)),
          pool_(name_of_source(endpoint_.env, endpoint_.kind), limits.connections_max, clock_) {}

    const Endpoint& endpoint() const override { return endpoint_; }
    std::string resting() const override { return pool_.resting(); }

    Result<Fingerprint> fingerprint(const Control& control) override {
        // A tunnel may lead elsewhere since the last connection was made, and what is read after this probe
        // has to come from the server that it describes.
        pool_.renew();
        auto lease = take(control, true);
        if (!lease) return lease.error();
        // The connection is not kept: a statement that was refused stays in the server's error list, where
        // the next query would take it for its own.
        auto out = probe::ask_mysql(endpoint_, clock_, (*lease)->sent,
                                    std::bind_front(ask, std::ref(**lease), endpoint_));
        if (!out && is_silence(out.error())) lease->unanswered(out.error());
        return out;
    }

    using MysqlSource::query;
    Result<QueryEnd> query(std::string_view sql, RowSink& sink, const Control& control,
                           const PlanJudge& judge) override {
        for (bool fresh = false;; fresh = true) {
            auto lease = take(control, fresh);
            if (!lease) return lease.error();
            if (auto admitted = control.check(endpoint_, (*lease)->identity, (*lease)->may_move); !admitted)
                return admitted.error();
            auto begun = begin(**lease, control);
            // The server may have hung up on a connection that lay idle. Nothing was asked yet, so it is
            // asked anew.
            if (!begun && lease->reused() && !control.stopped() && control.left() > milliseconds(0)) {
                lease->hung_up();
                continue;
            }
            auto end = begun ? run(*lease, {sql, sink, control, judge}, *std::move(begun)) : begun;
            if (!end && is_silence(end.error())) lease->unanswered(end.error());
            return end;
        }
    }

  private:
    using Pool = ConnectionPool<Session>;

    struct Asked {
        std::string_view sql;
        RowSink& sink;
        const Control& control;
        const PlanJudge& judge;
    };

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
            if (limit != session.time_limit) session.execute(session_statement(session.dialect, limit));
            session.time_limit = limit;
            session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
            const auto state = session.table(session_check(session.dialect));
            if (text_at(state, 0, 1) != session_state_expected)
                return unavailable(
                    name_of_source(endpoint_.env, endpoint_.kind) +
                        ": the session is not the read-only one that was set up: expected " +
                        session_state_expected + ", got " + printable(text_at(state, 0, 1)),
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

    Result<QueryEnd> run(Pool::Lease& lease, const Asked& asked, QueryEnd end) {
        Killer killer(endpoint_, lease->number, lease->identity, asked.control.stop);
        auto out = read(lease, asked, std::move(end), killer);
        const bool abandoned = !out && is_silence(out.error());
        if (abandoned)
            killer.abandoned();
        else
            killer.answered();
        if (const auto line = killer.told(); !line.empty() && asked.control.tell) asked.control.tell(line);
        if (abandoned && asked.control.stopped()) return cancelled_error();
        // Nothing came until the client's own timeout: the connector calls that a lost connection.
        if (abandoned && asked.control.left() == milliseconds(0))
            return silent_error(endpoint_, "the statement");
        return out;
    }

    Result<QueryEnd> read(Pool::Lease& lease, const Asked& asked, QueryEnd end, Killer& killer) {
        auto& session = *lease;
        const auto& control = asked.control;
        try {
            if (asked.judge)
                if (auto judged = judge_plan(session, asked); !judged) {
                    if (is_silence(judged.error())) return judged.error();
                    session.execute("ROLLBACK");
                    lease.keep();
                    return judged.error();
                }
            const std::unique_ptr<sql::Statement> statement(session.connection->createStatement());
            statement->setResultSetType(sql::ResultSet::TYPE_FORWARD_ONLY);
            std::unique_ptr<sql::ResultSet> rows(
                statement->executeQuery(sql::SQLString(asked.sql.data(), asked.sql.size())));
            const auto pumped = pump(*rows, asked.sink, control, end);
            // Letting go of the rows reads what is left of them, which takes seconds unless the server stops
            // sending.
            if (!pumped || !end.complete) killer.start(why_ended(pumped));
            rows.reset();
            killer.answered();
            if (control.stopped()) return cancelled_error();
            if (!pumped) return pumped.error();
            if (!end.complete) return end;
            if (auto whole = check_whole(session); !whole) return whole.error();
            session.execute("ROLLBACK");
            lease.keep();
            return end;
        } catch (const sql::SQLException& error) {
            return statement_error(endpoint_, error.getErrorCode(), error.what(), control.stopped());
        } catch (const std::exception& error) {
            return internal(std::string("reading rows failed: ") + error.what());
        }
    }

    static const char* why_ended(const Result<void>& pumped) {
        if (pumped) return "enough rows were read";
        if (pumped.error().kind == ErrorKind::timed_out) return "its time was over";
        return pumped.error().kind == ErrorKind::cancelled ? "the call was cancelled"
                                                           : "its rows could not be taken";
    }

    Result<void> judge_plan(Session& session, const Asked& asked) {
        auto told = ask(session, endpoint_, explain_statement(session.dialect, asked.sql));
        if (!told && is_silence(told.error())) return told.error();
        if (asked.control.stopped()) return cancelled_error();
        if (!told) return asked.judge(told.error());
        return asked.judge(Plan{std::move(told->columns), std::move(told->rows)});
    }

    /// A value where the connector puts it, as its strings cannot be moved.
    struct Value {
        Value(sql::ResultSet& rows, unsigned index) : text(rows.getString(index)) {}
        sql::SQLString text;
    };

    /// Hands over row after row. `end.complete` says whether the connector saw the last one.
    Result<void> pump(sql::ResultSet& rows, RowSink& sink, const Control& control, QueryEnd& end) {
        const auto columns = columns_of(rows);
        if (auto taken = sink.columns(columns); !taken) return taken.error();
        std::vector<std::optional<Value>> values(columns.size());
        std::vector<Cell> cells(columns.size());
        while (rows.next()) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const auto& text = values[i].emplace(rows, static_cast<unsigned>(i + 1)).text.asStdString();
                cells[i] = {text.empty() && rows.wasNull(), text};
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

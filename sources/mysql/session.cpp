#include "sources/mysql/session.h"

#include "base/text.h"
#include "sources/mysql/server_error.h"

namespace casefile::sources::mysql {
namespace {

constexpr seconds connect_time_max{10};

int whole_seconds(milliseconds time) {
    return static_cast<int>(std::max<std::int64_t>(1, std::chrono::ceil<seconds>(time).count()));
}

}  // namespace

sql::Driver& driver() {
    static sql::Driver& one = *get_driver_instance();
    return one;
}
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
void Session::execute(const std::string& text) {
    const std::unique_ptr<sql::Statement> statement(connection->createStatement());
    statement->execute(text);
}

probe::Table Session::table(const std::string& text) {
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

std::string text_at(const probe::Table& table, std::size_t row, std::size_t column) {
    if (row >= table.rows.size() || column >= table.rows[row].size()) return {};
    return table.rows[row][column].value_or("");
}
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
        session->dialect = dialect_of(text_at(greeting, 0, 0));
        session->number = text_at(greeting, 0, 1);
        session->read_timeout = seconds(whole_seconds(left + read_timeout_margin));
        session->time_limit = server_time_limit(left);
        session->sent.push_back(session_statement(session->dialect, session->time_limit));
        session->execute(session->sent.back());
        if (control.admit) {
            auto identity = probe::ask_mysql_identity(
                [&](const std::string& text) { return ask(*session, endpoint, text); });
            if (!identity) return identity.error();
            session->identity = std::move(identity->identity);
            session->may_move = std::move(identity->may_move);
        }
        return session;
    } catch (const sql::SQLException& error) {
        return connect_error(endpoint, error.getErrorCode(), error.what());
    } catch (const std::exception& error) {
        return internal(std::string("the MySQL connector failed: ") + error.what());
    }
}

}  // namespace casefile::sources::mysql

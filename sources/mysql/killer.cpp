#include "sources/mysql/killer.h"

#include <array>

#include "base/text.h"
#include "sources/mysql/session.h"

namespace casefile::sources::mysql {
namespace {

constexpr milliseconds connect_time_max{2'000};
constexpr milliseconds between_kills{50};
constexpr int kills_max = 600;
/// So long the server may take to end a statement that nobody waits for any more.
constexpr int kills_of_abandoned_max = 60;
constexpr int no_such_thread = 1094;

/// What tells one server from another; the names are those of Fingerprint::identity.
constexpr const char* who_statement = "SELECT @@hostname, @@port, @@datadir, @@server_id";
constexpr std::array who_names = {"hostname", "port", "datadir", "server_id"};

class Line {
  public:
    explicit Line(sql::Connection& connection) : statement_(connection.createStatement()) {}
    void execute(const std::string& text) { statement_->execute(text); }
    std::vector<std::string> first_row(const std::string& text) {
        const std::unique_ptr<sql::ResultSet> rows(statement_->executeQuery(text));
        std::vector<std::string> out;
        if (rows->next())
            for (unsigned i = 1; i <= rows->getMetaData()->getColumnCount(); ++i)
                out.push_back(rows->getString(i).asStdString());
        return out;
    }

  private:
    std::unique_ptr<sql::Statement> statement_;
};

bool is_same_server(Line& line, const json::object& identity) {
    if (identity.empty()) return true;  // nobody asked who it was
    const auto now = line.first_row(who_statement);
    for (std::size_t i = 0; i < who_names.size(); ++i)
        if (i >= now.size() || string_or(identity, who_names[i]) != now[i]) return false;
    return true;
}

}  // namespace

Killer::Killer(const Endpoint& endpoint, std::string number, const json::object& identity,
               const std::stop_token& stop)
    : endpoint_(endpoint), number_(std::move(number)), identity_(identity) {
    on_stop_.emplace(stop, [this] { start("the call was cancelled"); });
}

Killer::~Killer() {
    answered();
    if (thread_.joinable()) thread_.join();
}

void Killer::start(const char* why) noexcept {
    const char* nothing = nullptr;
    if (!why_.compare_exchange_strong(nothing, why)) return;
    {
        const std::lock_guard lock(mutex_);
        begun_ = std::chrono::steady_clock::now();
    }
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
        run();
    }
}

void Killer::answered() {
    on_stop_.reset();
    const std::lock_guard lock(mutex_);
    if (answered_ || abandoned_) return;
    answered_ = true;
    took_ = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun_);
    changed_.notify_all();
}

void Killer::abandoned() {
    on_stop_.reset();
    {
        const std::lock_guard lock(mutex_);
        if (answered_) return;
        abandoned_ = true;
        changed_.notify_all();
    }
    start("nothing came from the server");
    if (thread_.joinable()) thread_.join();
}

std::string Killer::told() const {
    const auto* why = why_.load();
    if (why == nullptr) return {};
    const std::lock_guard lock(mutex_);
    const auto kill = kill_statement() + " because " + why + ": ";
    if (!failure_.empty())
        return kill + "not sent, " + failure_ + "; the server's own time limit has to end the statement";
    if (!sent_ && !gone_) return kill + "not needed, the statement had ended";
    if (answered_)
        return kill + "worked, the statement ended within " + std::to_string(took_.count()) + " ms";
    if (gone_) return kill + "worked, the server's process list does not show its connection any more";
    return kill + "did not work, the server still has the connection; its administrator can end " + number_;
}

/// Of an abandoned statement the connection goes too: what the server has not read of it yet would begin
/// after a KILL QUERY that found nothing to end.
std::string Killer::kill_statement() const { return (abandoned_ ? "KILL " : "KILL QUERY ") + number_; }

void Killer::run() noexcept {
    try {
        driver().threadInit();
        auto options = options_of(endpoint_, connect_time_max);
        const std::unique_ptr<sql::Connection> connection(driver().connect(options));
        kill_until_it_ended(*connection);
    } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        if (!sent_) failure_ = shorten(printable(error.what()), 200);
    }
    driver().threadEnd();
}

void Killer::kill_until_it_ended(sql::Connection& connection) {
    Line line(connection);
    const bool same = is_same_server(line, identity_);
    std::unique_lock lock(mutex_);
    if (!same) {
        failure_ = "another server answers behind " + endpoint_.address();
        return;
    }
    int of_abandoned = 0;
    for (int times = 0; times < kills_max && of_abandoned < kills_of_abandoned_max && !answered_; ++times) {
        try {
            line.execute(kill_statement());
            sent_ = true;
        } catch (const sql::SQLException& error) {
            if (error.getErrorCode() != no_such_thread) throw;
            gone_ = true;
        }
        if (abandoned_) {
            ++of_abandoned;
            gone_ =
                gone_ || line.first_row("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = " +
                                        number_) == std::vector<std::string>{"0"};
        }
        if (gone_) return;
        changed_.wait_for(lock, between_kills, [this] { return answered_; });
    }
}

}  // namespace casefile::sources::mysql

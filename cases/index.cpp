#include "cases/index.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cases/signature.h"
#include "cases/told.h"

namespace casefile::cases {
namespace {

constexpr int schema_version = 2;
constexpr int busy_milliseconds = 2'000;
constexpr std::size_t text_bytes_max = 262'144;
constexpr std::size_t search_words_max = 16;
constexpr std::size_t text_shown_max = 300;

constexpr const char* schema = R"sql(
    CREATE TABLE cases (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL, topic TEXT NOT NULL,
        status TEXT NOT NULL, severity TEXT NOT NULL, opened_at TEXT NOT NULL, changed_at TEXT NOT NULL,
        runs INTEGER NOT NULL, journal_bytes INTEGER NOT NULL,
        signature TEXT NOT NULL, cause TEXT NOT NULL, fix TEXT NOT NULL);
    CREATE INDEX signatures ON cases (signature);
    CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61');
)sql";

/// What SQLite said no to. Stays within this file.
struct SqliteFailure {
    int code;
};

void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) throw SqliteFailure{code & 0xFF};
}

class Statement {
  public:
    Statement(sqlite3* database, const char* sql) {
        check(sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr));
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int place, const std::string& text) {
        check(sqlite3_bind_text(statement_, place, text.data(), static_cast<int>(text.size()),
                                SQLITE_TRANSIENT));
        return *this;
    }
    Statement& bind(int place, std::int64_t number) {
        check(sqlite3_bind_int64(statement_, place, number));
        return *this;
    }
    bool step() {
        const int code = sqlite3_step(statement_);
        check(code);
        return code == SQLITE_ROW;
    }
    std::string text(int column) {
        const auto* bytes = sqlite3_column_text(statement_, column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), size);
    }
    std::int64_t number(int column) { return sqlite3_column_int64(statement_, column); }
    double real(int column) { return sqlite3_column_double(statement_, column); }

  private:
    sqlite3_stmt* statement_ = nullptr;
};

void remove_files(const std::filesystem::path& file) {
    for (const auto* ending : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        std::filesystem::remove(file.string() + ending, ignored);
    }
}

/// Everything that a search should find, the thoughts before the runs, so that the limit cuts the least
/// telling.
std::string text_of(const CaseState& state) {
    std::string text = state.id;
    const auto add = [&](const std::string& more) {
        if (text.size() < text_bytes_max) text += "\n" + shorten(more, text_bytes_max - text.size());
    };
    auto fields = write_fields(state.fields);
    for (const auto& pair : fields)
        add(pair.value().is_string() ? std::string(pair.value().get_string()) : canonical(pair.value()));
    for (auto entry = state.entries.rbegin(); entry != state.entries.rend(); ++entry)
        add(entry->key + " " + entry->text);
    for (auto run = state.runs.rbegin(); run != state.runs.rend() && text.size() < text_bytes_max; ++run)
        add(run->run_id + " " + run->task + " " + run->summary);
    return text;
}

/// What helped: of the pattern that was learned, or of the newest fix.
std::string fix_of(const CaseState& state) {
    for (const auto& pattern : newest_of(state, "pattern"))
        if (const auto fix = member_of(pattern, "fix"); !fix.empty()) return shorten(fix, text_shown_max);
    const auto fixes = newest_of(state, "fix");
    return fixes.empty() ? "" : shorten(fixes.back().text, text_shown_max);
}

CaseSummary summary_at(Statement& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.number(6)};
}

}  // namespace

/// One open connection. Throws SqliteFailure.
class Index::Database {
  public:
    /// ":memory:" opens one that lives as long as the object.
    explicit Database(const std::string& file) {
        try {
            if (file != ":memory:") make_private(file);
            check(sqlite3_open_v2(file.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                  nullptr));
            check(sqlite3_busy_timeout(connection_, busy_milliseconds));
            // Refused while another process does the same, which then has done it for us.
            sqlite3_exec(connection_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
            run("PRAGMA synchronous = NORMAL");
            make_schema();
        } catch (const SqliteFailure&) {
            sqlite3_close(connection_);
            throw;
        }
    }
    ~Database() { sqlite3_close(connection_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// False once somebody deleted or replaced the file under us.
    bool is_at(const std::filesystem::path& file) const {
        struct stat info {};
        return ::stat(file.c_str(), &info) == 0 && info.st_ino == inode_;
    }

    std::map<std::string, std::uint64_t> known() {
        std::map<std::string, std::uint64_t> sizes;
        Statement rows(connection_, "SELECT id, journal_bytes FROM cases");
        while (rows.step()) sizes.emplace(rows.text(0), static_cast<std::uint64_t>(rows.number(1)));
        return sizes;
    }

    void put(const CaseState& state, std::uint64_t journal_bytes) {
        in_transaction([&] {
            Statement upsert(
                connection_,
                "INSERT INTO cases (id, principal, topic, status, severity, opened_at, changed_at, runs, "
                "journal_bytes, signature, cause, fix) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                "?12) ON CONFLICT (id) DO UPDATE SET principal = ?2, topic = ?3, status = ?4, severity = ?5, "
                "opened_at = ?6, changed_at = ?7, runs = ?8, journal_bytes = ?9, signature = ?10, cause = "
                "?11, fix = ?12 RETURNING place");
            upsert.bind(1, state.id).bind(2, state.principal).bind(3, state.topic()).bind(4, state.status());
            upsert.bind(5, state.fields.severity.value_or(""))
                .bind(6, state.opened_at)
                .bind(7, state.changed_at);
            upsert.bind(8, static_cast<std::int64_t>(state.runs.size()));
            upsert.bind(9, static_cast<std::int64_t>(journal_bytes));
            upsert.bind(10, signature_of(state))
                .bind(11, shorten(state.fields.root_cause.value_or(""), text_shown_max))
                .bind(12, fix_of(state));
            upsert.step();
            const auto place = upsert.number(0);
            while (upsert.step()) {
            }
            Statement(connection_, "DELETE FROM words WHERE rowid = ?1").bind(1, place).step();
            Statement(connection_, "INSERT INTO words (rowid, text) VALUES (?1, ?2)")
                .bind(1, place)
                .bind(2, text_of(state))
                .step();
        });
    }

    void drop(const std::string& id) {
        in_transaction([&] {
            Statement(connection_, "DELETE FROM words WHERE rowid IN (SELECT place FROM cases WHERE id = ?1)")
                .bind(1, id)
                .step();
            Statement(connection_, "DELETE FROM cases WHERE id = ?1").bind(1, id).step();
        });
    }

    std::vector<CaseSummary> list(const std::string& principal, const std::string& query,
                                  std::size_t rows_max) {
        Statement rows(connection_,
                       query.empty()
                           ? "SELECT id, topic, status, severity, opened_at, changed_at, runs FROM cases "
                             "WHERE (?1 = '' OR principal = ?1) ORDER BY opened_at DESC, id DESC LIMIT ?2"
                           : "SELECT id, topic, status, severity, opened_at, changed_at, runs FROM words "
                             "JOIN cases ON cases.place = words.rowid WHERE words MATCH ?3 AND "
                             "(?1 = '' OR principal = ?1) ORDER BY opened_at DESC, id DESC LIMIT ?2");
        rows.bind(1, principal).bind(2, static_cast<std::int64_t>(rows_max));
        if (!query.empty()) rows.bind(3, query);
        std::vector<CaseSummary> found;
        while (rows.step()) found.push_back(summary_at(rows));
        return found;
    }

    std::vector<SimilarCase> ranked(const std::string& principal, const std::string& signature,
                                    const std::vector<std::string>& words, std::size_t rows_max) {
        std::vector<SimilarCase> found;
        std::string query;
        for (const auto& word : words) query += (query.empty() ? "\"" : " OR \"") + word + "\"";
        if (query.empty()) return found;
        Statement rows(connection_,
                       "SELECT id, topic, status, -bm25(words), signature, cause, fix, text FROM words JOIN "
                       "cases ON cases.place = words.rowid WHERE words MATCH ?1 AND (?2 = '' OR principal = "
                       "?2) ORDER BY signature = ?3 DESC, bm25(words) LIMIT ?4");
        rows.bind(1, query).bind(2, principal).bind(3, signature);
        rows.bind(4, static_cast<std::int64_t>(rows_max));
        while (rows.step()) {
            SimilarCase one{rows.text(0), rows.text(1), rows.text(2), rows.real(3)};
            one.same_signature = rows.text(4) == signature;
            one.cause = rows.text(5);
            one.fix = rows.text(6);
            const auto text = lower(rows.text(7));
            for (const auto& word : words)
                if (text.find(word) != std::string::npos) one.shared.push_back(word);
            found.push_back(std::move(one));
        }
        return found;
    }

    std::vector<RecurringSignature> recurring(const std::string& principal, std::size_t times_min) {
        Statement rows(connection_,
                       "SELECT signature, group_concat(id, ' ') FROM (SELECT signature, id FROM cases WHERE "
                       "signature <> '' AND (?1 = '' OR principal = ?1) ORDER BY opened_at DESC) GROUP BY "
                       "signature HAVING COUNT(*) >= ?2 ORDER BY COUNT(*) DESC, signature");
        rows.bind(1, principal).bind(2, static_cast<std::int64_t>(times_min));
        std::vector<RecurringSignature> found;
        while (rows.step()) found.push_back({rows.text(0), split(rows.text(1), ' ')});
        return found;
    }

  private:
    /// SQLite gives its side files the mode of the main one. Never opens a file that is there: closing it
    /// would drop the locks that other connections of this process hold on it.
    void make_private(const std::string& file) {
        const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (made >= 0) ::close(made);
        struct stat info {};
        if (::stat(file.c_str(), &info) == 0) inode_ = info.st_ino;
    }

    void run(const char* sql) { check(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr)); }

    template <class Work>
    void in_transaction(const Work& work) {
        run("BEGIN IMMEDIATE");
        try {
            work();
            run("COMMIT");
        } catch (const SqliteFailure&) {
            sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
            throw;
        }
    }

    std::int64_t version() {
        Statement row(connection_, "PRAGMA user_version");
        return row.step() ? row.number(0) : 0;
    }

    /// Under the write lock, so that of two processes that start at once, one makes it and the other finds
    /// it.
    void make_schema() {
        if (version() == schema_version) return;
        in_transaction([&] {
            if (version() == schema_version) return;
            run("DROP TABLE IF EXISTS cases; DROP TABLE IF EXISTS words");
            run(schema);
            run(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
        });
    }

    sqlite3* connection_ = nullptr;
    ino_t inode_ = 0;
};

Index::Index(std::filesystem::path file) : file_(std::move(file)) {}
Index::~Index() = default;

/// False when the work was not done; the next attempt may find an empty index.
template <class Work>
bool Index::with_database(const Work& work) {
    const std::lock_guard lock(mutex_);
    if (!in_memory_ && database_ && !database_->is_at(file_)) database_.reset();
    try {
        if (!database_) database_ = std::make_unique<Database>(in_memory_ ? ":memory:" : file_.string());
        work(*database_);
        return true;
    } catch (const SqliteFailure& failure) {
        give_up_on_database(failure.code);
        return false;
    }
}

void Index::give_up_on_database(int code) {
    // Another process holds the lock for long. What is not put in now is put in by the next list.
    if (code == SQLITE_BUSY) return;
    database_.reset();
    const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
    if (damaged && !made_anew_) {
        remove_files(file_);
        made_anew_ = true;
    } else {
        in_memory_ = true;
    }
}

std::map<std::string, std::uint64_t> Index::known() {
    std::map<std::string, std::uint64_t> sizes;
    with_database([&](Database& database) { sizes = database.known(); });
    return sizes;
}

void Index::put(const CaseState& state, std::uint64_t journal_bytes) {
    with_database([&](Database& database) { database.put(state, journal_bytes); });
}

void Index::drop(const std::string& id) {
    with_database([&](Database& database) { database.drop(id); });
}

std::optional<std::vector<CaseSummary>> Index::list(const std::string& principal, const std::string& search,
                                                    std::size_t rows_max) {
    std::vector<CaseSummary> found;
    const auto query = search_query(search);
    if (query.empty() && !trim(search).empty()) return found;
    if (!with_database([&](Database& database) { found = database.list(principal, query, rows_max); }))
        return std::nullopt;
    return found;
}

std::optional<std::vector<SimilarCase>> Index::ranked(const std::string& principal,
                                                      const std::string& signature,
                                                      const std::vector<std::string>& words,
                                                      std::size_t rows_max) {
    std::vector<SimilarCase> found;
    const bool done = with_database(
        [&](Database& database) { found = database.ranked(principal, signature, words, rows_max); });
    return done ? std::optional(std::move(found)) : std::nullopt;
}

std::optional<std::vector<RecurringSignature>> Index::recurring(const std::string& principal,
                                                                std::size_t times_min) {
    std::vector<RecurringSignature> found;
    if (!with_database([&](Database& database) { found = database.recurring(principal, times_min); }))
        return std::nullopt;
    return found;
}

std::string search_query(const std::string& search) {
    std::string query;
    std::string word;
    std::size_t words = 0;
    const auto finish = [&] {
        if (!word.empty() && words < search_words_max) {
            query += (query.empty() ? "\"" : " \"") + word + "\"*";
            ++words;
        }
        word.clear();
    };
    for (const char c : search) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            (static_cast<unsigned char>(c) & 0x80) != 0;
        if (letter)
            word += c;
        else
            finish();
    }
    finish();
    return query;
}

}  // namespace casefile::cases

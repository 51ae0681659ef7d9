#pragma once
// One prepared statement of SQLite, its errors and its files. For the index alone.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

namespace casefile::cases {

/// What SQLite said no to. Stays within the index.
struct SqliteFailure {
    int code;
};

inline void check(int code) {
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
    /// For one that gives no rows, and is carried out again with other values.
    void done() {
        step();
        check(sqlite3_reset(statement_));
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

inline void remove_files(const std::filesystem::path& file) {
    for (const auto* ending : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        std::filesystem::remove(file.string() + ending, ignored);
    }
}

}  // namespace casefile::cases

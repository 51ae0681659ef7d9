#include "cases/index.h"

#include "base/text.h"
#include "cases/index_database.h"

namespace casefile::cases {

Index::Index(std::filesystem::path file) : file_(std::move(file)) {}
Index::~Index() = default;

/// False when the work was not done; the next attempt may find an empty index.
template <class Work>
bool Index::with_database(const Work& work) {
    const std::lock_guard lock(mutex_);
    if (!in_memory_ && database_ && !database_->is_at(file_)) database_.reset();
    try {
        if (!database_) database_ = std::make_unique<IndexDatabase>(in_memory_ ? ":memory:" : file_.string());
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
    with_database([&](IndexDatabase& database) { sizes = database.known(); });
    return sizes;
}

void Index::put(const CaseState& state, std::uint64_t journal_bytes, const std::filesystem::path& folder,
                const HashAt& hash_at) {
    with_database([&](IndexDatabase& database) { database.put(state, journal_bytes, folder, hash_at); });
}

std::string Index::dump() {
    std::string text;
    with_database([&](IndexDatabase& database) { text = database.dump(); });
    return text;
}

bool Index::make_anew() {
    const auto empty = [](IndexDatabase& database) { database.empty(); };
    // A damaged file is gone after the first attempt.
    return (with_database(empty) || with_database(empty)) && is_kept();
}

bool Index::is_kept() {
    const std::lock_guard lock(mutex_);
    return !in_memory_;
}

void Index::drop(const std::string& id) {
    with_database([&](IndexDatabase& database) { database.drop(id); });
}

std::optional<std::vector<CaseSummary>> Index::list(const std::string& principal, const std::string& search,
                                                    std::size_t rows_max) {
    std::vector<CaseSummary> found;
    const auto words = search_words(search);
    if (words.empty() && !trim(search).empty()) return found;
    if (!with_database([&](IndexDatabase& database) { found = database.list(principal, words, rows_max); }))
        return std::nullopt;
    return found;
}

std::optional<std::vector<SimilarCase>> Index::ranked(const std::string& principal,
                                                      const std::string& signature,
                                                      const std::vector<std::string>& words,
                                                      std::size_t rows_max) {
    std::vector<SimilarCase> found;
    const bool done = with_database(
        [&](IndexDatabase& database) { found = database.ranked(principal, signature, words, rows_max); });
    return done ? std::optional(std::move(found)) : std::nullopt;
}

std::optional<std::vector<RecurringSignature>> Index::recurring(const std::string& principal,
                                                                std::size_t times_min) {
    std::vector<RecurringSignature> found;
    if (!with_database([&](IndexDatabase& database) { found = database.recurring(principal, times_min); }))
        return std::nullopt;
    return found;
}

}  // namespace casefile::cases

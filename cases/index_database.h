#pragma once
// One open connection to the file of the index: its tables and what is asked of them. Only index.cpp uses it,
// under its lock. Each call throws SqliteFailure.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cases/index.h"
#include "cases/sqlite_statement.h"

namespace casefile::cases {

class IndexDatabase {
  public:
    /// ":memory:" opens one that lives as long as the object.
    explicit IndexDatabase(const std::string& file);
    ~IndexDatabase();
    IndexDatabase(const IndexDatabase&) = delete;
    IndexDatabase& operator=(const IndexDatabase&) = delete;

    /// False once somebody deleted or replaced the file under us.
    bool is_at(const std::filesystem::path& file) const;

    std::map<std::string, std::uint64_t> known();
    void put(const CaseState& state, std::uint64_t journal_bytes, const std::filesystem::path& folder,
             const HashAt& hash_at);
    void drop(const std::string& id);
    void empty();
    std::vector<CaseSummary> list(const std::string& principal, const std::vector<std::string>& words,
                                  std::size_t rows_max);
    std::vector<SimilarCase> ranked(const std::string& principal, const std::string& signature,
                                    const std::vector<std::string>& words, std::size_t rows_max);
    std::vector<RecurringSignature> recurring(const std::string& principal, std::size_t times_min);
    std::string dump();

  private:
    /// What was put in last of a case: a call with more of the same case goes on from there.
    struct LastPut {
        std::uint64_t count = 0;  ///< records that it was made from
        std::string head;         ///< hash of the last of them
        SettledTexts settled;
        std::set<std::string> unsettled;  ///< keys of the units that may still change
    };

    void make_private(const std::string& file);
    void run(const char* sql);
    template <class Work>
    void in_transaction(const Work& work);
    /// Nothing where the whole has to be compared: `state` is older than what was put in, its journal no
    /// longer continues that, or a program of another version put in something else since.
    std::optional<LastPut> last_put(const CaseState& state, const HashAt& hash_at);
    void keep_put(std::int64_t place, const LastPut& put);
    std::int64_t put_case(const CaseState& state, std::uint64_t journal_bytes);
    void put_texts(std::int64_t place, const IndexUnit& unit);
    std::set<std::string> units_at(std::int64_t place);
    void drop_texts(std::int64_t place, const std::string& unit);
    std::vector<std::string> hits(std::int64_t place, const std::vector<std::string>& words);
    std::int64_t version();
    void make_schema();
    void make_tables();

    sqlite3* connection_ = nullptr;
    ino_t inode_ = 0;
};

}  // namespace casefile::cases

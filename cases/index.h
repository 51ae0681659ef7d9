#pragma once
// The index of a home's cases, for lists and search: <home>/index.sqlite. It can be deleted at any time; what
// it holds is made again from the journals. index_database.cpp alone speaks to SQLite.

#include <functional>
#include <memory>
#include <mutex>

#include "cases/casebook.h"
#include "cases/index_texts.h"

namespace casefile::cases {

class IndexDatabase;
using HashAt = std::function<std::string(std::uint64_t n)>;

/// Safe to use from any thread, and by several processes on one file. A damaged file is made anew; where none
/// can be used, an index in memory takes its place. Either begins empty, and its user fills it from the
/// journals.
class Index {
  public:
    explicit Index(std::filesystem::path file);
    ~Index();

    /// Case id to the size of the journal when it was put in. Opens the file, or makes it anew when it is
    /// missing, damaged or of another version.
    std::map<std::string, std::uint64_t> known();
    /// Reads those texts that are not in yet, and takes out those that are gone. `folder` is that of the
    /// case, and `hash_at` gives the hash of a record of its journal, empty where it has none.
    void put(const CaseState& state, std::uint64_t journal_bytes, const std::filesystem::path& folder,
             const HashAt& hash_at);
    void drop(const std::string& id);
    /// Throws everything out, in one step for other processes too; whoever asks next puts it in again. False
    /// when the file cannot be written.
    bool make_anew();
    /// False when it is one in memory, which ends with the process.
    bool is_kept();
    /// All that it holds, as text that two indexes of the same content share.
    std::string dump();
    /// Nothing when the index was lost on the way and has to be filled again; so do the next two. Newest
    /// first. An empty
    /// `principal` sees all. Every word of `search` has to occur in the case, or begin a word that does.
    std::optional<std::vector<CaseSummary>> list(const std::string& principal, const std::string& search,
                                                 std::size_t rows_max);
    /// Cases that have the signature or any of `words`, best first; scores are those of BM25, made positive.
    std::optional<std::vector<SimilarCase>> ranked(const std::string& principal, const std::string& signature,
                                                   const std::vector<std::string>& words,
                                                   std::size_t rows_max);
    std::optional<std::vector<RecurringSignature>> recurring(const std::string& principal,
                                                             std::size_t times_min);

  private:
    template <class Work>
    bool with_database(const Work& work);
    void give_up_on_database(int code);

    std::filesystem::path file_;
    std::mutex mutex_;
    std::unique_ptr<IndexDatabase> database_;
    bool made_anew_ = false, in_memory_ = false;
};

/// The words of a user's search, each as an FTS5 query that is that word or begins so; none when there are
/// none.
std::vector<std::string> search_words(const std::string& search);

}  // namespace casefile::cases

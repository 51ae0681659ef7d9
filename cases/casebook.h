#pragma once
// Opens, finds and changes cases. Imported ones ("INC-…-001@1a2b3c4d") are found by the owner of the home
// alone, and every change of them is denied. A case belongs to its opener: to any other principal it does not
// exist. Safe to use from any worker, and by several processes on one home: each call first reads what the
// others added.

#include <set>

#include "cases/case.h"
#include "evidence/attachments.h"
#include "evidence/store.h"
#include "evidence/verify.h"

namespace casefile::cases {

struct DraftFile {
    std::filesystem::path path;
    std::string text;  ///< as it now stands in the file
};

struct CaseSummary {
    std::string id, topic, status, severity, opened_at, changed_at;
    std::int64_t runs = 0;
    bool external = false;  ///< imported: signed elsewhere, read-only here
    std::vector<std::string> hits =
        {};  ///< of a search: "finding 20261122_140203_1a2b3c4d: a tombstone was …"
};

/// A document that was filed with a case.
struct Attached {
    std::string name;  ///< what tools call it
    std::string path;  ///< relative to the case
    std::string sha256;
    std::int64_t bytes = 0;
    std::uint64_t record = 0;
};

/// A case that is there, and whose journal does not hold or cannot be read.
struct UnreadCase {
    std::string id;
    Error why;
};

struct Reindexed {
    std::size_t cases = 0;
    std::vector<UnreadCase> unread;  ///< and so not in it
};

/// An earlier case that looks like one at hand.
struct SimilarCase {
    std::string id, topic, status;
    double score = 0;  ///< greater is nearer; the same signature counts most
    bool same_signature = false;
    std::vector<std::string> shared;  ///< words that both have
    std::string cause, fix;           ///< what the earlier one found, when it tells
};

/// An error that came in several cases.
struct RecurringSignature {
    std::string signature;
    std::vector<std::string> cases;  ///< newest first
};

/// What others may want to hear of: a case has more records than before.
struct Growth {
    std::string case_id;
    std::set<std::string> principals;   ///< who may see the case
    bool list_changed = false;          ///< it is new, or has a draft or a document more
    std::set<std::string> drafts = {};  ///< kinds of which it has a newer draft
};

class Index;

class Casebook {
  public:
    explicit Casebook(evidence::Store& store);
    ~Casebook();

    Result<CaseState> open(const CaseFields& fields, const std::string& principal);
    Result<CaseState> find(const std::string& id, const std::string& principal);
    /// The same without runs, entries, drafts and attachments: what a data call needs, at a price that does
    /// not grow with the case.
    Result<CaseState> glance(const std::string& id, const std::string& principal);
    /// Refuses a status that cannot follow the present one.
    Result<CaseState> update(const std::string& id, const CaseFields& changes, const std::string& principal);
    Result<Entry> write(const std::string& id, Entry entry, const std::string& principal);
    Result<Grant> give(const std::string& id, Grant grant, const std::string& principal);
    /// The newest grant of the case for this environment and principal whose record verifies; expired ones
    /// too, so that the gate can say when it ended.
    Result<GrantPtr> grant(const std::string& id, const std::string& env, const std::string& principal);
    /// Files a draft as drafts/<kind>.<ending> and records it. What a person wrote into an earlier one is
    /// kept, and part of the text that this gives.
    Result<DraftFile> file_draft(const std::string& id, const std::string& kind, const std::string& text,
                                 const std::string& principal, const std::string& ending = "md");
    /// Files a document. Without a name in `label` one is made of the original name. Errors: limit_reached
    /// above evidence::attachment_bytes_max, invalid_argument for a name that is taken.
    Result<Attached> attach(const std::string& id, evidence::AttachmentLabel label,
                            const evidence::ByteSource& bytes, const std::string& principal);
    /// A document of the case by its name. not_found names those that there are.
    Result<Descriptor> open_attachment(const CaseState& state, const std::string& name) const;
    /// Fingerprint of the key that signs the case.
    std::string key_of(const CaseState& state) const;
    /// Other cases that this principal may see, nearest first: by the signature of the error, and by words
    /// (BM25).
    Result<std::vector<SimilarCase>> similar(const CaseState& state, const std::string& principal,
                                             std::size_t rows_max);
    /// Signatures that at least `times_min` cases share, most frequent first.
    Result<std::vector<RecurringSignature>> recurring(const std::string& principal, std::size_t times_min);
    /// Newest first; `search` by words over fields, entries, scripts without their literals, logs, heads of
    /// outputs and documents (SQLite FTS5 index, rebuilt when missing or older). `unread` gets those that may
    /// be seen and whose journal had to be read again and could not: of these the list has what the index
    /// still knows, or nothing.
    Result<std::vector<CaseSummary>> list(const std::string& principal, const std::string& search,
                                          std::size_t rows_max, std::vector<UnreadCase>* unread = nullptr);

    /// Throws the index away and makes it again from the journals. unavailable where it cannot be written.
    Result<Reindexed> reindex();
    /// All that the index holds, as text: two indexes of one home that hold the same give the same.
    std::string dump_index();

    /// Brings case.json, the inspect log and the index up to the journal. Called after every change. At most
    /// once a second per case unless `now` says so: a busy case is not rewritten for each of its calls.
    Result<void> refresh(const std::string& id, bool now);
    /// The same after a run, at most once a second, while the caller goes on.
    void refresh_soon(const std::string& id);

    /// Calls `hear` after each change that this process makes, from any thread; it must not call back. Set it
    /// once, before the first change.
    void on_growth(std::function<void(const Growth&)> hear);

    /// From when this returns, look() knows what the case had before. False where there is no such case for
    /// this principal. Reads a record at most.
    bool watch(const std::string& id, const std::string& principal);
    /// Tells as growth what other processes added to these cases since watch() or the last look; with `all`,
    /// to any case, and new ones, since the last look at all. Costs a stat of each journal.
    void look(std::set<std::string> ids, bool all);

    /// Also of a case that no other call can read any more, as it does not hold.
    Result<evidence::Verification> verify(const std::string& id, const std::string& principal);

    evidence::Store& store() { return store_; }

  private:
    class Impl;
    evidence::Store& store_;
    std::unique_ptr<Impl> impl_;
};

/// For evidence::verify_case: case.json and the inspect log hold the count of records they were made from;
/// they must be what those records give. `not_proved`, where given, hears of those that are too old to tell.
std::optional<evidence::Break> check_derived(const std::filesystem::path& folder,
                                             const std::vector<evidence::Record>& records,
                                             std::vector<std::string>* not_proved = nullptr);

}  // namespace casefile::cases

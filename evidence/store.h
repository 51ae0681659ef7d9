#pragma once
// The evidence of one home: <home>/cases/<case>/. The folder tree is the truth; everything else can be made
// again. Safe to use from any worker, and by several processes on one home.

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "base/descriptor.h"
#include "evidence/run.h"
#include "evidence/run_records.h"
#include "evidence/writers.h"

namespace casefile::evidence {

/// Calls that reach no case are filed under this name, with the same chain.
inline constexpr const char* unfiled = "_unfiled";

class Store {
  public:
    /// Makes <home>, <home>/cases (0700) and the key when they are not there. Runs that a process left open
    /// when it ended get a record that says so.
    /// `anchor_file`, where one is wanted, gets every head; `on_anchor_failure` hears when it cannot.
    static Result<std::unique_ptr<Store>> open(std::filesystem::path home, const Clock& clock,
                                               std::filesystem::path anchor_file = {},
                                               std::function<void(const Error&)> on_anchor_failure = {});

    const std::filesystem::path& home() const { return home_; }
    /// Also of an imported case, by the id that shows where it came from.
    std::filesystem::path case_folder(const std::string& case_id) const;
    const SigningKey& key() const { return key_; }
    /// Empty where none is configured.
    const std::filesystem::path& anchor_file() const { return anchors_.path; }
    const Clock& clock() const { return clock_; }

    /// Makes the folder of a new case, INC-<date>-<NNN>, unique also among processes, and appends its first
    /// record of kind opened, whose body gets the member "case". Gives the id.
    Result<std::string> make_case(json::object opened);

    /// Ids of all cases, oldest first, without _unfiled.
    Result<std::vector<std::string>> case_ids() const;

    /// The journal of an existing case, an imported one too, or of _unfiled (made on first use). not_found
    /// for any other name. Nobody may append to that of an imported case.
    Result<Journal*> journal(const std::string& case_id);

    /// denied for an imported case. Makes the run's folder with script and input, and appends the opening
    /// record: when this returns, the fact that the question will be asked is on stable storage.
    Result<Run> begin(const std::string& case_id, Opening opening);

    /// Manifests of the case's runs in sequence. Open runs have none and come as {run_id, seq, tool, task,
    /// open: true}; one whose manifest is not the sealed one comes with the reason in `damaged`.
    Result<std::vector<json::object>> runs(const std::string& case_id);

    /// What the journal tells of one run.
    Result<RunRecords> run(const std::string& case_id, const std::string& run_id);

    /// Cases that others had in hand when they ended, looked through at this start: what is made from their
    /// journals may be behind.
    const std::set<std::string>& left_cases() const { return left_; }

    /// Opens one file named in a sealed run's manifest, never following a link. not_found for any other name.
    Result<Descriptor> open_file(const std::string& case_id, const std::string& run_id,
                                 const std::string& name);

  private:
    void mark_what_was_interrupted(const std::set<std::string>& mended);
    void keep_open(Journal* journal);
    Result<Journal*> imported_journal(const std::string& case_id);
    Result<void> mark(const std::string& case_id, Journal& journal);
    Store(std::filesystem::path home, SigningKey key, const Clock& clock);

    std::filesystem::path home_;
    SigningKey key_;
    const Clock& clock_;
    AnchorFile anchors_;
    std::mutex mutex_;
    std::set<std::string> marked_;
    std::set<std::string> left_;
    Writer writer_;
    std::list<Journal*> open_;  ///< those that keep files open, the last used first
    std::map<std::string, std::unique_ptr<Journal>> journals_;
    Settler settler_;  ///< after the journals, as it ends first
};

}  // namespace casefile::evidence

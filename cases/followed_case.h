#pragma once
// A case in memory, which follows its journal.

#include <atomic>
#include <mutex>

#include "cases/case.h"
#include "cases/grant_proof.h"

namespace casefile::cases {

/// Where an imported case came from. Whoever opened it elsewhere is nobody here: it is its finder's.
struct Import {
    std::string id, key_fingerprint, owner;

    void mark(CaseState& state) const {
        if (state.count == 0) return;
        state.id = id;
        state.imported_key = key_fingerprint;
        state.principal = owner;
    }
};

struct FollowedCase {
    explicit FollowedCase(evidence::Journal& its_journal) : journal(its_journal) {}

    /// Reads what others added. A journal that no longer continues what was read (restored, imported anew) is
    /// read from the start.
    Result<void> follow() {
        bool continues = true;
        const auto take = [&](const evidence::Record& record) {
            continues = continues && (state.count == 0 || record.prev == state.head);
            if (continues) state.apply(record);
        };
        auto done = journal.each_after(state.count, take);
        if (!continues) {
            state = {};
            proofs.clear();
            continues = true;
            done = journal.each_after(0, take);
        }
        if (imported) imported->mark(state);
        return done;
    }

    evidence::Journal& journal;
    std::optional<Import> imported;
    std::mutex mutex;  ///< for state, proofs and told
    CaseState state;
    std::map<std::uint64_t, GrantProof> proofs;
    std::uint64_t told = 0;  ///< how many records those who listen have heard of
    std::size_t told_drafts = 0, told_attachments = 0;

    std::mutex refresh_mutex;  ///< held while the files are rewritten, and for refresh_due
    std::optional<WallTime> refresh_due;
    std::atomic<bool> refresh_owed = false;  ///< the files are behind the journal
};

}  // namespace casefile::cases

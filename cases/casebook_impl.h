#pragma once
// What a casebook keeps in memory: the cases that it follows, and how their files and the index are brought
// up to their journals. For casebook*.cpp alone.

#include <sys/stat.h>

#include <mutex>

#include "base/ids.h"
#include "base/text.h"
#include "cases/casebook.h"
#include "cases/derived.h"
#include "cases/followed_case.h"
#include "cases/index.h"
#include "evidence/head_file.h"
#include "evidence/imported.h"
#include "evidence/settler.h"

namespace casefile::cases {

inline constexpr std::chrono::seconds refresh_pause{1};
/// So much later, one refresh serves all calls that come in a row.
inline constexpr std::chrono::milliseconds refresh_delay{25};
inline constexpr int refresh_share = 25;  ///< at most so small a part of the time goes into rewriting a case
inline constexpr int list_attempts_max = 4;

/// The same words for a case that is not there and for one that belongs to somebody else.
inline Error no_such_case(const std::string& id) {
    return not_found("case: there is no case '" + printable(shorten(id, 40)) + "'",
                     "list your cases with get_case without arguments");
}

inline std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);
    return failure ? 0 : size;
}

/// "local:1000", when 1000 owns the home: that principal sees all of it.
inline std::string owner_of(const std::filesystem::path& home) {
    struct stat info {};
    if (::stat(home.c_str(), &info) != 0) return {};
    return "local:" + std::to_string(info.st_uid);
}

class Casebook::Impl {
  public:
    explicit Impl(evidence::Store& store)
        : store_(store), index_(store.home() / "index.sqlite"), owner_(owner_of(store.home())) {}

    ~Impl() {
        for (const auto& [id, one] : cases_)
            if (one->refresh_owed) (void)refresh(id, true);
    }

    bool sees_all(const std::string& principal) const { return !owner_.empty() && principal == owner_; }

    /// Tells what was not told yet. The home's owner sees every case in it, so hears of every one. Of a case
    /// that was never told, `lists_more` says whether the list has more than before.
    void tell_growth(const std::string& id, FollowedCase& one, bool lists_more) {
        if (!hear_) return;
        Growth growth{.case_id = id, .principals = {}};
        {
            const std::lock_guard lock(one.mutex);
            (void)one.follow();
            const auto& [drafts, attachments] = std::tie(one.state.drafts, one.state.attachments);
            if (one.state.count == one.told) return;
            growth.list_changed = one.told == 0 ? lists_more
                                                : drafts.size() != one.told_drafts ||
                                                      attachments.size() != one.told_attachments;
            // A journal that was restored may have fewer.
            for (auto n = one.told_drafts <= drafts.size() ? one.told_drafts : 0; n < drafts.size(); ++n)
                growth.drafts.insert(string_or(drafts[n], "kind"));
            one.told = one.state.count;
            one.told_drafts = drafts.size();
            one.told_attachments = attachments.size();
            growth.principals.insert(one.state.principal);
        }
        growth.principals.insert(owner_);
        growth.principals.erase("");  // would be everyone
        hear_(growth);
    }

    void tell_list_changed(const std::string& id) {
        if (const auto one = case_of(id)) tell_growth(id, **one, true);
    }

    bool watch(const std::string& id, const std::string& principal) {
        if (!is_case_id(id) && !parse_imported_id(id)) return false;
        const auto journal_bytes = size_of(chain_of(id));
        // A number that was reserved has no records yet.
        if (journal_bytes == 0 || (!sees_all(principal) && !begun_by(id, principal))) return false;
        const std::lock_guard lock(looks_mutex_);
        seen_bytes_.try_emplace(id, journal_bytes);
        return true;
    }

    void look(std::set<std::string> ids, bool all) {
        if (const auto every = all ? every_id() : Result<std::vector<std::string>>())
            ids.insert(every->begin(), every->end());
        std::map<std::string, std::uint64_t> sizes;
        for (const auto& id : ids) sizes.emplace(id, size_of(chain_of(id)));
        std::vector<std::string> grown;
        {
            const std::lock_guard lock(looks_mutex_);
            for (const auto& [id, journal_bytes] : sizes) {
                const auto [known, is_new] = seen_bytes_.try_emplace(id, journal_bytes);
                if (is_new ? all_seen_ : known->second != journal_bytes) grown.push_back(id);
                known->second = journal_bytes;
            }
            all_seen_ = all;
        }
        // Of a case that this process never told, it knows not what its list had: rather once too often.
        for (const auto& id : grown) tell_list_changed(id);
    }

    /// Calls `work` with the case, brought up to its journal, under its lock.
    template <class Work>
    auto with_case(const std::string& id, const std::string& principal, const Work& work)
        -> decltype(work(std::declval<FollowedCase&>())) {
        auto one = case_of(id);
        if (!one) return one.error();
        const std::lock_guard lock((*one)->mutex);
        const auto done = (*one)->follow();
        // Whose case it is comes first: that somebody else's is broken must not be told either.
        if ((*one)->state.principal != principal && !sees_all(principal)) return no_such_case(id);
        if (!done) return done.error();
        if ((*one)->state.count == 0) return no_such_case(id);
        return work(**one);
    }

    /// Whether this principal may verify the case: the key that an imported one belongs to, empty for one of
    /// this home. A case that does not hold is what verifying is for, so that nothing of it has to be read,
    /// unless to see whose it is.
    Result<std::string> imported_key_to_verify(const std::string& id, const std::string& principal) {
        auto one = case_of(id);
        if (!one) return one.error();
        if (!sees_all(principal) && !opened_by(id, **one, principal)) return no_such_case(id);
        return (*one)->imported ? (*one)->imported->key_fingerprint : std::string();
    }

    /// The same with the folder locked as well. The folder's lock comes before the case's own, as in refresh.
    template <class Work>
    auto with_folder_and_case(const std::string& id, const std::string& principal, const Work& work)
        -> decltype(work(std::declval<const FolderLock&>(), std::declval<FollowedCase&>())) {
        const auto theirs = with_case(id, principal, [](FollowedCase&) -> Result<void> { return {}; });
        if (!theirs) return theirs.error();
        const auto folder = FolderLock::take(store_.case_folder(id));
        if (!folder) return folder.error();
        return with_case(id, principal, [&](FollowedCase& one) { return work(*folder, one); });
    }

    Result<void> refresh(const std::string& id, bool now) {
        auto found = case_of(id);
        if (!found) return found.error();
        auto& one = **found;
        one.refresh_owed = true;
        tell_growth(id, one, false);
        std::unique_lock refreshing(one.refresh_mutex, std::defer_lock);
        if (now)
            refreshing.lock();
        else if (!refreshing.try_lock() || (one.refresh_due && store_.clock().now() < *one.refresh_due))
            return {};

        const auto began = std::chrono::steady_clock::now();
        // Before the journal is read: a call that comes later is owed a refresh of its own.
        one.refresh_owed = false;
        auto done = write_derived_and_index(id, one);
        if (!done) one.refresh_owed = true;
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
        one.refresh_due =
            store_.clock().now() + std::max<std::chrono::milliseconds>(refresh_pause, took * refresh_share);
        return done;
    }

    /// The same on a thread of its own: no answer waits for it.
    void refresh_soon(const std::string& id) {
        const auto found = case_of(id);
        if (!found) return;
        (*found)->refresh_owed = true;
        settler_.later(found->get(), refresh_delay, [this, id] { (void)refresh(id, false); });
    }

    /// Reading a case makes up for a refresh that was put off, so that the last call of a burst is not left
    /// out for long.
    void refresh_if_owed(const std::string& id) {
        const auto one = case_of(id);
        if (one && (*one)->refresh_owed) (void)refresh(id, false);
    }

    /// Asks the index, brought up to the journals first; once more when it was lost on the way.
    template <class Ask>
    auto with_index(const std::string& principal, const Ask& ask, std::vector<UnreadCase>* unread = nullptr)
        -> Result<typename decltype(ask(std::declval<Index&>(), principal))::value_type> {
        const auto whose = sees_all(principal) ? std::string() : principal;
        for (int attempt = 0; attempt < list_attempts_max; ++attempt) {
            auto left_out = bring_index_up();
            if (!left_out) return left_out.error();
            auto found = ask(index_, whose);
            if (!found) continue;
            if (unread != nullptr) *unread = those_seen_by(principal, *std::move(left_out));
            return *std::move(found);
        }
        return unavailable("cases: the index is busy", "try again");
    }

    Result<Reindexed> reindex() {
        const auto not_written = [&] {
            return unavailable(
                "index.sqlite: it cannot be written in " + store_.home().string(),
                "restore write access to the home, or end the process that holds the file, and reindex "
                "again; the cases themselves are not touched");
        };
        if (!index_.make_anew()) return not_written();
        auto unread = bring_index_up();
        if (!unread) return unread.error();
        if (!index_.is_kept()) return not_written();
        return Reindexed{index_.known().size(), *std::move(unread)};
    }

    std::string dump_index() { return index_.dump(); }

    evidence::Store& store_;
    std::function<void(const Growth&)> hear_;

  private:
    Result<std::shared_ptr<FollowedCase>> case_of(const std::string& id) {
        const auto imported = parse_imported_id(id);
        if (!is_case_id(id) && !imported) return no_such_case(id);
        const std::lock_guard lock(mutex_);
        auto& one = cases_[id];
        if (one) return one;
        auto journal = store_.journal(id);
        if (!journal) {
            cases_.erase(id);
            return journal.error().kind == ErrorKind::not_found ? no_such_case(id) : journal.error();
        }
        one = std::make_shared<FollowedCase>(**journal);
        if (imported)
            if (const auto found = evidence::find_imported(store_.home(), *imported))
                one->imported = Import{id, found->key_fingerprint, owner_};
        return one;
    }

    /// Without its state, which may be long to read: by the opening record.
    bool begun_by(const std::string& id, const std::string& principal) const {
        const auto opening = evidence::read_opening(chain_of(id), store_.key().public_key());
        return opening && string_or(opening->body, "case") == id &&
               string_or(opening->body, "principal") == principal;
    }

    /// A case that could never be read has no state that tells it; its opening record may.
    bool opened_by(const std::string& id, FollowedCase& one, const std::string& principal) {
        if (one.imported) return false;
        const std::lock_guard lock(one.mutex);
        (void)one.follow();
        if (one.state.count > 0) return one.state.principal == principal;
        return begun_by(id, principal);
    }

    std::vector<UnreadCase> those_seen_by(const std::string& principal, std::vector<UnreadCase> unread) {
        if (sees_all(principal)) return unread;
        std::erase_if(unread, [&](const UnreadCase& each) {
            const auto one = case_of(each.id);
            return !one || !opened_by(each.id, **one, principal);
        });
        return unread;
    }

    std::filesystem::path chain_of(const std::string& id) const {
        return store_.case_folder(id) / evidence::chain_name;
    }

    Result<void> write_derived_and_index(const std::string& id, FollowedCase& one) {
        if (one.imported) return {};  // its files are as they came
        // Other processes write the same files: under the folder's lock the last to write is the one that
        // knows most.
        const auto folder = FolderLock::take(store_.case_folder(id));
        if (!folder) return folder.error();
        const auto journal_bytes = size_of(chain_of(id));
        CaseState state;
        {
            const std::lock_guard lock(one.mutex);
            if (auto done = one.follow(); !done) return done.error();
            state = one.state;
        }
        if (state.count == 0) return no_such_case(id);
        if (auto done = write_derived(*folder, state, store_.key()); !done) return done.error();
        put_in_index(id, one, state, journal_bytes);
        return {};
    }

    void put_in_index(const std::string& id, FollowedCase& one, const CaseState& state,
                      std::uint64_t journal_bytes) {
        index_.put(state, journal_bytes, store_.case_folder(id), [&](std::uint64_t n) {
            const auto hash = one.journal.hash_of(n);
            return hash ? *hash : std::string();
        });
    }

    Result<std::vector<std::string>> every_id() const {
        auto ids = store_.case_ids();
        if (ids)
            for (auto& id : evidence::imported_ids(store_.home())) ids->push_back(std::move(id));
        return ids;
    }

    /// Puts in every case whose journal has grown since it was put in, whoever made it grow; takes out those
    /// that are gone. Gives those that cannot be read: a broken case must not hide the others, nor vanish.
    Result<std::vector<UnreadCase>> bring_index_up() {
        const auto ids = every_id();
        if (!ids) return ids.error();
        auto known = index_.known();
        std::vector<UnreadCase> unread;
        for (const auto& id : *ids) {
            const auto journal_bytes = size_of(chain_of(id));
            const auto place = known.extract(id);
            if (!place.empty() && place.mapped() == journal_bytes) continue;
            auto one = case_of(id);
            // One that is not found was taken away since the ids were read.
            if (!one && one.error().kind != ErrorKind::not_found) unread.push_back({id, one.error()});
            if (!one) continue;
            const std::lock_guard lock((*one)->mutex);
            if (auto done = (*one)->follow(); !done)
                unread.push_back({id, done.error()});
            else if ((*one)->state.count > 0)
                put_in_index(id, **one, (*one)->state, journal_bytes);
        }
        for (const auto& [id, journal_bytes] : known) index_.drop(id);
        return unread;
    }

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<FollowedCase>> cases_;
    Index index_;
    std::string owner_;
    std::mutex looks_mutex_;
    std::map<std::string, std::uint64_t>
        seen_bytes_;             ///< of journals, when somebody watched them first or last looked
    bool all_seen_ = false;      ///< by the last look
    evidence::Settler settler_;  ///< last, as it ends first
};

}  // namespace casefile::cases

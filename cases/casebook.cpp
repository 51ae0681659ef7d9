#include "cases/casebook.h"

#include <sys/stat.h>

#include <mutex>

#include "base/ids.h"
#include "base/text.h"
#include "cases/checks.h"
#include "cases/derived.h"
#include "cases/drafts.h"
#include "cases/followed_case.h"
#include "cases/index.h"
#include "cases/vocabulary.h"
#include "evidence/head_file.h"

namespace casefile::cases {
namespace {

using namespace std::chrono_literals;

constexpr auto refresh_pause = 1s;
/// So much later, one refresh serves all calls that come in a row.
constexpr auto refresh_delay = 25ms;
constexpr int refresh_share = 10;  ///< at most a tenth of the time goes into rewriting a big case
constexpr int list_attempts_max = 4;

/// The same words for a case that is not there and for one that belongs to somebody else.
Error no_such_case(const std::string& id) {
    return not_found("case: there is no case '" + printable(shorten(id, 40)) + "'",
                     "list your cases with get_case without arguments");
}

std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);
    return failure ? 0 : size;
}

/// "local:1000", when 1000 owns the home: that principal sees all of it.
std::string owner_of(const std::filesystem::path& home) {
    struct stat info {};
    if (::stat(home.c_str(), &info) != 0) return {};
    return "local:" + std::to_string(info.st_uid);
}

}  // namespace

class Casebook::Impl {
  public:
    explicit Impl(evidence::Store& store)
        : store_(store), index_(store.home() / "index.sqlite"), owner_(owner_of(store.home())) {}

    ~Impl() {
        for (const auto& [id, one] : cases_)
            if (one->refresh_owed) (void)refresh(id, true);
    }

    bool sees_all(const std::string& principal) const { return !owner_.empty() && principal == owner_; }

    /// Tells what was not told yet. The home's owner sees every case in it, so hears of every one.
    void tell_growth(const std::string& id, FollowedCase& one, bool list_changed) {
        if (!hear_) return;
        Growth growth{.case_id = id, .principals = {}, .list_changed = list_changed};
        {
            const std::lock_guard lock(one.mutex);
            (void)one.follow();
            if (one.state.count == one.told && !list_changed) return;
            one.told = one.state.count;
            growth.principals.insert(one.state.principal);
        }
        growth.principals.insert(owner_);
        growth.principals.erase("");  // would be everyone
        hear_(growth);
    }

    void tell_list_changed(const std::string& id) {
        if (const auto one = case_of(id)) tell_growth(id, **one, true);
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

    Result<std::vector<CaseSummary>> list(const std::string& principal, const std::string& search,
                                          std::size_t rows_max) {
        for (int attempt = 0; attempt < list_attempts_max; ++attempt) {
            if (auto done = bring_index_up(); !done) return done.error();
            if (auto found = index_.list(sees_all(principal) ? "" : principal, search, rows_max))
                return *std::move(found);
        }
        return unavailable("cases: the index is busy", "try again");
    }

    evidence::Store& store_;
    std::function<void(const Growth&)> hear_;

  private:
    Result<std::shared_ptr<FollowedCase>> case_of(const std::string& id) {
        if (!is_case_id(id)) return no_such_case(id);
        const std::lock_guard lock(mutex_);
        auto& one = cases_[id];
        if (one) return one;
        auto journal = store_.journal(id);
        if (!journal) {
            cases_.erase(id);
            return journal.error().kind == ErrorKind::not_found ? no_such_case(id) : journal.error();
        }
        one = std::make_shared<FollowedCase>(**journal);
        return one;
    }

    std::filesystem::path chain_of(const std::string& id) const {
        return store_.case_folder(id) / evidence::chain_name;
    }

    Result<void> write_derived_and_index(const std::string& id, FollowedCase& one) {
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
        if (auto done = write_derived(*folder, state, store_.key().fingerprint()); !done) return done.error();
        index_.put(state, journal_bytes);
        return {};
    }

    /// Puts in every case whose journal has grown since it was put in, whoever made it grow; takes out those
    /// that are gone.
    Result<void> bring_index_up() {
        const auto ids = store_.case_ids();
        if (!ids) return ids.error();
        auto known = index_.known();
        for (const auto& id : *ids) {
            const auto journal_bytes = size_of(chain_of(id));
            const auto place = known.extract(id);
            if (!place.empty() && place.mapped() == journal_bytes) continue;
            auto one = case_of(id);
            if (!one) continue;
            const std::lock_guard lock((*one)->mutex);
            // A broken case must not hide the others; its own calls tell what is wrong with it.
            if (!(*one)->follow() || (*one)->state.count == 0) continue;
            index_.put((*one)->state, journal_bytes);
        }
        for (const auto& [id, journal_bytes] : known) index_.drop(id);
        return {};
    }

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<FollowedCase>> cases_;
    Index index_;
    std::string owner_;
    evidence::Settler settler_;  ///< last, as it ends first
};

Casebook::Casebook(evidence::Store& store) : store_(store), impl_(std::make_unique<Impl>(store)) {}
Casebook::~Casebook() = default;

Result<CaseState> Casebook::open(const CaseFields& fields, const std::string& principal) {
    auto checked = checked_opening(fields);
    if (!checked) return checked.error();
    auto body = write_fields(*checked);
    body["principal"] = principal;
    body["opened_run_id"] = make_run_id(store_.clock().now());
    if (auto done = check_body(body); !done) return done.error();
    auto id = store_.make_case(std::move(body));
    if (!id) return id.error();
    impl_->tell_list_changed(*id);
    // The journal is the truth and has the change: files made from it may come later, here and below.
    (void)refresh(*id, true);
    return find(*id, principal);
}

Result<CaseState> Casebook::find(const std::string& id, const std::string& principal) {
    auto state =
        impl_->with_case(id, principal, [](FollowedCase& one) -> Result<CaseState> { return one.state; });
    if (state) impl_->refresh_if_owed(id);
    return state;
}

Result<CaseState> Casebook::glance(const std::string& id, const std::string& principal) {
    return impl_->with_case(id, principal, [](FollowedCase& one) -> Result<CaseState> {
        CaseState brief;
        brief.id = one.state.id;
        brief.principal = one.state.principal;
        brief.opened_at = one.state.opened_at;
        brief.changed_at = one.state.changed_at;
        brief.opened_run_id = one.state.opened_run_id;
        brief.opened_topic = one.state.opened_topic;
        brief.fields = one.state.fields;
        brief.statuses = one.state.statuses;
        brief.grants = one.state.grants;
        brief.count = one.state.count;
        brief.head = one.state.head;
        return brief;
    });
}

Result<CaseState> Casebook::update(const std::string& id, const CaseFields& changes,
                                   const std::string& principal) {
    auto checked = checked_changes(changes);
    if (!checked) return checked.error();
    auto body = write_fields(*checked);
    if (body.empty()) return invalid("update: expected at least one field to change, got none");
    body["by"] = principal;
    if (auto done = check_body(body); !done) return done.error();
    const auto wanted = checked->status;
    auto state = impl_->with_case(id, principal, [&](FollowedCase& one) -> Result<CaseState> {
        if (wanted)
            if (auto done = check_step(one.state.status(), *wanted); !done) return done.error();
        const auto record = one.journal.append(wanted == "closed" ? "closed" : "status", std::move(body));
        if (!record) return record.error();
        const auto before = one.state.statuses.size();
        if (auto done = one.follow(); !done) return done.error();
        // The fold leaves out a status that another process made impossible in the meantime.
        const auto& statuses = one.state.statuses;
        const bool taken = !wanted || one.state.status() == *wanted ||
                           std::find(statuses.begin() + static_cast<std::ptrdiff_t>(before), statuses.end(),
                                     std::pair(record->at, *wanted)) != statuses.end();
        if (!taken)
            return invalid("status: the case became " + one.state.status() + " in the meantime",
                           "read the case again");
        return one.state;
    });
    if (state) (void)refresh(id, true);
    return state;
}

Result<Entry> Casebook::write(const std::string& id, Entry entry, const std::string& principal) {
    entry.by = principal;
    auto written = impl_->with_case(id, principal, [&](FollowedCase& one) -> Result<Entry> {
        auto checked = checked_entry(std::move(entry), one.state);
        if (!checked) return checked.error();
        if (auto done = check_body(write_entry(*checked)); !done) return done.error();
        const auto record = one.journal.append("entry", [&](const evidence::Head& head) {
            // A hypothesis without a key gets one, so that it can be spoken of and changed.
            if (checked->kind == "hypothesis" && checked->key.empty())
                checked->key = "h" + std::to_string(head.count + 1);
            return write_entry(*checked);
        });
        if (!record) return record.error();
        checked->n = record->n;
        checked->at = record->at;
        return checked;
    });
    if (written) (void)refresh(id, true);
    return written;
}

Result<Grant> Casebook::give(const std::string& id, Grant grant, const std::string& principal) {
    grant.principal = principal;
    if (grant.given_at.empty()) grant.given_at = rfc3339(store_.clock().now());
    if (auto done = check_grant(grant); !done) return done.error();
    auto given = impl_->with_case(id, principal, [&](FollowedCase& one) -> Result<Grant> {
        const auto record = one.journal.append("grant", write_grant(grant));
        if (!record) return record.error();
        grant.record = record->n;
        grant.record_hash = record->hash;
        return grant;
    });
    if (given) (void)refresh(id, true);
    return given;
}

Result<std::optional<Grant>> Casebook::grant(const std::string& id, const std::string& env,
                                             const std::string& principal) {
    return impl_->with_case(id, principal, [&](FollowedCase& one) -> Result<std::optional<Grant>> {
        const auto& grants = one.state.grants;
        for (auto grant = grants.rbegin(); grant != grants.rend(); ++grant) {
            if (grant->env != env || grant->principal != principal) continue;
            auto& proof = one.proofs[grant->record];
            if (proof.holds(store_.case_folder(id), *grant, store_.key().public_key())) return {*grant};
        }
        return {std::nullopt};
    });
}

Result<std::filesystem::path> Casebook::file_draft(const std::string& id, const std::string& kind,
                                                   const std::string& text, const std::string& principal) {
    if (!is_slug(kind, 40))
        return invalid("kind: expected a slug of [a-z0-9-], 1..40 long, got '" +
                       printable(shorten(kind, 60)) + "'");
    auto filed = impl_->with_folder_and_case(
        id, principal, [&](const FolderLock& folder, FollowedCase& one) -> Result<std::filesystem::path> {
            const auto draft = write_draft(folder, one.state, kind, text);
            if (!draft) return draft.error();
            const auto record = one.journal.append(
                "draft",
                {{"kind", kind}, {"path", draft->path}, {"sha256", draft->sha256}, {"by", principal}});
            if (!record) return record.error();
            return store_.case_folder(id) / draft->path;
        });
    if (filed) {
        impl_->tell_list_changed(id);
        (void)refresh(id, true);
    }
    return filed;
}

Result<std::vector<CaseSummary>> Casebook::list(const std::string& principal, const std::string& search,
                                                std::size_t rows_max) {
    return impl_->list(principal, search, rows_max);
}

Result<void> Casebook::refresh(const std::string& id, bool now) { return impl_->refresh(id, now); }

void Casebook::refresh_soon(const std::string& id) { impl_->refresh_soon(id); }

Result<evidence::Verification> Casebook::verify(const std::string& id, const std::string& principal) {
    auto found = glance(id, principal);
    if (!found) return found.error();
    return evidence::verify_case(store_.case_folder(id), store_.key().fingerprint(), check_derived,
                                 store_.anchor_file());
}

void Casebook::on_growth(std::function<void(const Growth&)> hear) { impl_->hear_ = std::move(hear); }

}  // namespace casefile::cases

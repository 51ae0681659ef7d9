#include "cases/casebook.h"

#include "cases/casebook_impl.h"
#include "cases/checks.h"
#include "cases/drafts.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

/// An imported case belongs to the key that signed it.
Result<void> check_writable(const std::string& id) {
    if (parse_imported_id(id)) return evidence::read_only_case(id);
    return {};
}

bool has_attachment(const CaseState& state, const std::string& name) {
    return std::any_of(state.attachments.begin(), state.attachments.end(),
                       [&](const json::object& one) { return string_or(one, "name") == name; });
}

/// The name that was asked for, or one made of the file's own that no other attachment has.
Result<std::string> checked_name(const evidence::AttachmentLabel& label, const CaseState& state) {
    if (!label.name.empty()) {
        if (!evidence::is_attachment_name(label.name))
            return invalid("name: expected 1..80 of letters, digits, dot, dash and underscore, got '" +
                           printable(shorten(label.name, 60)) + "'");
        if (!has_attachment(state, label.name)) return label.name;
        return invalid("name: this case has an attachment '" + label.name + "' already",
                       "choose another name; what is attached stays");
    }
    const auto name = evidence::attachment_name_of(label.original_name);
    const auto dot = name.rfind('.');
    auto numbered = name;
    for (int number = 2; has_attachment(state, numbered); ++number)
        numbered = name.substr(0, dot) + "-" + std::to_string(number) + name.substr(dot);
    return numbered;
}

}  // namespace

Casebook::Casebook(evidence::Store& store) : store_(store), impl_(std::make_unique<Impl>(store)) {
    for (const auto& id : store.left_cases()) impl_->refresh_soon(id);
}
Casebook::~Casebook() = default;

Result<CaseState> Casebook::open(const CaseFields& fields, const std::string& principal) {
    auto checked = checked_opening(fields);
    if (!checked) return checked.error();
    auto body = write_fields(*checked);
    body["principal"] = principal;
    body["opened_run_id"] = make_run_id(store_.clock().now());
    body["layout"] = derived_layout;
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
        brief.imported_key = one.state.imported_key;
        if (brief.imported_key.empty()) brief.grants = one.state.grants;
        brief.count = one.state.count;
        brief.head = one.state.head;
        return brief;
    });
}

Result<CaseState> Casebook::update(const std::string& id, const CaseFields& changes,
                                   const std::string& principal) {
    if (auto done = check_writable(id); !done) return done.error();
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
    if (auto done = check_writable(id); !done) return done.error();
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
    if (auto done = check_writable(id); !done) return done.error();
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

Result<GrantPtr> Casebook::grant(const std::string& id, const std::string& env,
                                 const std::string& principal) {
    if (parse_imported_id(id)) return GrantPtr();  // a grant counts where it was given
    return impl_->with_case(id, principal, [&](FollowedCase& one) -> Result<GrantPtr> {
        const auto& grants = one.state.grants;
        for (auto place = grants.rbegin(); place != grants.rend(); ++place) {
            const auto& grant = *place;
            if (grant->env != env || grant->principal != principal) continue;
            auto& proof = one.proofs[grant->record];
            if (proof.holds(store_.case_folder(id), *grant, store_.key().public_key())) return grant;
        }
        return GrantPtr();
    });
}

Result<DraftFile> Casebook::file_draft(const std::string& id, const std::string& kind,
                                       const std::string& text, const std::string& principal,
                                       const std::string& ending) {
    if (auto done = check_writable(id); !done) return done.error();
    if (!is_slug(kind, 40))
        return invalid("kind: expected a slug of [a-z0-9-], 1..40 long, got '" +
                       printable(shorten(kind, 60)) + "'");
    auto filed = impl_->with_folder_and_case(
        id, principal, [&](const FolderLock& folder, FollowedCase& one) -> Result<DraftFile> {
            auto draft = write_draft(folder, one.state, kind, text, ending);
            if (!draft) return draft.error();
            const auto record = one.journal.append("draft", {{"kind", kind},
                                                             {"path", draft->path},
                                                             {"sha256", draft->sha256},
                                                             {"generated_sha256", draft->generated_sha256},
                                                             {"by", principal}});
            if (!record) return record.error();
            return DraftFile{store_.case_folder(id) / draft->path, std::move(draft->text)};
        });
    if (filed) {
        impl_->tell_list_changed(id);
        (void)refresh(id, true);
    }
    return filed;
}

Result<Attached> Casebook::attach(const std::string& id, evidence::AttachmentLabel label,
                                  const evidence::ByteSource& bytes, const std::string& principal) {
    if (auto done = check_writable(id); !done) return done.error();
    label.by = principal;
    auto attached = impl_->with_folder_and_case(
        id, principal, [&](const FolderLock&, FollowedCase& one) -> Result<Attached> {
            // The folder's lock keeps others from taking the name meanwhile.
            auto name = checked_name(label, one.state);
            if (!name) return name.error();
            label.name = *std::move(name);
            const auto record = evidence::attach(one.journal, store_.clock(), label, bytes);
            if (!record) return record.error();
            return Attached{label.name, string_or(record->body, "path"), string_or(record->body, "sha256"),
                            record->body.at("bytes").to_number<std::int64_t>(), record->n};
        });
    if (attached) {
        impl_->tell_list_changed(id);
        (void)refresh(id, true);
    }
    return attached;
}

Result<Descriptor> Casebook::open_attachment(const CaseState& state, const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& one : state.attachments) {
        names.push_back(string_or(one, "name"));
        if (names.back() != name) continue;
        auto folder = evidence::open_folder(store_.case_folder(state.id));
        if (!folder) return folder.error();
        return evidence::open_attachment(folder->get(), string_or(one, "path"));
    }
    return not_found(
        "attachment: nothing is attached to this case as '" + printable(shorten(name, 100)) +
            "'; there is: " + (names.empty() ? "nothing" : printable(shorten(join(names, ", "), 300))),
        "a person attaches a document with `casefile attach CASE FILE`");
}

std::string Casebook::key_of(const CaseState& state) const {
    return state.imported_key.empty() ? store_.key().fingerprint() : state.imported_key;
}

Result<Reindexed> Casebook::reindex() { return impl_->reindex(); }

std::string Casebook::dump_index() { return impl_->dump_index(); }

Result<void> Casebook::refresh(const std::string& id, bool now) { return impl_->refresh(id, now); }

void Casebook::refresh_soon(const std::string& id) { impl_->refresh_soon(id); }

Result<evidence::Verification> Casebook::verify(const std::string& id, const std::string& principal) {
    const auto imported_key = impl_->imported_key_to_verify(id, principal);
    if (!imported_key) return imported_key.error();
    const bool ours = imported_key->empty();
    // The anchor file tells of the cases of this home, by their ids.
    return evidence::verify_case(store_.case_folder(id), ours ? store_.key().fingerprint() : *imported_key,
                                 check_derived, ours ? store_.anchor_file() : std::filesystem::path());
}

bool Casebook::watch(const std::string& id, const std::string& principal) {
    return impl_->watch(id, principal);
}

void Casebook::look(std::set<std::string> ids, bool all) { impl_->look(std::move(ids), all); }

void Casebook::on_growth(std::function<void(const Growth&)> hear) { impl_->hear_ = std::move(hear); }

}  // namespace casefile::cases

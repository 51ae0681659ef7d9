#include "cases/export.h"

#include <unistd.h>

#include <algorithm>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "cases/casebook.h"
#include "cases/derived.h"
#include "cases/drafts.h"
#include "cases/export_page.h"
#include "cases/inspect_log.h"
#include "evidence/archive.h"
#include "evidence/chain.h"
#include "evidence/export_list.h"
#include "evidence/imported.h"
#include "evidence/manifest.h"
#include "evidence/record_line.h"
#include "evidence/run_records.h"

namespace casefile::cases {
namespace {

using evidence::Digest;
using evidence::FileEntry;
using evidence::RunRecords;

constexpr std::uint64_t small_bytes_max = 64 * 1024 * 1024, draft_bytes_max = 16 * 1024 * 1024;

/// A file on its way into the archive: its bytes, or where they are and what they have to be.
struct Item {
    std::string bytes;
    std::string folder, file;  ///< relative to the case; empty when the bytes are here
    Digest expected;
};

Result<std::string> read_small(int folder, const std::string& name, std::uint64_t bytes_max) {
    auto file = evidence::open_file_at(folder, name);
    if (!file) return file.error();
    return evidence::read_whole(file->get(), bytes_max);
}

/// "runs/0003-…" below the case; the case itself for an empty path.
Result<Descriptor> open_below(int case_folder, const std::string& path) {
    return evidence::open_folder_beneath(case_folder, path.empty() ? "." : path);
}

/// Any archive, shell and file system takes such a name as it is.
bool is_portable_name(std::string_view name) {
    return evidence::is_plain_name(name) && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

/// The journal as it stood at one moment.
struct Snapshot {
    std::vector<evidence::Record> records;
    std::vector<evidence::Held> held;
};

Result<Snapshot> take_snapshot(int case_folder) {
    auto file = evidence::open_file_at(case_folder, evidence::chain_name);
    if (!file) return file.error();
    if (auto locked = evidence::lock_chain(file->get(), evidence::Lock::shared); !locked)
        return locked.error();
    Snapshot snapshot;
    const auto end =
        evidence::for_each_line(file->get(), 0, [&](std::string_view line, std::uint64_t) -> Result<void> {
            evidence::Held held;
            auto record = evidence::parse_line(line, &held);
            if (!record) return record.error();
            snapshot.records.push_back(*std::move(record));
            snapshot.held.push_back(std::move(held));
            return {};
        });
    if (!end) return end.error();
    return snapshot;
}

/// Puts together what an export of this home's own case holds.
class Packing {
  public:
    Packing(evidence::Store& store, std::string case_id, bool with_sensitive)
        : store_(store), case_id_(std::move(case_id)), with_sensitive_(with_sensitive) {}

    Result<void> pack() {
        auto folder = evidence::open_folder(store_.case_folder(case_id_));
        if (!folder) return folder.error();
        case_ = *std::move(folder);
        auto snapshot = take_snapshot(case_.get());
        if (!snapshot) return snapshot.error();
        snapshot_ = *std::move(snapshot);
        if (snapshot_.records.empty()) return invalid("case " + case_id_ + " has no records yet");
        for (const auto& record : snapshot_.records) state_.apply(record);
        auto runs = evidence::runs_of(snapshot_.records);
        if (!runs) return runs.error();
        for (const auto& run : *runs)
            if (auto done = add_run(run); !done) return done;
        if (auto done = add_attachments(); !done) return done;
        if (auto done = add_drafts(); !done) return done;
        add_journal();
        add_made();
        return {};
    }

    const std::map<std::string, Item>& items() const { return items_; }
    const CaseState& state() const { return state_; }
    int case_folder() const { return case_.get(); }
    std::vector<std::string> withheld() const {
        std::vector<std::string> paths;
        for (const auto& file : list_.withheld) paths.push_back(file.path);
        return paths;
    }
    const std::vector<std::string>& left_out() const { return left_out_; }

  private:
    /// What a manifest marks as sensitive.
    static std::set<std::string> sensitive_in(const json::object& manifest) {
        std::set<std::string> names;
        if (const auto* outputs = member(manifest, "outputs"); outputs != nullptr && outputs->is_array())
            for (const auto& one : outputs->get_array()) {
                if (!one.is_object()) continue;
                const auto* mark = member(one.get_object(), "sensitive");
                if (mark != nullptr && *mark == json::value(true))
                    names.insert(string_or(one.get_object(), "path"));
            }
        return names;
    }

    Result<void> add_run(const RunRecords& run) {
        const auto folder = "runs/" + run.folder_name;
        auto opened = open_below(case_.get(), folder);
        if (!opened && !run.sealed)
            opened = open_below(case_.get(), "runs/" + evidence::pending_folder_name(run.run_id));
        if (!opened) return opened.error();
        PageRun page{.run_id = run.run_id, .manifest = {}, .files = {}};
        std::set<std::string> sensitive;
        if (run.sealed) {
            auto text = read_small(opened->get(), evidence::manifest_name(run.task), small_bytes_max);
            if (!text) return text.error();
            if (const auto parsed = parse_json(trim(*text)); parsed && parsed->is_object())
                sensitive = sensitive_in(parsed->get_object());
            page.manifest = *std::move(text);
        }
        for (const auto& file : run.sealed ? run.files : run.asked) {
            const auto path = folder + "/" + file.path;
            const bool stays = !with_sensitive_ && (!run.sealed || sensitive.contains(file.path));
            PageFile shown{path, file.path, file.role, {}, file.sha256, !stays};
            if (stays) {
                list_.withheld.push_back({path, file.sha256});
                withheld_names_[run.run_id].insert(file.path);
            } else {
                auto size = size_of(opened->get(), file);
                if (!size && size.error().kind == ErrorKind::not_found && run.pruned.contains(file.path))
                    shown.here = false;
                else if (!size)
                    return size.error();
                else
                    items_[path] = {{}, folder, file.path, {*size, file.sha256}};
            }
            if (const auto item = items_.find(path); item != items_.end())
                shown.bytes = item->second.expected.bytes;
            page.files.push_back(std::move(shown));
        }
        runs_.push_back(std::move(page));
        return {};
    }

    /// The opening record does not tell sizes; the hash is compared when the file is packed.
    static Result<std::uint64_t> size_of(int folder, const FileEntry& file) {
        const auto opened = evidence::open_file_at(folder, file.path);
        if (!opened) return opened.error();
        const auto size = ::lseek(opened->get(), 0, SEEK_END);
        if (size < 0) return evidence::file_error("cannot look at", file.path);
        return static_cast<std::uint64_t>(size);
    }

    Result<void> add_attachments() {
        const auto attachments = evidence::attachments_of(snapshot_.records);
        if (!attachments) return attachments.error();
        for (const auto& one : *attachments) {
            items_[one.path] = {
                {}, "attachments", one.path.substr(one.path.rfind('/') + 1), {one.bytes, one.sha256}};
            attachments_.push_back({one.path, one.name, "attachment", one.bytes, one.sha256, true});
        }
        return {};
    }

    Result<void> add_drafts() {
        auto folder = evidence::open_folder_at(case_.get(), "drafts");
        if (!folder && folder.error().kind == ErrorKind::not_found) return {};
        if (!folder) return folder.error();
        const auto names = evidence::names_in(folder->get());
        if (!names) return names.error();
        for (const auto& name : *names) {
            if (name == generated_name) continue;  // of use to the writer alone
            auto text = is_portable_name(name) ? read_small(folder->get(), name, draft_bytes_max)
                                               : Result<std::string>(invalid(name));
            if (!text) {
                left_out_.push_back("drafts/" + name);
                continue;
            }
            drafts_.push_back("drafts/" + name);
            list_.files.push_back({drafts_.back(), sha256_hex(*text)});
            items_[drafts_.back()] = {*std::move(text), {}, {}, {}};
        }
        return {};
    }

    /// The journal without the bytes of what is withheld. Their hashes are in the bodies, which stay.
    void add_journal() {
        std::string chain;
        for (std::size_t i = 0; i < snapshot_.records.size(); ++i) {
            const auto& record = snapshot_.records[i];
            auto held = std::move(snapshot_.held[i]);
            if (const auto names = withheld_names_.find(string_or(record.body, "run_id"));
                names != withheld_names_.end())
                for (const auto& name : names->second) held.erase(name);
            chain += evidence::line_with(record, held) + "\n";
        }
        items_[evidence::chain_name] = {std::move(chain), {}, {}, {}};
    }

    /// What is made from the journal, with the time of its last record, so that the same records give the
    /// same.
    void add_made() {
        const auto& last = snapshot_.records.back();
        const auto& key = store_.key();
        list_.case_id = case_id_;
        list_.head = {last.n, static_cast<std::uint64_t>(runs_.size()), last.hash, key.fingerprint()};
        items_[evidence::head_name] = {evidence::write_head(list_.head, last.at, key), {}, {}, {}};
        items_["case.json"] = {signed_case_json(state_, key), {}, {}, {}};
        items_[inspect_file_name(state_)] = {signed_inspect_log(state_, key), {}, {}, {}};
        PageCase page{.state = state_,
                      .key_fingerprint = key.fingerprint(),
                      .runs = std::move(runs_),
                      .attachments = std::move(attachments_),
                      .drafts = drafts_,
                      .records = {}};
        for (const auto& record : snapshot_.records)
            page.records.push_back({record.n, record.at, record.kind, record.hash});
        auto text = render_export_page(page);
        list_.files.push_back({evidence::export_page_name, sha256_hex(text)});
        items_[evidence::export_page_name] = {std::move(text), {}, {}, {}};
        const auto by_path = [](const auto& l, const auto& r) { return l.path < r.path; };
        std::sort(list_.files.begin(), list_.files.end(), by_path);
        std::sort(list_.withheld.begin(), list_.withheld.end(), by_path);
        items_[evidence::export_list_name] = {evidence::write_export_list(list_, key), {}, {}, {}};
    }

    evidence::Store& store_;
    const std::string case_id_;
    const bool with_sensitive_;
    Descriptor case_;
    Snapshot snapshot_;
    CaseState state_;
    std::map<std::string, Item> items_;                            ///< by path within the case
    std::map<std::string, std::set<std::string>> withheld_names_;  ///< by run id
    evidence::ExportList list_;
    std::vector<PageRun> runs_;
    std::vector<PageFile> attachments_;
    std::vector<std::string> drafts_, left_out_;
};

Result<void> write_item(evidence::ArchiveWriter& archive, int case_folder, const std::string& name,
                        const Item& item) {
    if (item.file.empty()) return archive.add(name, item.bytes);
    if (item.folder == evidence::attachments_name) {
        auto file = evidence::open_attachment(case_folder, item.folder + "/" + item.file);
        return file ? archive.add_file(name, file->get(), item.expected) : file.error();
    }
    auto folder = open_below(case_folder, item.folder);
    if (!folder) return folder.error();
    auto file = evidence::open_file_at(folder->get(), item.file);
    return file ? archive.add_file(name, file->get(), item.expected) : file.error();
}

Result<void> check_before(evidence::Store& store, const std::string& case_id, const std::string& key) {
    const auto verified = evidence::verify_case(store.case_folder(case_id), key, check_derived);
    if (!verified) return verified.error();
    if (!verified->first_break) return {};
    const auto& found = *verified->first_break;
    return invalid(
        "case " + case_id + " does not verify: " + found.kind + " in " + found.where + ": " + found.what,
        "hand over the folder itself; an export would hide what happened to it");
}

/// Every file of an imported case as it came: the export is again the archive that was imported.
Result<std::map<std::string, Item>> files_of(int case_folder) {
    std::map<std::string, Item> items;
    const auto add = [&](const std::string& folder, const std::string& name, int in) -> Result<void> {
        auto file = evidence::open_file_at(in, name);
        if (!file) return file.error();
        const auto digest = evidence::digest_of(file->get());
        if (!digest) return digest.error();
        items[folder.empty() ? name : folder + "/" + name] = {{}, folder, name, *digest};
        return {};
    };
    std::vector<std::string> folders = {""};
    while (!folders.empty()) {
        const auto folder = std::move(folders.back());
        folders.pop_back();
        auto opened =
            folder.empty() ? evidence::open_folder_at(case_folder, ".") : open_below(case_folder, folder);
        if (!opened) return opened.error();
        const auto names = evidence::names_in(opened->get());
        if (!names) return names.error();
        for (const auto& name : *names) {
            const auto path = folder.empty() ? name : folder + "/" + name;
            if (evidence::open_folder_at(opened->get(), name))
                folders.push_back(path);
            else if (auto done = add(folder, name, opened->get()); !done)
                return done.error();
        }
    }
    return items;
}

Result<Exported> write_archive(const std::filesystem::path& output, const std::string& root, int case_folder,
                               const std::map<std::string, Item>& items) {
    auto archive = evidence::ArchiveWriter::create(output);
    if (!archive) return archive.error();
    for (const auto& [path, item] : items)
        if (auto done = write_item(*archive, case_folder, root + "/" + path, item); !done)
            return done.error();
    auto digest = archive->finish();
    if (!digest) return digest.error();
    Exported exported;
    exported.digest = *std::move(digest);
    exported.files = items.size();
    return exported;
}

Result<Exported> export_imported(evidence::Store& store, const std::string& case_id,
                                 const std::filesystem::path& output, bool with_sensitive) {
    const auto imported = evidence::find_imported(store.home(), *parse_imported_id(case_id));
    if (!imported) return imported.error();
    if (auto done = check_before(store, case_id, imported->key_fingerprint); !done) return done.error();
    const auto folder = evidence::open_folder(imported->folder);
    if (!folder) return folder.error();
    const auto head = evidence::load_head(folder->get());
    if (!head || !*head) return invalid("case " + case_id + ": head.json cannot be read");
    const auto list = evidence::load_export_list(folder->get(), **head);
    if (!list) return list.error();
    const bool lacks_some = *list && !(*list)->withheld.empty();
    if (with_sensitive && lacks_some)
        return invalid(
            "case " + case_id + " was imported without its " + std::to_string((*list)->withheld.size()) +
                " sensitive files",
            "its owner can export it with them; leave out --with-sensitive to pass it on as it is");
    auto items = files_of(folder->get());
    if (!items) return items.error();
    auto exported = write_archive(output, parse_imported_id(case_id)->case_id, folder->get(), *items);
    if (!exported) return exported;
    if (lacks_some)
        for (const auto& file : (*list)->withheld) exported->withheld.push_back(file.path);
    exported->head = (*head)->head.hash;
    exported->records = (*head)->head.count;
    exported->key_fingerprint = imported->key_fingerprint;
    return exported;
}

}  // namespace

Result<Exported> export_case(evidence::Store& store, const std::string& case_id,
                             const std::filesystem::path& output, bool with_sensitive) {
    if (parse_imported_id(case_id)) return export_imported(store, case_id, output, with_sensitive);
    if (!is_case_id(case_id))
        return not_found("no case is called '" + printable(shorten(case_id, 60)) + "'",
                         "get_case lists them");
    if (const auto there = store.journal(case_id); !there) return there.error();
    if (auto done = check_before(store, case_id, store.key().fingerprint()); !done) return done.error();
    Packing packing(store, case_id, with_sensitive);
    if (auto done = packing.pack(); !done) return done.error();
    auto exported = write_archive(output, case_id, packing.case_folder(), packing.items());
    if (!exported) return exported;
    exported->withheld = packing.withheld();
    exported->left_out = packing.left_out();
    exported->head = packing.state().head;
    exported->records = packing.state().count;
    exported->key_fingerprint = store.key().fingerprint();
    return exported;
}

}  // namespace casefile::cases

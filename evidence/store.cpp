#include "evidence/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "evidence/anchors.h"
#include "evidence/export_list.h"
#include "evidence/files.h"
#include "evidence/head_file.h"
#include "evidence/imported.h"
#include "evidence/mend.h"
#include "evidence/run_records.h"

namespace casefile::evidence {
namespace {

constexpr std::uint64_t manifest_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t open_cases_max = 32;
constexpr int cases_a_day_max = 100'000;
constexpr std::size_t number_at = 15;  ///< where NNN begins in INC-YYYY-MM-DD-NNN

int number_of(const std::string& case_id) { return std::stoi(case_id.substr(number_at)); }

/// A number that was reserved for a case whose first record was never written is no case. One whose journal
/// was taken away is: its head.json tells of records.
bool has_records(const std::filesystem::path& path) {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(path / chain_name, none);
    if (!none && bytes > 0) return true;
    const auto folder = open_folder(path);
    if (!folder) return false;
    const auto head = load_head(folder->get());
    return head && *head && (*head)->head.count > 0;
}

bool before(const std::string& left, const std::string& right) {
    const auto day = left.compare(0, number_at, right, 0, number_at);
    return day != 0 ? day < 0 : number_of(left) < number_of(right);
}

/// Without following a link.
bool is_folder(const std::filesystem::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Error no_case(const std::string& case_id) {
    return not_found("no case is called '" + printable(shorten(case_id, 64)) + "'",
                     "open one with open_case, or list them with get_case");
}

/// Makes each missing folder on the way with mode 0700.
Result<void> make_folders(const std::filesystem::path& path) {
    std::error_code failure;
    if (std::filesystem::is_directory(path, failure)) return {};
    if (path.has_parent_path() && path.parent_path() != path)
        if (auto done = make_folders(path.parent_path()); !done) return done;
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return file_error("cannot make the folder", path.filename().string());
    auto parent = open_folder(path.has_parent_path() ? path.parent_path() : ".");
    return parent ? sync_folder(parent->get()) : Result<void>(parent.error());
}

Result<Descriptor> open_run_folder(const Journal& journal, const RunRecords& run) {
    auto folder = open_folder(journal.folder());
    if (!folder) return folder;
    return open_folder_beneath(folder->get(), "runs/" + run.folder_name);
}

/// The manifest, when it is still the one that was sealed.
Result<json::object> read_manifest(const Journal& journal, const RunRecords& run) {
    const auto name = manifest_name(run.task);
    auto folder = open_run_folder(journal, run);
    if (!folder) return folder.error();
    auto file = open_file_at(folder->get(), name);
    if (!file) return file.error();
    auto text = read_whole(file->get(), manifest_bytes_max);
    if (!text) return text.error();
    if (sha256_hex(*text) != run.file(name)->sha256)
        return internal(name + ": the manifest is not the one that was sealed",
                        "run casefile verify on the case");
    auto parsed = parse_json(trim(*text));
    if (!parsed || !parsed->is_object())
        return internal(name + ": expected a JSON object, got something else");
    return std::move(parsed->get_object());
}

/// What to say of a file that an export left out.
std::optional<Error> why_withheld(const std::filesystem::path& case_folder, const std::string& path) {
    const auto folder = open_folder(case_folder);
    if (!folder) return std::nullopt;
    const auto head = load_head(folder->get());
    if (!head || !*head) return std::nullopt;
    const auto list = load_export_list(folder->get(), **head);
    if (!list || !*list) return std::nullopt;
    for (const auto& file : (*list)->withheld)
        if (file.path == path)
            return not_found(path + " was withheld when the case was exported; its SHA-256 is " + file.sha256,
                             "ask the owner of the case, who can export it with --with-sensitive");
    return std::nullopt;
}

}  // namespace

Store::Store(std::filesystem::path home, SigningKey key, const Clock& clock)
    : home_(std::move(home)), key_(std::move(key)), clock_(clock), writer_(home_) {}

Result<std::unique_ptr<Store>> Store::open(std::filesystem::path home, const Clock& clock,
                                           std::filesystem::path anchor_file,
                                           std::function<void(const Error&)> on_anchor_failure) {
    if (!anchor_file.empty())
        if (auto done = check_anchor_file(anchor_file); !done) return done.error();
    std::error_code failure;
    home = std::filesystem::absolute(home, failure).lexically_normal();
    if (!home.has_filename()) home = home.parent_path();
    if (auto made = make_folders(home / "cases"); !made) return made.error();
    auto key = SigningKey::load_or_make(home);
    if (!key) return key.error();
    const auto mended = mend_after_power_failure(home);
    if (!mended) return mended.error();
    std::unique_ptr<Store> store(new Store(std::move(home), *std::move(key), clock));
    store->anchors_.path = std::move(anchor_file);
    store->anchors_.on_failure = std::move(on_anchor_failure);
    store->mark_what_was_interrupted(*mended);
    return store;
}

/// What cannot be marked now is marked by a later start; until then it is open, and verify says so.
void Store::mark_what_was_interrupted(const std::set<std::string>& mended) {
    const auto mark = [this](const std::string& case_id) -> Result<void> {
        left_.insert(case_id);
        auto journal = this->journal(case_id);
        if (journal) return mark_interrupted(**journal);
        // The case was taken away.
        return journal.error().kind == ErrorKind::not_found ? Result<void>() : journal.error();
    };
    for (const auto& case_id : mended) static_cast<void>(mark(case_id));
    for_each_left_case(home_, mark);
}

std::filesystem::path Store::case_folder(const std::string& case_id) const {
    if (const auto id = parse_imported_id(case_id))
        if (const auto imported = find_imported(home_, *id)) return imported->folder;
    return home_ / "cases" / case_id;
}

Result<std::string> Store::make_case(json::object opened) {
    auto cases = open_folder(home_ / "cases");
    if (!cases) return unavailable(cases.error().message, "restore or mount the home folder again");
    auto names = names_in(cases->get());
    if (!names) return names.error();

    // Making the folder reserves the number: mkdir succeeds for one process only.
    const auto day = "INC-" + date_of(clock_.now()) + "-";
    int number = 1;
    for (const auto& name : *names)
        if (is_case_id(name) && name.starts_with(day)) number = std::max(number, number_of(name) + 1);
    std::string id;
    for (;; ++number) {
        if (number > cases_a_day_max)
            return Error{ErrorKind::limit_reached, "expected at most 100,000 cases a day, got more"};
        std::array<char, 16> digits{};
        std::snprintf(digits.data(), digits.size(), "%03d", number);
        id = day + digits.data();
        if (::mkdirat(cases->get(), id.c_str(), 0700) == 0) break;
        if (errno != EEXIST) return file_error("cannot make the folder", id);
    }
    if (auto done = sync_folder(cases->get()); !done) return done.error();

    opened["case"] = id;
    auto journal = this->journal(id);
    if (!journal) return journal.error();
    if (auto record = (*journal)->append("opened", std::move(opened)); !record) {
        std::error_code ignored;
        if (!has_records(case_folder(id))) std::filesystem::remove_all(case_folder(id), ignored);
        return record.error();
    }
    return id;
}

Result<std::vector<std::string>> Store::case_ids() const {
    auto cases = open_folder(home_ / "cases");
    if (!cases) return unavailable(cases.error().message, "restore or mount the home folder again");
    auto names = names_in(cases->get());
    if (!names) return names.error();
    std::vector<std::string> ids;
    for (const auto& name : *names)
        if (is_case_id(name) && has_records(case_folder(name))) ids.push_back(name);
    std::sort(ids.begin(), ids.end(), before);
    return ids;
}

Result<Journal*> Store::journal(const std::string& case_id) {
    if (parse_imported_id(case_id)) return imported_journal(case_id);
    if (case_id != unfiled && !is_case_id(case_id)) return no_case(case_id);
    {
        const std::lock_guard guard(mutex_);
        const auto known = journals_.find(case_id);
        if (known != journals_.end() && known->second && is_folder(case_folder(case_id)))
            return known->second.get();
    }
    auto cases = open_folder(home_ / "cases");
    if (!cases) return unavailable(cases.error().message, "restore or mount the home folder again");

    const std::lock_guard guard(mutex_);
    auto& journal = journals_[case_id];
    auto folder = case_id == unfiled ? make_folder_at(cases->get(), case_id, true)
                                     : open_folder_at(cases->get(), case_id);
    if (!folder) {
        const auto error = folder.error();
        if (journal != nullptr)
            return unavailable("the folder of case " + case_id + " is gone", "restore it");
        journals_.erase(case_id);
        return error.kind == ErrorKind::not_found ? no_case(case_id) : error;
    }
    if (journal == nullptr)
        journal = std::make_unique<Journal>(case_folder(case_id), key_, clock_, &settler_,
                                            anchors_.path.empty() ? nullptr : &anchors_);
    return journal.get();
}

Result<Journal*> Store::imported_journal(const std::string& case_id) {
    const auto imported = find_imported(home_, *parse_imported_id(case_id));
    if (!imported) return no_case(case_id);
    const std::lock_guard guard(mutex_);
    auto& journal = journals_[case_id];
    if (journal == nullptr) journal = std::make_unique<Journal>(imported->folder, key_, clock_);
    return journal.get();
}

/// Once for each case, before its first run of this process: the folder of its runs lasts from then on, so
/// that no run has to sync the name that leads to it.
Result<void> Store::mark(const std::string& case_id, Journal& journal) {
    const std::lock_guard guard(mutex_);
    if (marked_.contains(case_id)) return {};
    const auto head = journal.head();
    if (!head) return head.error();
    if (auto done = mark_unsettled(home_, case_id, head->runs); !done) return done;
    if (auto done = writer_.note(case_id); !done) return done;
    const auto folder = open_folder(journal.folder());
    if (!folder) return folder.error();
    if (const auto runs = make_folder_at(folder->get(), "runs", true); !runs) return runs.error();
    if (auto done = sync_folder(folder->get()); !done) return done;
    marked_.insert(case_id);
    return {};
}

/// A process may come to know thousands of cases, and each writer keeps two files open.
void Store::keep_open(Journal* journal) {
    const std::lock_guard guard(mutex_);
    if (!open_.empty() && open_.front() == journal) return;
    open_.remove(journal);
    open_.push_front(journal);
    if (open_.size() <= open_cases_max) return;
    open_.back()->rest();
    open_.pop_back();
}

Result<Run> Store::begin(const std::string& case_id, Opening opening) {
    if (parse_imported_id(case_id)) return read_only_case(case_id);
    auto journal = this->journal(case_id);
    if (!journal) return journal.error();
    if (auto done = mark(case_id, **journal); !done) return done.error();
    keep_open(*journal);
    auto run = Run::open(**journal, clock_, case_id, std::move(opening), writer_.open_runs());
    // A folder that vanishes between the two steps is no wrong argument of the caller.
    if (!run && run.error().kind == ErrorKind::not_found) {
        const std::lock_guard guard(mutex_);
        marked_.erase(case_id);
        return unavailable(run.error().message, "restore the home folder, then call again");
    }
    return run;
}

Result<std::vector<json::object>> Store::runs(const std::string& case_id) {
    auto journal = this->journal(case_id);
    if (!journal) return journal.error();
    auto runs = runs_of(**journal);
    if (!runs) return runs.error();
    std::vector<json::object> manifests;
    for (const auto& run : *runs) {
        json::object known{{"run_id", run.run_id}, {"seq", run.seq}, {"tool", run.tool}, {"task", run.task}};
        if (!run.sealed) {
            known["open"] = true;
            manifests.push_back(std::move(known));
            continue;
        }
        auto manifest = read_manifest(**journal, run);
        if (!manifest) {
            // One damaged run must not hide the others.
            known["damaged"] = manifest.error().message;
            manifests.push_back(std::move(known));
            continue;
        }
        manifests.push_back(*std::move(manifest));
    }
    return manifests;
}

Result<RunRecords> Store::run(const std::string& case_id, const std::string& run_id) {
    auto journal = this->journal(case_id);
    if (!journal) return journal.error();
    auto run = run_of(**journal, run_id);
    if (!run) return run.error();
    if (!*run)
        return not_found("run: the case has no run '" + printable(shorten(run_id, 64)) + "'",
                         "read_evidence without a run lists them");
    return std::move(**run);
}

Result<Descriptor> Store::open_file(const std::string& case_id, const std::string& run_id,
                                    const std::string& name) {
    auto run = this->run(case_id, run_id);
    if (!run) return run.error();
    if (!run->sealed) return not_found("run " + run_id + " is not sealed: it goes on, or was interrupted");
    // The sealing record lists what the manifest lists, and the manifest itself; nothing else can be opened.
    if (run->file(name) == nullptr) {
        std::vector<std::string> names;
        for (const auto& file : run->files) names.push_back(file.path);
        return not_found("file: run " + run_id + " has no '" + printable(shorten(name, 64)) + "'",
                         "it has " + join(names, ", "));
    }
    if (const auto pruned = run->pruned.find(name); pruned != run->pruned.end())
        return not_found("file: " + name + " of run " + run_id + " was destroyed on " + pruned->second,
                         "its size and hash stay in the manifest; replay asks the same again");
    auto journal = this->journal(case_id);
    if (!journal) return journal.error();
    auto folder = open_run_folder(**journal, *run);
    if (!folder) return folder.error();
    auto file = open_file_at(folder->get(), name);
    if (!file && file.error().kind == ErrorKind::not_found)
        if (const auto withheld = why_withheld((*journal)->folder(), "runs/" + run->folder_name + "/" + name))
            return *withheld;
    return file;
}

}  // namespace casefile::evidence

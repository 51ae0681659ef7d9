#include "evidence/verify_files.h"

#include <algorithm>

#include "evidence/head_file.h"
#include "evidence/manifest.h"

namespace casefile::evidence {
namespace {

using Found = Result<std::optional<Break>>;

constexpr std::string_view fresh_suffix = ".new", inspect_suffix = ".inspect.md";

/// Files that `cases` makes from the journal, and checks against it.
bool is_derived(std::string_view name) { return name == "case.json" || name.ends_with(inspect_suffix); }

/// What a crash may leave of a file that was being replaced: no reader takes it for anything.
bool is_leftover(std::string_view name) {
    if (!name.ends_with(fresh_suffix)) return false;
    name.remove_suffix(fresh_suffix.size());
    return name == head_name || name == chain_name || is_derived(name);
}

class FileCheck {
  public:
    FileCheck(int case_folder, const Listing& listing, const Expected& expected, Verification& out)
        : case_folder_(case_folder),
          listing_(listing),
          runs_(expected.runs),
          attachments_(expected.attachments),
          exported_(expected.exported ? &*expected.exported : nullptr),
          out_(out) {}

    Found run() {
        if (!runs_.empty() || listing_.top.count("runs") > 0) {
            auto folder = open_folder_at(case_folder_, "runs");
            if (!folder) return broken_folder(folder.error(), "runs");
            runs_folder_ = *std::move(folder);
        }
        for (const auto& run : runs_) {
            auto found = run.sealed ? sealed_run(run) : open_run(run);
            if (!found || *found) return found;
        }
        if (auto found = added_runs()) return found;
        if (auto found = attachments(); !found || *found) return found;
        if (auto found = page(); !found || *found) return found;
        return added_at_top();
    }

  private:
    Found sealed_run(const RunRecords& run);
    Found open_run(const RunRecords& run);
    Found file(int folder, const RunRecords& run, const FileEntry& expected);
    Found missing_run(const RunRecords& run);
    std::string renamed_to(int folder, const RunRecords& run, const FileEntry& expected);
    std::optional<Break> added_runs();
    Found attachments();
    Found attachment(int folder, const Attachment& expected);
    bool knows_attachment(const std::string& name) const;
    std::optional<Break> added_attachments(int folder);
    Found page();
    Found added_at_top();
    Found drafts();
    bool is_withheld(const std::string& path, const std::string& sha256);
    bool all_withheld(const RunRecords& run);
    Found content(const Descriptor& file, const std::string& where, const std::string& sha256);
    std::string path(const RunRecords& run, const std::string& name = {}) const {
        return "runs/" + run.folder_name + (name.empty() ? "" : "/" + name);
    }

    /// Missing, or something else under its name, is a break; what cannot be read is an error.
    static Found broken_folder(const Error& error, const std::string& where) {
        if (error.kind == ErrorKind::not_found)
            return Break{"file missing", where, "expected a folder, got nothing"};
        if (error.kind == ErrorKind::invalid_argument) return Break{"file altered", where, error.message};
        return error;
    }

    int case_folder_;
    const Listing& listing_;
    const std::vector<RunRecords>& runs_;
    const std::vector<Attachment>& attachments_;
    const ExportList* exported_;
    Verification& out_;
    Descriptor runs_folder_;
};

/// A name that no record knows, with the very bytes that are missing.
std::string FileCheck::renamed_to(int folder, const RunRecords& run, const FileEntry& expected) {
    auto names = names_in(folder);
    if (!names) return {};
    for (const auto& name : *names) {
        if (run.file(name) != nullptr) continue;
        auto other = open_file_at(folder, name);
        if (!other) continue;
        if (auto digest = digest_of(other->get()); digest && digest->sha256 == expected.sha256) return name;
    }
    return {};
}

/// True for a file that the exporter, who signs with the key of the case, left out.
bool FileCheck::is_withheld(const std::string& path, const std::string& sha256) {
    if (exported_ == nullptr) return false;
    const auto listed = [&](const ListedFile& file) { return file.path == path && file.sha256 == sha256; };
    if (std::none_of(exported_->withheld.begin(), exported_->withheld.end(), listed)) return false;
    out_.withheld.push_back(path);
    return true;
}

/// An export leaves no folder of a run of which it has no file.
bool FileCheck::all_withheld(const RunRecords& run) {
    const auto before = out_.withheld.size();
    for (const auto& file : run.asked)
        if (!is_withheld(path(run, file.path), file.sha256)) {
            out_.withheld.resize(before);
            return false;
        }
    return true;
}

Found FileCheck::content(const Descriptor& file, const std::string& where, const std::string& sha256) {
    auto digest = digest_of(file.get());
    if (!digest) return unavailable(where + ": " + digest.error().message, digest.error().hint);
    if (digest->sha256 != sha256)
        return Break{"file altered", where, "expected SHA-256 " + sha256 + ", got " + digest->sha256};
    ++out_.files;
    out_.bytes += digest->bytes;
    return std::nullopt;
}

Found FileCheck::file(int folder, const RunRecords& run, const FileEntry& expected) {
    const auto where = path(run, expected.path);
    auto file = open_file_at(folder, expected.path);
    const auto pruned = run.pruned.find(expected.path);
    if (pruned != run.pruned.end()) out_.pruned.push_back(where + " on " + pruned->second);
    if (!file && file.error().kind == ErrorKind::not_found) {
        if (pruned != run.pruned.end()) return std::nullopt;
        if (is_withheld(where, expected.sha256)) return std::nullopt;
        if (const auto name = renamed_to(folder, run, expected); !name.empty())
            return Break{"file renamed", where, "its content is found as " + name};
        return Break{"file missing", where,
                     "expected a file with SHA-256 " + expected.sha256 + ", got nothing"};
    }
    if (!file && file.error().kind == ErrorKind::invalid_argument)
        return Break{"file altered", where, file.error().message};
    if (!file) return file.error();
    if (pruned != run.pruned.end())
        out_.not_proved.push_back(where +
                                  ": is still there, although the journal tells that it was destroyed");
    return content(*file, where, expected.sha256);
}

Found FileCheck::missing_run(const RunRecords& run) {
    std::set<std::string> known;
    for (const auto& each : runs_) known.insert(each.folder_name);
    const auto& manifest = *run.file(manifest_name(run.task));
    for (const auto& name : listing_.runs) {
        if (known.count(name) > 0) continue;
        auto folder = open_folder_at(runs_folder_.get(), name);
        auto file = folder ? open_file_at(folder->get(), manifest.path) : Result<Descriptor>(folder.error());
        if (!file) continue;
        if (auto digest = digest_of(file->get()); digest && digest->sha256 == manifest.sha256)
            return Break{"file renamed", path(run), "its manifest is found in runs/" + name};
    }
    return Break{"file missing", path(run), "expected the folder of a sealed run, got nothing"};
}

Found FileCheck::sealed_run(const RunRecords& run) {
    auto folder = open_folder_at(runs_folder_.get(), run.folder_name);
    if (!folder && folder.error().kind == ErrorKind::not_found) return missing_run(run);
    if (!folder) return broken_folder(folder.error(), path(run));
    for (const auto& expected : run.files) {
        auto found = file(folder->get(), run, expected);
        if (!found || *found) return found;
    }
    auto names = names_in(folder->get());
    if (!names) return names.error();
    for (const auto& name : *names)
        if (run.file(name) == nullptr)
            return Break{"file added", path(run, name), "the sealing record of the run does not name it"};
    return std::nullopt;
}

/// Going on or interrupted: script and input are covered by the opening record, what came after them by
/// nothing yet.
Found FileCheck::open_run(const RunRecords& run) {
    out_.open_runs.push_back(run.run_id);
    if (run.interrupted) out_.interrupted.push_back(run.run_id);
    auto folder = open_folder_at(runs_folder_.get(), run.folder_name);
    if (!folder && folder.error().kind == ErrorKind::not_found)
        folder = open_folder_at(runs_folder_.get(), pending_folder_name(run.run_id));
    // Between the two looks another process may have given the folder its name.
    if (!folder && folder.error().kind == ErrorKind::not_found)
        folder = open_folder_at(runs_folder_.get(), run.folder_name);
    if (!folder && folder.error().kind == ErrorKind::not_found && all_withheld(run)) return std::nullopt;
    if (!folder) return broken_folder(folder.error(), path(run));
    for (const auto& expected : run.asked) {
        auto found = file(folder->get(), run, expected);
        if (!found || *found) return found;
    }
    auto names = names_in(folder->get());
    if (!names) return names.error();
    for (const auto& expected : run.asked) names->erase(expected.path);
    if (!names->empty())
        out_.not_proved.push_back(path(run) + ": " + std::to_string(names->size()) +
                                  " files of a run that was never sealed are covered by no record");
    return std::nullopt;
}

std::optional<Break> FileCheck::added_runs() {
    std::set<std::string> known;
    for (const auto& run : runs_) {
        known.insert(run.folder_name);
        if (!run.sealed) known.insert(pending_folder_name(run.run_id));
    }
    for (const auto& name : listing_.runs) {
        // A call that was being opened when the names were listed has moved its folder since.
        if (known.count(name) > 0 || (runs_folder_ && !exists_at(runs_folder_.get(), name))) continue;
        if (!name.starts_with('.') || !name.ends_with(fresh_suffix))
            return Break{"file added", "runs/" + name, "no record of the journal names it"};
        out_.not_proved.push_back(
            "runs/" + name +
            ": of a call that is being opened, or was interrupted before its record, or put "
            "there by someone; it is no evidence");
    }
    return std::nullopt;
}

Found FileCheck::added_at_top() {
    static const std::set<std::string> known = {chain_name, head_name, "runs", "drafts", attachments_name};
    for (const auto& name : listing_.top) {
        if (known.count(name) > 0 || is_derived(name)) continue;
        if (exported_ != nullptr && (name == export_list_name || name == export_page_name)) continue;
        if (!is_leftover(name)) return Break{"file added", name, "no file of a case has this name"};
        if (exists_at(case_folder_, name))
            out_.not_proved.push_back(name +
                                      ": of a write that goes on or was interrupted; it is no evidence");
    }
    return drafts();
}

Found FileCheck::drafts() {
    if (listing_.top.count("drafts") == 0) return std::nullopt;
    auto folder = open_folder_at(case_folder_, "drafts");
    if (!folder) return broken_folder(folder.error(), "drafts");
    auto names = names_in(folder->get());
    if (!names) return names.error();
    names->erase("generated");  // what the others were made as
    if (!names->empty())
        out_.not_proved.push_back("drafts/: write-ups that people may edit are outside the promise, " +
                                  std::to_string(names->size()) + " here");
    return std::nullopt;
}

Found FileCheck::attachment(int folder, const Attachment& expected) {
    auto file = open_attachment(case_folder_, expected.path);
    if (!file && file.error().kind == ErrorKind::invalid_argument)
        return Break{"file altered", expected.path, file.error().message};
    if (file) return content(*file, expected.path, expected.sha256);
    if (file.error().kind != ErrorKind::not_found) return file.error();
    for (const auto& name : listing_.attachments) {
        auto other = open_file_at(folder, name);
        if (!other || knows_attachment(name)) continue;
        if (auto digest = digest_of(other->get()); digest && digest->sha256 == expected.sha256)
            return Break{"file renamed", expected.path, "its content is found as " + name};
    }
    return Break{"file missing", expected.path,
                 "expected a file with SHA-256 " + expected.sha256 + ", got nothing"};
}

Found FileCheck::attachments() {
    if (attachments_.empty() && listing_.top.count(attachments_name) == 0) return std::nullopt;
    auto folder = open_folder_at(case_folder_, attachments_name);
    if (!folder) return broken_folder(folder.error(), attachments_name);
    for (const auto& expected : attachments_) {
        auto found = attachment(folder->get(), expected);
        if (!found || *found) return found;
    }
    return added_attachments(folder->get());
}

bool FileCheck::knows_attachment(const std::string& name) const {
    return std::any_of(attachments_.begin(), attachments_.end(), [&](const Attachment& one) {
        return one.path == std::string(attachments_name) + "/" + name || pending_attachment(one.path) == name;
    });
}

std::optional<Break> FileCheck::added_attachments(int folder) {
    for (const auto& name : listing_.attachments) {
        // A document that was being filed when the names were listed has got its name since.
        if (knows_attachment(name) || !exists_at(folder, name)) continue;
        const auto where = std::string(attachments_name) + "/" + name;
        if (!name.starts_with('.') || !name.ends_with(fresh_suffix))
            return Break{"file added", where, "no record of the journal names it"};
        out_.not_proved.push_back(where +
                                  ": of a document that is being filed, or was interrupted before its "
                                  "record, or put there by someone; it is no evidence");
    }
    return std::nullopt;
}

/// The page of an export is no evidence, but what it shows and checks is trusted: it has to be the one that
/// was exported.
Found FileCheck::page() {
    if (exported_ == nullptr || listing_.top.count(export_page_name) == 0) return std::nullopt;
    for (const auto& listed : exported_->files) {
        if (listed.path != export_page_name) continue;
        auto file = open_file_at(case_folder_, export_page_name);
        if (!file) return Break{"file altered", export_page_name, file.error().message};
        auto digest = digest_of(file->get());
        if (!digest) return digest.error();
        if (digest->sha256 == listed.sha256) return std::nullopt;
        return Break{"file altered", export_page_name,
                     "expected SHA-256 " + listed.sha256 + ", got " + digest->sha256};
    }
    return Break{"file added", export_page_name, "export.json does not name it"};
}

}  // namespace

Result<Listing> list_case(int case_folder) {
    Listing listing;
    auto top = names_in(case_folder);
    if (!top) return top.error();
    listing.top = *std::move(top);
    for (const auto& [name, into] : {std::pair(std::string("runs"), &listing.runs),
                                     std::pair(std::string(attachments_name), &listing.attachments)}) {
        auto folder = open_folder_at(case_folder, name);
        if (!folder) continue;
        auto names = names_in(folder->get());
        if (!names) return names.error();
        *into = *std::move(names);
    }
    return listing;
}

Result<std::optional<Break>> check_files(int case_folder, const Listing& listing, const Expected& expected,
                                         Verification& out) {
    return FileCheck(case_folder, listing, expected, out).run();
}

}  // namespace casefile::evidence

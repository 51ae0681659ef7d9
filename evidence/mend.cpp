#include "evidence/mend.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <map>

#include "base/ids.h"
#include "base/text.h"
#include "evidence/chain.h"
#include "evidence/files.h"
#include "evidence/manifest.h"
#include "evidence/record_line.h"
#include "evidence/run_records.h"
#include "evidence/store.h"

namespace casefile::evidence {
namespace {

constexpr const char* notes_name = "unsettled";
constexpr std::uint64_t note_bytes_max = 256;

/// Empty where the kernel does not tell; then every start looks at the runs that were noted.
std::string this_boot() {
    const auto folder = open_folder("/proc/sys/kernel/random");
    if (!folder) return {};
    const auto file = open_file_at(folder->get(), "boot_id");
    if (!file) return {};
    const auto text = read_whole(file->get(), note_bytes_max);
    return text ? std::string(trim(*text)) : std::string();
}

/// The folder of notes, locked: no run begins while a case is being mended.
Result<Descriptor> open_notes(const std::filesystem::path& home, bool make) {
    auto parent = open_folder(home);
    if (!parent) return parent;
    if (!make && !exists_at(parent->get(), notes_name)) return Descriptor();
    auto notes = make_folder_at(parent->get(), notes_name, true);
    while (notes && ::flock(notes->get(), LOCK_EX) != 0)
        if (errno != EINTR) return file_error("cannot lock", notes_name);
    return notes;
}

struct Note {
    std::string boot;
    std::uint64_t runs = 0;
};

/// An unreadable note is one of no boot, about every run.
Note read_note(int notes, const std::string& case_id) {
    Note note;
    const auto file = open_file_at(notes, case_id);
    const auto text = file ? read_whole(file->get(), note_bytes_max) : Result<std::string>(file.error());
    if (!text) return note;
    const auto words = split(trim(*text), ' ');
    if (words.size() != 2) return note;
    std::from_chars(words[1].data(), words[1].data() + words[1].size(), note.runs);
    note.boot = words[0];
    return note;
}

/// True when the disk kept only a part of `whole`: it is shorter, or ends in zeros that were never written.
bool is_part_of(std::string_view text, std::string_view whole) {
    while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
    return whole.starts_with(text) && text.size() < whole.size();
}

Result<void> mend_file(int folder, const std::string& name, const std::string& bytes) {
    auto file = open_file_at(folder, name);
    if (!file && file.error().kind != ErrorKind::not_found) return {};
    if (file) {
        const auto text = read_whole(file->get(), bytes.size());
        if (!text || !is_part_of(*text, bytes)) return {};
    }
    if (auto done = replace_file_at(folder, name, bytes, true); !done) return done;
    return {};
}

/// The folder of a run, which may still have its first name, or not be there at all.
Result<Descriptor> mend_folder(int runs, const std::string& name, const std::string& run_id) {
    auto folder = open_folder_at(runs, name);
    if (folder || folder.error().kind != ErrorKind::not_found) return folder;
    ::renameat(runs, pending_folder_name(run_id).c_str(), runs, name.c_str());
    return make_folder_at(runs, name, true);
}

class Mending {
  public:
    Mending(int runs_folder, std::uint64_t settled, PrunedFiles pruned)
        : runs_folder_(runs_folder), settled_(settled), pruned_(std::move(pruned)) {}

    /// Takes the records in their order.
    Result<void> take(std::string_view line) {
        Held held;
        const auto record = parse_line(line, &held);
        // verify names what is wrong with such a line.
        if (!record || (record->kind != "run" && record->kind != "sealed")) return {};
        const auto id = string_or(record->body, "run_id");
        if (record->kind == "run" && ++runs_ > settled_) {
            const auto task = string_or(record->body, "task");
            const auto name = run_folder_name(runs_, task, id);
            if (is_run_id(id) && is_plain_name(name)) names_[id] = name;
        }
        const auto name = names_.find(id);
        if (name == names_.end()) return {};
        auto folder = mend_folder(runs_folder_, name->second, id);
        if (!folder) return folder.error();
        for (const auto& [file, bytes] : held)
            if (is_plain_name(file) && !pruned_.contains({id, file}))
                if (auto done = mend_file(folder->get(), file, bytes); !done) return done;
        return {};
    }

  private:
    const int runs_folder_;
    const std::uint64_t settled_;
    const PrunedFiles pruned_;
    std::uint64_t runs_ = 0;
    std::map<std::string, std::string> names_;
};

Result<void> mend_case(const std::filesystem::path& folder, std::uint64_t settled) {
    auto opened = open_folder(folder);
    if (!opened) return opened.error();
    auto chain = open_file_at(opened->get(), chain_name);
    if (!chain) return chain.error();
    if (auto locked = lock_chain(chain->get(), Lock::shared); !locked) return locked;
    auto runs = make_folder_at(opened->get(), "runs", true);
    if (!runs) return runs.error();
    // What was destroyed on purpose stays so, wherever the record of it stands.
    PrunedFiles pruned;
    auto looked = for_each_line(chain->get(), 0, [&](std::string_view line, std::uint64_t) -> Result<void> {
        if (const auto record = parse_line(line); record && record->kind == "pruned")
            pruned.merge(files_pruned_by(*record));
        return {};
    });
    if (!looked) return looked.error();
    Mending mending(runs->get(), settled, std::move(pruned));
    auto end = for_each_line(chain->get(), 0,
                             [&](std::string_view line, std::uint64_t) { return mending.take(line); });
    if (!end) return end.error();
    if (auto done = sync_folder(runs->get()); !done) return done;
    return sync_folder(opened->get());
}

}  // namespace

Result<void> mark_unsettled(const std::filesystem::path& home, const std::string& case_id,
                            std::uint64_t runs) {
    auto notes = open_notes(home, true);
    if (!notes) return notes.error();
    const auto boot = this_boot();
    if (const auto note = read_note(notes->get(), case_id); !boot.empty() && note.boot == boot) return {};
    auto done = replace_file_at(notes->get(), case_id, boot + " " + std::to_string(runs) + "\n", true);
    if (!done) return done;
    auto folder = open_folder(home);
    return folder ? sync_folder(folder->get()) : Result<void>(folder.error());
}

Result<std::set<std::string>> mend_after_power_failure(const std::filesystem::path& home) {
    std::set<std::string> mended;
    auto notes = open_notes(home, false);
    if (!notes) return notes.error();
    if (!*notes) return mended;
    auto names = names_in(notes->get());
    if (!names) return names.error();
    const auto boot = this_boot();
    for (const auto& name : *names) {
        if (name != unfiled && !is_case_id(name)) continue;
        const auto note = read_note(notes->get(), name);
        if (!boot.empty() && note.boot == boot) continue;
        // A case that cannot be mended now is left for the next start; its own calls and verify tell of it.
        if (!mend_case(home / "cases" / name, note.runs)) continue;
        ::unlinkat(notes->get(), name.c_str(), 0);
        mended.insert(name);
    }
    return mended;
}

}  // namespace casefile::evidence

#include "evidence/writers.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/ids.h"
#include "base/text.h"
#include "evidence/manifest.h"
#include "evidence/run_records.h"
#include "evidence/store.h"

namespace casefile::evidence {
namespace {

constexpr const char* writers_name = "writers";
constexpr std::uint64_t note_bytes_max = 4 * 1024 * 1024;
constexpr int attempts_max = 100;

Result<void> lock_file(int file) {
    while (::flock(file, LOCK_EX) != 0)
        if (errno != EINTR) return file_error("cannot lock", writers_name);
    return {};
}

/// The folder of an open run, which a crash may have left under its first name.
Result<Descriptor> folder_of(int runs, const RunRecords& run) {
    auto folder = open_folder_at(runs, run.folder_name);
    return folder ? std::move(folder) : open_folder_at(runs, pending_folder_name(run.run_id));
}

}  // namespace

Writer::~Writer() {
    if (file_ && open_runs_ == 0) ::unlinkat(folder_.get(), name_.c_str(), 0);
}

/// Who looks for ended writers may take a file that is not locked yet for one of those and remove it.
Result<void> Writer::begin() {
    auto home = open_folder(home_);
    if (!home) return home.error();
    auto folder = make_folder_at(home->get(), writers_name, true);
    if (!folder) return folder.error();
    folder_ = *std::move(folder);
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        name_ = random_hex(8);
        auto file = create_file_at(folder_.get(), name_);
        if (!file) return in_folder(writers_name, file.error());
        if (auto locked = lock_file(file->get()); !locked) return locked;
        struct stat info {};
        if (::fstat(file->get(), &info) != 0 || info.st_nlink == 0) continue;
        file_ = *std::move(file);
        return {};
    }
    return unavailable("writers: the file of this process is removed again and again", "call again");
}

Result<void> Writer::note(const std::string& case_id) {
    const std::lock_guard guard(mutex_);
    if (!file_)
        if (auto done = begin(); !done) return done;
    return write_all(file_.get(), case_id + "\n");
}

void for_each_left_case(const std::filesystem::path& home,
                        const std::function<Result<void>(const std::string& case_id)>& mark) {
    const auto parent = open_folder(home);
    if (!parent) return;
    const auto folder = open_folder_at(parent->get(), writers_name);
    if (!folder || !lock_file(folder->get())) return;
    const auto names = names_in(folder->get());
    if (!names) return;
    for (const auto& name : *names) {
        const auto file = open_file_at(folder->get(), name);
        if (!file || ::flock(file->get(), LOCK_EX | LOCK_NB) != 0) continue;
        const auto text = read_whole(file->get(), note_bytes_max);
        bool all = text.has_value();
        if (text)
            for (const auto& id : split(trim(*text), '\n'))
                if (id == unfiled || is_case_id(id)) all = mark(id).has_value() && all;
        if (all) ::unlinkat(folder->get(), name.c_str(), 0);
    }
}

Result<void> mark_interrupted(Journal& journal) {
    const auto runs = open_runs_of(journal);
    if (!runs) return runs.error();
    const auto case_folder = open_folder(journal.folder());
    if (!case_folder) return case_folder.error();
    const auto runs_folder = open_folder_at(case_folder->get(), "runs");
    for (const auto& run : *runs) {
        const auto folder =
            runs_folder ? folder_of(runs_folder->get(), run) : Result<Descriptor>(Descriptor());
        if (folder && *folder && ::flock(folder->get(), LOCK_EX | LOCK_NB) != 0) continue;
        const auto marked = journal.append("interrupted", {{"run_id", run.run_id}, {"seq", run.seq}});
        if (!marked) return marked.error();
    }
    return {};
}

}  // namespace casefile::evidence

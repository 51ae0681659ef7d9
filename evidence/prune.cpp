#include "evidence/prune.h"

#include <unistd.h>

#include <algorithm>

#include "evidence/chain.h"
#include "evidence/files.h"
#include "evidence/record_line.h"

namespace casefile::evidence {
namespace {

/// A record stays far below its limit of 8 MiB.
constexpr std::size_t files_in_record_max = 5'000;

Result<Descriptor> open_runs(const Journal& journal) {
    auto folder = open_folder(journal.folder());
    return folder ? open_folder_at(folder->get(), "runs") : std::move(folder);
}

bool is_there(int runs, const RunRecords& run, const std::string& path) {
    const auto folder = open_folder_at(runs, run.folder_name);
    return folder && exists_at(folder->get(), path);
}

Result<void> remove_files(int runs, const std::vector<PrunePlan::File>& files) {
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto folder = open_folder_at(runs, files[i].folder);
        if (!folder) return folder.error();
        const auto& path = files[i].path;
        if (::unlinkat(folder->get(), path.c_str(), 0) != 0 && errno != ENOENT)
            return file_error("cannot remove", path);
        if (i + 1 == files.size() || files[i + 1].folder != files[i].folder)
            if (auto done = sync_folder(folder->get()); !done) return done;
    }
    return {};
}

/// True when the record holds a file that has to go; then `line` is the one without it.
bool take_out(std::string& line, const PrunedFiles& files) {
    Held held;
    const auto record = parse_line(line, &held);
    if (!record || held.empty()) return false;
    const auto run_id = string_or(record->body, "run_id");
    const auto gone = std::erase_if(held, [&](const auto& one) {
        return files.contains({run_id, one.first});
    });
    if (gone > 0) line = line_with(*record, held);
    return gone > 0;
}

}  // namespace

Result<PrunePlan> plan_pruning(Journal& journal, const std::string& before) {
    const auto runs = runs_of(journal);
    if (!runs) return runs.error();
    PrunePlan plan;
    const auto folder = open_runs(journal);
    for (const auto& run : *runs) {
        if (!run.sealed) continue;
        for (const auto& file : run.files) {
            const PrunePlan::File one{run.run_id, run.folder_name, file.path, file.bytes, file.sha256};
            if (run.pruned.contains(file.path)) {
                if (!folder || !is_there(folder->get(), run, file.path)) continue;
                plan.left_behind.push_back(one);
            } else if (file.role == "output" && run.sealed_at < before) {
                plan.files.push_back(one);
            } else {
                continue;
            }
            plan.bytes += file.bytes;
        }
    }
    return plan;
}

Result<void> rewrite_without(int case_folder, int file, const PrunedFiles& files) {
    const auto fresh = std::string(chain_name) + ".new";
    ::unlinkat(case_folder, fresh.c_str(), 0);
    auto out = create_file_at(case_folder, fresh);
    if (!out) return out.error();
    bool changed = false;
    auto end = for_each_line(file, 0, [&](std::string_view line, std::uint64_t) -> Result<void> {
        std::string copy(line);
        changed = take_out(copy, files) || changed;
        return write_all(out->get(), copy + "\n");
    });
    Result<void> done = end ? Result<void>() : end.error();
    if (done && changed) done = sync_file(out->get());
    if (!done || !changed) {
        ::unlinkat(case_folder, fresh.c_str(), 0);
        return done;
    }
    if (::renameat(case_folder, fresh.c_str(), case_folder, chain_name) != 0)
        return file_error("cannot replace", chain_name);
    // Nobody may add to the new chain before it is sure to stay.
    return sync_folder(case_folder);
}

Result<void> prune(Journal& journal, const PrunePlan& plan, const std::string& by,
                   const std::string& reason) {
    PrunedFiles files;
    for (const auto* part : {&plan.files, &plan.left_behind})
        for (const auto& file : *part) files.emplace(file.run_id, file.path);
    for (std::size_t from = 0; from < plan.files.size(); from += files_in_record_max) {
        json::array names;
        const auto until = std::min(plan.files.size(), from + files_in_record_max);
        for (std::size_t i = from; i < until; ++i) {
            const auto& file = plan.files[i];
            names.push_back({{"run_id", file.run_id},
                             {"path", file.path},
                             {"bytes", file.bytes},
                             {"sha256", file.sha256}});
        }
        auto record = journal.append("pruned", {{"by", by}, {"reason", reason}, {"files", std::move(names)}});
        if (!record) return record.error();
    }
    if (auto done = journal.drop_held(files); !done) return done;
    auto folder = open_runs(journal);
    if (!folder) return folder.error();
    if (auto done = remove_files(folder->get(), plan.files); !done) return done;
    return remove_files(folder->get(), plan.left_behind);
}

}  // namespace casefile::evidence

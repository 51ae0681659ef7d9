#include "evidence/run_records.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/ids.h"
#include "base/text.h"
#include "evidence/chain.h"
#include "evidence/files.h"
#include "evidence/manifest.h"

namespace casefile::evidence {
namespace {

constexpr std::size_t task_length_max = 40;

std::uint64_t number_at(const json::object& body, std::string_view key) {
    const auto* value = member(body, key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return 0;
    return static_cast<std::uint64_t>(value->get_int64());
}

Error disagrees(const std::string& where, const std::string& why) { return invalid(where + ": " + why); }

Result<RunRecords> read_opening(const Record& record, std::uint64_t seq) {
    const auto& body = record.body;
    RunRecords run;
    run.where = line_name(record.n - 1);
    run.run_id = string_or(body, "run_id");
    run.tool = string_or(body, "tool");
    run.task = string_or(body, "task");
    run.seq = number_at(body, "seq");
    if (!is_run_id(run.run_id) || !is_slug(run.task, task_length_max))
        return disagrees(run.where, "expected a run id and a task, got something else");
    if (run.seq != seq)
        return disagrees(run.where,
                         "expected run " + std::to_string(seq) + ", got run " + std::to_string(run.seq));
    run.folder_name = run_folder_name(run.seq, run.task, run.run_id);
    if (string_or(body, "folder") != "runs/" + run.folder_name)
        return disagrees(run.where, "the folder is not that of the run");
    const auto script = string_or(body, "script");
    if (!is_plain_name(script)) return disagrees(run.where, "the script's name is not a plain file name");
    run.asked = {{script, "script", "", "", 0, string_or(body, "script_sha256")},
                 {input_name(run.task), "input", "", "", 0, string_or(body, "input_sha256")}};
    return run;
}

Result<void> read_sealing(const Record& record, RunRecords& run) {
    const auto where = line_name(record.n - 1);
    if (run.sealed) return disagrees(where, "run " + run.run_id + " is sealed twice");
    if (number_at(record.body, "seq") != run.seq)
        return disagrees(where, "the sequence number is not that of the run");
    if (run.interrupted) return disagrees(where, "it seals run " + run.run_id + ", which was interrupted");
    run.sealed = true;
    run.sealed_at = record.at;

    const auto* files = member(record.body, "files");
    if (files == nullptr || !files->is_array()) return disagrees(where, "expected files, got none");
    std::set<std::string> names;
    for (const auto& item : files->get_array()) {
        const auto* object = item.if_object();
        if (object == nullptr) return disagrees(where, "expected a file, got something else");
        FileEntry file{string_or(*object, "path"),  string_or(*object, "role"),  "", "",
                       number_at(*object, "bytes"), string_or(*object, "sha256")};
        if (!is_plain_name(file.path) || !names.insert(file.path).second)
            return disagrees(where, "a file's name is not plain, or named twice");
        run.files.push_back(std::move(file));
    }
    FileEntry manifest{manifest_name(run.task),
                       "manifest",
                       "metadata",
                       "json",
                       0,
                       string_or(record.body, "manifest_sha256")};
    if (!names.insert(manifest.path).second) return disagrees(where, "the manifest lists itself");
    run.files.push_back(std::move(manifest));

    for (const auto& asked : run.asked) {
        const auto* file = run.file(asked.path);
        if (file == nullptr || file->sha256 != asked.sha256)
            return disagrees(where, asked.path + " is not the one that the opening record names");
    }
    return {};
}

/// Takes the records of a case in their order, and keeps what is told of all runs or of one.
class RunsReader {
  public:
    explicit RunsReader(std::optional<std::string> only = {}) : only_(std::move(only)) {}

    Result<void> take(const Record& record) {
        if (record.kind == "run") return open(record);
        if (record.kind == "sealed") return seal(record);
        if (record.kind == "interrupted") return interrupt(record);
        if (record.kind == "pruned") return prune(record);
        return {};
    }
    std::vector<RunRecords> runs() && { return std::move(runs_); }

  private:
    Result<void> open(const Record& record);
    Result<void> seal(const Record& record);
    Result<void> interrupt(const Record& record);
    Result<void> prune(const Record& record);
    bool keeps(const std::string& run_id) const { return !only_ || *only_ == run_id; }
    RunRecords* find(const std::string& run_id) {
        const auto found = by_id_.find(run_id);
        return found == by_id_.end() ? nullptr : &runs_[found->second];
    }

    const std::optional<std::string> only_;
    std::uint64_t opened_ = 0;
    std::vector<RunRecords> runs_;
    std::map<std::string, std::size_t> by_id_;
};

Result<void> RunsReader::open(const Record& record) {
    ++opened_;
    if (!keeps(string_or(record.body, "run_id"))) return {};
    auto run = read_opening(record, opened_);
    if (!run) return run.error();
    if (!by_id_.emplace(run->run_id, runs_.size()).second)
        return disagrees(run->where, "run " + run->run_id + " is opened twice");
    runs_.push_back(*std::move(run));
    return {};
}

Result<void> RunsReader::seal(const Record& record) {
    const auto run_id = string_or(record.body, "run_id");
    if (!keeps(run_id)) return {};
    auto* run = find(run_id);
    if (run == nullptr) return disagrees(line_name(record.n - 1), "it seals a run that was never opened");
    return read_sealing(record, *run);
}

Result<void> RunsReader::interrupt(const Record& record) {
    const auto run_id = string_or(record.body, "run_id");
    if (!keeps(run_id)) return {};
    auto* run = find(run_id);
    if (run == nullptr || run->sealed)
        return disagrees(line_name(record.n - 1), "it tells of the end of a run that is not open");
    run->interrupted = true;
    return {};
}

/// Only outputs of sealed runs may be destroyed, and their names and hashes stay in the record.
Result<void> RunsReader::prune(const Record& record) {
    const auto where = line_name(record.n - 1);
    const auto* files = member(record.body, "files");
    if (files == nullptr || !files->is_array()) return disagrees(where, "expected files, got none");
    const auto what = record.at + " by " + printable(string_or(record.body, "by")) + ": " +
                      printable(string_or(record.body, "reason"));
    for (const auto& item : files->get_array()) {
        const auto* object = item.if_object();
        if (object == nullptr) return disagrees(where, "expected a file, got something else");
        const auto run_id = string_or(*object, "run_id");
        if (!keeps(run_id)) continue;
        auto* run = find(run_id);
        const auto path = string_or(*object, "path");
        const auto* file = run == nullptr ? nullptr : run->file(path);
        if (file == nullptr || file->role != "output" || file->sha256 != string_or(*object, "sha256"))
            return disagrees(where, "it tells of a file that is no output of a sealed run before it");
        run->pruned.emplace(path, what);
    }
    return {};
}

/// Until one contradicts those before it.
Result<void> each_record(Journal& journal, const std::function<Result<void>(const Record&)>& take) {
    Result<void> sound;
    auto done = journal.each_after(0, [&](const Record& record) {
        if (sound) sound = take(record);
    });
    if (!done) return done;
    if (!sound) return internal(sound.error().message, "run casefile verify on the case");
    return {};
}

Result<std::vector<RunRecords>> read_runs(Journal& journal, RunsReader reader) {
    if (auto done = each_record(journal, [&](const Record& record) { return reader.take(record); }); !done)
        return done.error();
    return std::move(reader).runs();
}

}  // namespace

const FileEntry* RunRecords::file(std::string_view name) const {
    for (const auto& file : files)
        if (file.path == name) return &file;
    return nullptr;
}

std::string manifest_name(std::string_view task) { return std::string(task) + ".manifest.json"; }
std::string input_name(std::string_view task) { return std::string(task) + ".input.json"; }

PrunedFiles files_pruned_by(const Record& record) {
    PrunedFiles pruned;
    if (const auto* files = member(record.body, "files"); files != nullptr && files->is_array())
        for (const auto& item : files->get_array())
            if (const auto* file = item.if_object())
                pruned.emplace(string_or(*file, "run_id"), string_or(*file, "path"));
    return pruned;
}

Result<std::vector<RunRecords>> runs_of(const std::vector<Record>& records) {
    RunsReader reader;
    for (const auto& record : records)
        if (auto done = reader.take(record); !done) return done.error();
    return std::move(reader).runs();
}

Result<std::vector<RunRecords>> runs_of(Journal& journal) { return read_runs(journal, RunsReader()); }

Result<std::optional<RunRecords>> run_of(Journal& journal, const std::string& run_id) {
    auto runs = read_runs(journal, RunsReader(run_id));
    if (!runs) return runs.error();
    return runs->empty() ? std::nullopt : std::optional(std::move(runs->front()));
}

Result<std::vector<RunRecords>> open_runs_of(Journal& journal) {
    std::map<std::string, RunRecords> open;
    std::uint64_t opened = 0;
    auto done = each_record(journal, [&](const Record& record) -> Result<void> {
        if (record.kind == "sealed" || record.kind == "interrupted")
            open.erase(string_or(record.body, "run_id"));
        if (record.kind != "run") return {};
        auto run = read_opening(record, ++opened);
        if (!run) return run.error();
        const auto run_id = run->run_id, where = run->where;
        if (!open.emplace(run_id, *std::move(run)).second)
            return disagrees(where, "run " + run_id + " is opened twice");
        return {};
    });
    if (!done) return done.error();
    std::vector<RunRecords> runs;
    for (auto& [run_id, run] : open) runs.push_back(std::move(run));
    std::ranges::sort(runs, {}, &RunRecords::seq);
    return runs;
}

}  // namespace casefile::evidence

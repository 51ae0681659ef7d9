#include "evidence/run.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/ids.h"
#include "base/text.h"
#include "evidence/files.h"
#include "evidence/manifest.h"
#include "evidence/run_records.h"

namespace casefile::evidence {
namespace {

/// What a record holds of a run: files up to the first, together up to the second.
constexpr std::size_t held_file_bytes_max = 64 * 1024, held_bytes_max = 256 * 1024;
constexpr std::size_t log_bytes_max = 1024 * 1024;
constexpr std::size_t task_length_max = 40, name_length_max = 120;

/// Letters, digits, dot, dash and underscore: a name that any file system, shell and archive takes as it is.
bool is_output_name(std::string_view name) {
    return !name.empty() && name.size() <= name_length_max && name.front() != '.' && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

FileEntry entry_of(const std::string& name, std::string role, std::string category, std::string_view bytes) {
    return {name,         std::move(role),  std::move(category), name.substr(name.rfind('.') + 1),
            bytes.size(), sha256_hex(bytes)};
}

}  // namespace

OutputFile::OutputFile(int folder, std::string name, std::uint64_t bytes_max)
    : folder_(folder), name_(std::move(name)), bytes_max_(bytes_max) {}

Result<void> OutputFile::write(std::string_view bytes) {
    if (bytes.size() > bytes_max_ - size_)
        return Error{ErrorKind::limit_reached,
                     "output file: expected at most " + std::to_string(bytes_max_) + " bytes, got more",
                     "ask for fewer rows or columns, or have the operator raise the limit"};
    size_ += bytes.size();
    if (buffer_.size() + bytes.size() > held_file_bytes_max) return flush(bytes);
    buffer_ += bytes;
    return {};
}

Result<void> OutputFile::flush(std::string_view more) {
    if (failed_) return unavailable("output file: an earlier write failed, so the file is not complete");
    failed_ = true;
    if (!descriptor_) {
        auto file = create_file_at(folder_, name_);
        if (!file) return file.error();
        descriptor_ = *std::move(file);
    }
    for (const auto bytes : {std::string_view(buffer_), more}) {
        hash_.update(bytes);
        if (auto done = write_all(descriptor_.get(), bytes); !done) return done;
    }
    buffer_.clear();
    failed_ = false;
    return {};
}

Result<void> OutputFile::finish() {
    auto done = flush();
    if (done) done = sync_file(descriptor_.get());
    if (done) descriptor_ = {};
    return done;
}

class Run::Impl {
  public:
    struct Output {
        FileEntry entry;
        std::unique_ptr<OutputFile> file;
    };

    Impl(Journal& journal, const Clock& clock, std::string case_id, Opening opening,
         std::atomic<std::int64_t>& open_runs)
        : journal_(journal), clock_(clock), open_runs_(open_runs), opening_(std::move(opening)) {
        facts_.case_id = std::move(case_id);
        facts_.id = make_run_id(clock_.now());
        facts_.task = is_slug(opening_.task, task_length_max) ? opening_.task : "task";
    }

    Result<void> ask();
    void discard();

    Result<OutputFile*> open_output(const std::string& name, std::string category, std::string format,
                                    std::uint64_t bytes_max);
    Result<Receipt> seal(Outcome outcome, json::object details);
    void log(std::string_view line);

    const RunFacts& facts() const { return facts_; }
    const std::filesystem::path& folder() const { return folder_; }

  private:
    Result<void> make_folder();
    Result<void> enter_journal();
    Result<void> write_file(const FileEntry& file, std::string_view bytes, bool durable);
    Result<FileEntry> keep(const std::string& name, std::string role, std::string category,
                           std::string_view bytes);
    Result<void> finish_outputs(Outcome outcome);
    Result<void> sync_what_is_not_held();

    Journal& journal_;
    const Clock& clock_;
    std::atomic<std::int64_t>& open_runs_;
    Opening opening_;
    RunFacts facts_;
    std::filesystem::path folder_;
    Descriptor runs_, descriptor_;
    std::vector<Output> outputs_;
    Held held_;  ///< small files that the next record holds
    std::size_t held_bytes_ = 0;
    bool names_are_owed_ = false;  ///< some file is not held, so that the folders have to be synced
    std::string log_;
    bool log_is_full_ = false, sealed_ = false;
};

Result<void> Run::Impl::make_folder() {
    auto parent = open_folder(journal_.folder());
    if (!parent) return parent.error();
    auto runs = open_folder_at(parent->get(), "runs");
    if (!runs) return runs.error();
    runs_ = *std::move(runs);
    auto folder = make_folder_at(runs_.get(), pending_folder_name(facts_.id), false);
    if (!folder) return in_folder("runs", folder.error());
    descriptor_ = *std::move(folder);
    // For as long as the run goes on; whoever gets this lock knows that it was interrupted.
    if (::flock(descriptor_.get(), LOCK_EX | LOCK_NB) != 0) return file_error("cannot lock", facts_.id);
    return {};
}

Result<void> Run::Impl::write_file(const FileEntry& file, std::string_view bytes, bool durable) {
    auto made = create_file_at(descriptor_.get(), file.path);
    if (!made) return made.error();
    auto done = write_all(made->get(), bytes);
    if (done && durable) done = sync_file(made->get());
    return done;
}

/// The files are synced already; the names that lead to them have to last as well.
Result<void> Run::Impl::sync_what_is_not_held() {
    if (!names_are_owed_) return {};
    for (const auto* folder : {&descriptor_, &runs_})
        if (auto done = sync_folder(folder->get()); !done) return done;
    return {};
}

/// Script and input are written under a name that claims nothing yet. The opening record holds them; where
/// they are large, they are on stable storage as files before it.
Result<void> Run::Impl::ask() {
    const auto name = facts_.task + "." + opening_.script.extension;
    const std::set<std::string> taken = {input_name(facts_.task), manifest_name(facts_.task),
                                         facts_.task + ".log"};
    if (!is_output_name(opening_.script.extension) || !is_output_name(name) || taken.count(name) > 0)
        return internal("script: expected a plain extension, got '" + printable(opening_.script.extension) +
                        "'");
    if (auto done = make_folder(); !done) return done;
    auto script = keep(name, "script", "metadata", opening_.script.text);
    if (!script) return script.error();
    facts_.script = *std::move(script);
    auto input = keep(input_name(facts_.task), "input", "metadata", input_text(opening_));
    if (!input) return input.error();
    facts_.input = *std::move(input);
    facts_.files = {facts_.script, facts_.input};
    if (auto done = sync_what_is_not_held(); !done) return done;
    return enter_journal();
}

/// The opening record gives the run its number, and the number gives the folder its name. A crash between the
/// two leaves the folder under its first name, where verify looks for it too.
Result<void> Run::Impl::enter_journal() {
    auto entered = journal_.enter(
        "run",
        [&](const Head& head) {
            facts_.seq = head.runs + 1;
            facts_.folder = "runs/" + run_folder_name(facts_.seq, facts_.task, facts_.id);
            return opening_body(facts_, opening_, held_);
        },
        held_);
    if (!entered) return entered.error();
    held_.clear();
    held_bytes_ = 0;
    if (auto done = journal_.wait(*entered); !done) return done;
    ++open_runs_;
    facts_.opened_at = entered->record->at;
    folder_ = journal_.folder() / facts_.folder;
    if (::renameat(runs_.get(), pending_folder_name(facts_.id).c_str(), runs_.get(),
                   folder_.filename().c_str()) != 0)
        return file_error("cannot name the folder", facts_.folder);
    log("opened " + opening_.tool + " as run " + std::to_string(facts_.seq) + ", record " +
        std::to_string(entered->record->n) + " " + entered->record->hash + ", key " +
        journal_.key_fingerprint());
    return {};
}

/// Nothing refers to the folder yet.
void Run::Impl::discard() {
    if (!descriptor_) return;
    // On a dying disk the record may stand although it was refused; then its files have to stay as well.
    if (const auto head = journal_.head(); facts_.seq > 0 && (!head || head->runs >= facts_.seq)) {
        ++open_runs_;
        return;
    }
    if (auto names = names_in(descriptor_.get()))
        for (const auto& name : *names) ::unlinkat(descriptor_.get(), name.c_str(), 0);
    ::unlinkat(runs_.get(), pending_folder_name(facts_.id).c_str(), AT_REMOVEDIR);
}

void Run::Impl::log(std::string_view line) {
    if (log_is_full_) return;
    const auto text =
        rfc3339(clock_.now()) + " " + printable(opening_.shown ? opening_.shown(line) : line) + "\n";
    log_is_full_ = log_.size() + text.size() > log_bytes_max;
    log_ += log_is_full_ ? "the log was cut here\n" : text;
}

Result<OutputFile*> Run::Impl::open_output(const std::string& name, std::string category, std::string format,
                                           std::uint64_t bytes_max) {
    if (sealed_) return internal("run " + facts_.id + " is sealed and takes no output");
    if (!is_output_name(name))
        return internal("output: expected a plain file name, got '" + printable(name) + "'");
    const auto has_name = [&](const FileEntry& file) { return file.path == name; };
    if (name == manifest_name(facts_.task) || name == facts_.task + ".log" ||
        std::any_of(facts_.files.begin(), facts_.files.end(), has_name) ||
        std::any_of(outputs_.begin(), outputs_.end(),
                    [&](const Output& output) { return has_name(output.entry); }))
        return internal("output: the run has a file '" + printable(name) + "' already");
    outputs_.push_back({{name, "output", std::move(category), std::move(format), 0, {}},
                        std::unique_ptr<OutputFile>(new OutputFile(descriptor_.get(), name, bytes_max))});
    return outputs_.back().file.get();
}

/// Writes a file that is whole in memory. The next record holds it while it has room; otherwise it is synced.
Result<FileEntry> Run::Impl::keep(const std::string& name, std::string role, std::string category,
                                  std::string_view bytes) {
    auto entry = entry_of(name, std::move(role), std::move(category), bytes);
    // A name without a dot could pass for a member of the record.
    const bool held = bytes.size() <= held_file_bytes_max && held_bytes_ + bytes.size() <= held_bytes_max &&
                      name.find('.') != std::string::npos;
    if (auto done = write_file(entry, bytes, !held); !done) return done.error();
    if (held) {
        held_bytes_ += bytes.size();
        held_[name] = bytes;
    } else {
        names_are_owed_ = true;
    }
    return entry;
}

/// Of a call that failed because its output could not be written, the rest of that output goes: a full disk
/// has room again for what tells of it.
Result<void> Run::Impl::finish_outputs(Outcome outcome) {
    for (auto& [entry, file] : outputs_) {
        if (file->failed_ && outcome != Outcome::answered) {
            ::unlinkat(descriptor_.get(), entry.path.c_str(), 0);
            log("output " + entry.path + " was given up: it could not be written whole");
            continue;
        }
        if (!file->descriptor_ && !file->failed_) {
            auto kept = keep(entry.path, entry.role, entry.category, file->buffer_);
            if (!kept) return kept.error();
            entry.sha256 = kept->sha256;
        } else {
            if (auto done = file->finish(); !done) return done.error();
            names_are_owed_ = true;
            entry.sha256 = file->hash_.hex();
        }
        entry.bytes = file->size();
        facts_.files.push_back(std::move(entry));
    }
    outputs_.clear();
    return {};
}

Result<Receipt> Run::Impl::seal(Outcome outcome, json::object details) {
    if (sealed_) return internal("run " + facts_.id + " is sealed already");
    sealed_ = true;
    if (auto done = finish_outputs(outcome); !done) return done.error();
    log(std::string("sealed ") + name_of(outcome));
    auto log_file = keep(facts_.task + ".log", "log", "log", log_);
    if (!log_file) return log_file.error();
    facts_.files.push_back(*std::move(log_file));

    facts_.sealed_at = rfc3339(clock_.now());
    auto manifest = keep(manifest_name(facts_.task), "manifest", "metadata",
                         manifest_text(facts_, opening_, outcome, details));
    if (!manifest) return manifest.error();
    if (auto done = sync_what_is_not_held(); !done) return done.error();

    auto entered = journal_.enter(
        "sealed", [&](const Head&) { return sealing_body(facts_, *manifest, outcome, details, held_); },
        held_);
    if (!entered) return entered.error();
    if (auto done = journal_.wait(*entered); !done) return done.error();
    --open_runs_;
    Receipt receipt{
        facts_.id, facts_.seq,  entered->record->n, entered->record->hash, journal_.key_fingerprint(),
        folder_,   facts_.files};
    receipt.files.push_back(*std::move(manifest));
    return receipt;
}

Run::Run(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Result<Run> Run::open(Journal& journal, const Clock& clock, std::string case_id, Opening opening,
                      std::atomic<std::int64_t>& open_runs) {
    auto impl = std::make_unique<Impl>(journal, clock, std::move(case_id), std::move(opening), open_runs);
    if (auto done = impl->ask(); !done) {
        impl->discard();
        return done.error();
    }
    return Run(std::move(impl));
}

const std::string& Run::id() const { return impl_->facts().id; }
std::uint64_t Run::seq() const { return impl_->facts().seq; }
const std::string& Run::task() const { return impl_->facts().task; }
const std::filesystem::path& Run::folder() const { return impl_->folder(); }
void Run::log(std::string_view line) { impl_->log(line); }

Result<OutputFile*> Run::open_output(const std::string& name, std::string category, std::string format,
                                     std::uint64_t bytes_max) {
    return impl_->open_output(name, std::move(category), std::move(format), bytes_max);
}

Result<void> Run::write_output(const std::string& name, std::string category, std::string format,
                               std::string_view bytes) {
    auto file = impl_->open_output(name, std::move(category), std::move(format), bytes.size());
    if (!file) return file.error();
    return (*file)->write(bytes);
}

Result<Receipt> Run::seal(Outcome outcome, json::object details) {
    return impl_->seal(outcome, std::move(details));
}

}  // namespace casefile::evidence

#include "evidence/run.h"

#include <fcntl.h>
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

constexpr std::size_t buffer_bytes = 64 * 1024;
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

std::string format_of(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

OutputFile::OutputFile(int descriptor, std::uint64_t bytes_max)
    : descriptor_(descriptor), bytes_max_(bytes_max) {}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> OutputFile::write(std::string_view bytes) {
    if (bytes.size() > bytes_max_ - size_)
        return Error{ErrorKind::limit_reached,
                     "output file: expected at most " + std::to_string(bytes_max_) + " bytes, got more",
                     "ask for fewer rows or columns, or have the operator raise the limit"};
    buffer_ += bytes;
    size_ += bytes.size();
    return buffer_.size() < buffer_bytes ? Result<void>() : flush();
}

Result<void> OutputFile::flush() {
    if (failed_) return unavailable("output file: an earlier write failed, so the file is not complete");
    hash_.update(buffer_);
    auto done = write_all(descriptor_, buffer_);
    failed_ = !done;
    buffer_.clear();
    return done;
}

Result<std::string> OutputFile::finish() {
    auto done = flush();
    if (done) done = sync_file(descriptor_);
    if (!done) return done.error();
    ::close(std::exchange(descriptor_, -1));
    return hash_.hex();
}

class Run::Impl {
  public:
    struct Output {
        FileEntry entry;
        std::unique_ptr<OutputFile> file;
    };

    Impl(Journal& journal, const Clock& clock, std::string case_id, Opening opening)
        : journal_(journal), clock_(clock), opening_(std::move(opening)) {
        facts_.case_id = std::move(case_id);
        facts_.id = make_run_id(clock_.now());
        facts_.task = is_slug(opening_.task, task_length_max) ? opening_.task : "task";
    }

    Result<void> ask();
    Result<void> enter_journal();
    void discard();

    Result<OutputFile*> open_output(const std::string& name, std::string category, std::string format,
                                    std::uint64_t bytes_max);
    Result<Receipt> seal(Outcome outcome, json::object details);
    void log(std::string_view line);

    const RunFacts& facts() const { return facts_; }
    const std::filesystem::path& folder() const { return folder_; }

  private:
    Result<FileEntry> write_file(const std::string& name, std::string role, std::string category,
                                 std::string_view bytes);
    Result<void> finish_outputs();
    Result<void> sync_all();

    Journal& journal_;
    const Clock& clock_;
    Opening opening_;
    RunFacts facts_;
    std::filesystem::path folder_;
    Descriptor runs_, descriptor_;
    std::vector<Descriptor> unsynced_;
    std::vector<Output> outputs_;
    std::string log_;
    bool log_is_full_ = false, sealed_ = false;
};

Result<FileEntry> Run::Impl::write_file(const std::string& name, std::string role, std::string category,
                                        std::string_view bytes) {
    auto file = create_file_at(descriptor_.get(), name);
    if (!file) return file.error();
    if (auto done = write_all(file->get(), bytes); !done) return done.error();
    unsynced_.push_back(*std::move(file));
    return FileEntry{name,         std::move(role),  std::move(category), format_of(name),
                     bytes.size(), sha256_hex(bytes)};
}

/// Files and the folders that name them. Syncing after all are written lets the disk take them in one go.
Result<void> Run::Impl::sync_all() {
    for (const auto& file : unsynced_)
        if (auto done = sync_file(file.get()); !done) return done;
    unsynced_.clear();
    if (auto done = sync_folder(descriptor_.get()); !done) return done;
    return sync_folder(runs_.get());
}

/// Script and input are on stable storage, under a name that claims nothing yet, before the record that names
/// them.
Result<void> Run::Impl::ask() {
    const auto script = facts_.task + "." + opening_.script.extension;
    const std::set<std::string> taken = {input_name(facts_.task), manifest_name(facts_.task),
                                         facts_.task + ".log"};
    if (!is_output_name(opening_.script.extension) || !is_output_name(script) || taken.count(script) > 0)
        return internal("script: expected a plain extension, got '" + printable(opening_.script.extension) +
                        "'");

    auto parent = open_folder(journal_.folder());
    if (!parent) return parent.error();
    auto runs = make_folder_at(parent->get(), "runs", true);
    if (!runs) return runs.error();
    runs_ = *std::move(runs);
    auto folder = make_folder_at(runs_.get(), pending_folder_name(facts_.id), false);
    if (!folder) return folder.error();
    descriptor_ = *std::move(folder);

    auto file = write_file(script, "script", "metadata", opening_.script.text);
    if (!file) return file.error();
    facts_.script = *std::move(file);
    file = write_file(input_name(facts_.task), "input", "metadata", input_text(opening_));
    if (!file) return file.error();
    facts_.input = *std::move(file);
    facts_.files = {facts_.script, facts_.input};
    if (auto done = sync_all(); !done) return done;
    return sync_folder(parent->get());
}

/// The opening record gives the run its number, and the number gives the folder its name. A crash between the
/// two leaves the folder under its first name, where verify looks for it too.
Result<void> Run::Impl::enter_journal() {
    auto record = journal_.append("run", [&](const Head& head) {
        facts_.seq = head.runs + 1;
        facts_.folder = "runs/" + run_folder_name(facts_.seq, facts_.task, facts_.id);
        return opening_body(facts_, opening_);
    });
    if (!record) {
        // On a dying disk the record may stand although it was refused; then its files have to stay as well.
        if (const auto head = journal_.head(); head && head->runs < facts_.seq) discard();
        return record.error();
    }
    facts_.opened_at = record->at;
    folder_ = journal_.folder() / facts_.folder;
    if (::renameat(runs_.get(), pending_folder_name(facts_.id).c_str(), runs_.get(),
                   folder_.filename().c_str()) != 0)
        return file_error("cannot name the folder", facts_.folder);
    log("opened " + opening_.tool + " as run " + std::to_string(facts_.seq));
    return {};
}

/// Nothing refers to the folder yet.
void Run::Impl::discard() {
    if (!descriptor_) return;
    if (auto names = names_in(descriptor_.get()))
        for (const auto& name : *names) ::unlinkat(descriptor_.get(), name.c_str(), 0);
    ::unlinkat(runs_.get(), pending_folder_name(facts_.id).c_str(), AT_REMOVEDIR);
}

void Run::Impl::log(std::string_view line) {
    if (log_is_full_) return;
    const auto text = rfc3339(clock_.now()) + " " + printable(line) + "\n";
    log_is_full_ = log_.size() + text.size() > log_bytes_max;
    log_ += log_is_full_ ? "the log was cut here\n" : text;
}

Result<OutputFile*> Run::Impl::open_output(const std::string& name, std::string category, std::string format,
                                           std::uint64_t bytes_max) {
    if (sealed_) return internal("run " + facts_.id + " is sealed and takes no output");
    if (!is_output_name(name))
        return internal("output: expected a plain file name, got '" + printable(name) + "'");
    auto file = create_file_at(descriptor_.get(), name);
    if (!file) return file.error();
    outputs_.push_back({{name, "output", std::move(category), std::move(format), 0, {}},
                        std::unique_ptr<OutputFile>(new OutputFile(file->release(), bytes_max))});
    return outputs_.back().file.get();
}

Result<void> Run::Impl::finish_outputs() {
    for (auto& output : outputs_) {
        auto hash = output.file->finish();
        if (!hash) return hash.error();
        output.entry.sha256 = *std::move(hash);
        output.entry.bytes = output.file->size();
        facts_.files.push_back(std::move(output.entry));
    }
    outputs_.clear();
    return {};
}

Result<Receipt> Run::Impl::seal(Outcome outcome, json::object details) {
    if (sealed_) return internal("run " + facts_.id + " is sealed already");
    sealed_ = true;
    if (auto done = finish_outputs(); !done) return done.error();
    log(std::string("sealed ") + name_of(outcome));
    auto log_file = write_file(facts_.task + ".log", "log", "log", log_);
    if (!log_file) return log_file.error();
    facts_.files.push_back(*std::move(log_file));

    facts_.sealed_at = rfc3339(clock_.now());
    auto manifest = write_file(manifest_name(facts_.task), "manifest", "metadata",
                               manifest_text(facts_, opening_, outcome, details));
    if (!manifest) return manifest.error();
    if (auto done = sync_all(); !done) return done.error();

    auto record = journal_.append("sealed", sealing_body(facts_, *manifest, outcome, details));
    if (!record) return record.error();
    Receipt receipt{facts_.id, facts_.seq, record->hash, folder_, facts_.files};
    receipt.files.push_back(*std::move(manifest));
    return receipt;
}

Run::Run(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Result<Run> Run::open(Journal& journal, const Clock& clock, std::string case_id, Opening opening) {
    auto impl = std::make_unique<Impl>(journal, clock, std::move(case_id), std::move(opening));
    if (auto done = impl->ask(); !done) {
        impl->discard();
        return done.error();
    }
    if (auto done = impl->enter_journal(); !done) return done.error();
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

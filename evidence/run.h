#pragma once
// One call filed as evidence: its folder, its files, hashed while they are written, and its two journal
// records.

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "base/descriptor.h"
#include "base/hash.h"
#include "evidence/journal.h"

namespace casefile::evidence {

/// Exactly what was asked, in the language of the source. Its file is <task>.<extension>.
struct Script {
    std::string extension = "json";  ///< "sql", "redis", "kafka.json", "json"
    std::string text;
};

/// What is known before the question is asked.
struct Opening {
    std::string tool;
    std::string task;  ///< slug [a-z0-9-]{1,40}
    std::string env;   ///< empty when none applies
    std::string principal;
    std::string client;
    std::string traceparent;  ///< empty when the client sent none
    Script script;
    json::object arguments;   ///< as they came
    json::object context;     ///< time_window, entity_ids, notes of the case: goes into the input file
    json::object grant;       ///< under whose confirmation, for the manifest; empty when none
    json::object masks = {};  ///< what outputs and log hide, for the manifest
    /// A line of the log as it may be written; as it is where there is none.
    std::function<std::string(std::string_view)> shown = {};
};

enum class Outcome { answered, refused, failed, cancelled };
const char* name_of(Outcome outcome);
/// How a call that ended in this error counts: casefile refused it, or what it asked failed.
Outcome outcome_of(const Error& error);

/// One output file. Rows are written through it; the hash is taken on the way, the size is bounded. The file
/// itself is made when it outgrows memory, or when the run is sealed.
class OutputFile {
  public:
    /// limit_reached above `bytes_max`, unavailable when the disk refuses.
    Result<void> write(std::string_view bytes);
    std::uint64_t size() const { return size_; }

  private:
    friend class Run;
    OutputFile(int folder, std::string name, std::uint64_t bytes_max);
    Result<void> flush(std::string_view more = {});  ///< what is held, and these after it
    Result<void> finish();  ///< nothing is left in memory, the file is synced and closed

    const int folder_;
    const std::string name_;
    Descriptor descriptor_;
    std::uint64_t bytes_max_, size_ = 0;
    bool failed_ = false;  ///< bytes are missing in the file: it must not be sealed
    std::string buffer_;
    Sha256 hash_;
};

struct FileEntry {
    std::string path;      ///< name within the run's folder
    std::string role;      ///< script, input, log, output, manifest
    std::string category;  ///< data, metadata, log
    std::string format;    ///< csv, json, sql, txt …
    std::uint64_t bytes = 0;
    std::string sha256;
};

/// What a caller shows: `run {id, seq, sha256, folder, files[]}`. sha256 is the hash of the sealing record,
/// which covers the manifest and through it every file.
struct Receipt {
    std::string id;
    std::uint64_t seq = 0;
    std::uint64_t record = 0;  ///< number of the sealing record
    std::string sha256;
    std::string key_fingerprint;  ///< of the key that signed
    std::filesystem::path folder;
    std::vector<FileEntry> files;
};

/// Not shared between threads. A run that is destroyed without seal() stays open in the journal: interrupted.
class Run {
  public:
    Run(Run&&) noexcept;
    Run& operator=(Run&&) noexcept;
    ~Run();

    const std::string& id() const;
    std::uint64_t seq() const;
    const std::string& task() const;
    const std::filesystem::path& folder() const;

    /// One line for <task>.log, stamped with the time. Kept in memory until seal(), at most 1 MiB.
    void log(std::string_view line);

    /// Opens an output file, for example "db_rows.<task>.csv"; names are made by tools, never taken from
    /// data.
    Result<OutputFile*> open_output(const std::string& name, std::string category, std::string format,
                                    std::uint64_t bytes_max);
    /// A whole output at once.
    Result<void> write_output(const std::string& name, std::string category, std::string format,
                              std::string_view bytes);

    /// Finishes the outputs, writes log and manifest, appends the sealing record, which holds what is small
    /// of them; what is large is synced as files before. Afterwards the run takes nothing more. `details`
    /// goes into the manifest (verdict, error, snapshot, fingerprint digest …).
    Result<Receipt> seal(Outcome outcome, json::object details);

  private:
    friend class Store;
    class Impl;
    /// `open_runs` counts those that are not sealed; the journal and it have to outlive the run.
    static Result<Run> open(Journal& journal, const Clock& clock, std::string case_id, Opening opening,
                            std::atomic<std::int64_t>& open_runs);
    explicit Run(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile::evidence

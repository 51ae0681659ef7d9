#pragma once
// A case as one file: a tar archive, compressed by gzip, written and read through libarchive. archive.cpp is
// the only file that includes it. An archive that comes from elsewhere is hostile until it is read to its
// end.

#include <memory>
#include <optional>
#include <span>

#include "evidence/files.h"

namespace casefile::evidence {

/// The same entries give the same bytes: order, times, owners and modes do not depend on when and where.
class ArchiveWriter {
  public:
    /// A file that was not there before, mode 0600. Without finish() it is removed again.
    static Result<ArchiveWriter> create(const std::filesystem::path& file);
    ArchiveWriter(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();

    Result<void> add(const std::string& name, std::string_view bytes);
    /// Copies an open file that has to hold exactly these bytes; `unavailable` when it does not.
    Result<void> add_file(const std::string& name, int file, const Digest& expected);
    /// On stable storage. Gives the size and the hash of the archive.
    Result<Digest> finish();

  private:
    class Impl;
    explicit ArchiveWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// What an archive may hold at most.
struct ArchiveLimits {
    std::size_t entries_max = 200'000;
    std::uint64_t bytes_max = 64ULL * 1024 * 1024 * 1024;  ///< unpacked, all together
};

struct ArchiveEntry {
    std::string name;  ///< as it stands there: not checked
    std::uint64_t bytes = 0;
};

/// Reads one archive from its start. Gives regular files and folders only: links, devices, pipes and sparse
/// files are an error, and so is what is no tar archive in at most one gzip.
class ArchiveReader {
  public:
    static Result<ArchiveReader> open(int file, const ArchiveLimits& limits);
    ArchiveReader(ArchiveReader&&) noexcept;
    ~ArchiveReader();

    /// The next file; nothing at the end. Folders are passed over: a file tells which it is in.
    Result<std::optional<ArchiveEntry>> next();
    /// Up to the span's size of the present file; 0 at its end. limit_reached above the limits.
    Result<std::size_t> read(std::span<char> into);

  private:
    class Impl;
    explicit ArchiveReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile::evidence

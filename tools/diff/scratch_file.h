#pragma once
// Room on disk for what does not fit into memory during a comparison.

#include <filesystem>
#include <span>

#include "evidence/files.h"

namespace casefile::tools::diff {

/// A file without a name, readable by this process alone, gone with it whatever happens.
class ScratchFile {
  public:
    /// `folder` is one that is there; `bytes_max` is what the file may take.
    static Result<ScratchFile> open(const std::filesystem::path& folder, std::uint64_t bytes_max);

    /// limit_reached above `bytes_max`, unavailable when the disk refuses.
    Result<void> append(std::string_view bytes);
    /// Fills `into` from the offset `at`; an error when the file ends before.
    Result<void> read(std::uint64_t at, std::span<char> into) const;
    std::uint64_t size() const { return size_; }

  private:
    ScratchFile(Descriptor file, std::uint64_t bytes_max) : file_(std::move(file)), bytes_max_(bytes_max) {}

    Descriptor file_;
    std::uint64_t bytes_max_, size_ = 0;
};

}  // namespace casefile::tools::diff

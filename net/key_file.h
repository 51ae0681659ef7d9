#pragma once
// A JWKS file that may be replaced while the server runs.

#include <filesystem>
#include <functional>
#include <optional>
#include <tuple>

#include "net/key_set.h"

namespace casefile::net {

/// For one thread.
class KeyFile {
  public:
    using Report = std::function<void(const Error&)>;

    /// The first reading has to succeed. Others than the file's owner must not be able to write it: who can,
    /// can let anybody in.
    static Result<KeyFile> open(std::filesystem::path file, Report report_problem);

    /// The keys of the file as it is now. One that cannot be used is reported once, and changes nothing.
    const KeySet& current();

  private:
    /// Device, inode, size, and when content or mode last changed: another one means another file.
    using Stamp = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t>;

    KeyFile(std::filesystem::path file, Report report_problem, std::optional<Stamp> stamp, KeySet keys);
    static std::optional<Stamp> stamp_of(const std::filesystem::path& file);

    std::filesystem::path file_;
    Report report_problem_;
    std::optional<Stamp> stamp_;
    KeySet keys_;
};

}  // namespace casefile::net

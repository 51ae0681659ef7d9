#include "tools/diff/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace casefile::tools::diff {
namespace {

constexpr const char* what = "a comparison's scratch file";

/// For file systems that make no file without a name: made, and its name taken away at once.
int open_and_unlink(const std::filesystem::path& folder) {
    auto name = (folder / ".scratch-XXXXXX").string();
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) ::unlink(name.c_str());
    return file;
}

}  // namespace

Result<ScratchFile> ScratchFile::open(const std::filesystem::path& folder, std::uint64_t bytes_max) {
    int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) file = open_and_unlink(folder);
    if (file < 0) return evidence::file_error("opening", what);
    return ScratchFile(Descriptor(file), bytes_max);
}

Result<void> ScratchFile::append(std::string_view bytes) {
    if (bytes.size() > bytes_max_ - size_)
        return Error{ErrorKind::limit_reached,
                     "the records to compare take more than " + std::to_string(bytes_max_ / (1024 * 1024)) +
                         " MiB on disk",
                     "select only the key and the fields to compare, or compare one range of the key after "
                     "the other; "
                     "the operator can raise limits.file_bytes_max"};
    if (auto done = evidence::write_all(file_.get(), bytes); !done) return done.error();
    size_ += bytes.size();
    return {};
}

Result<void> ScratchFile::read(std::uint64_t at, std::span<char> into) const {
    while (!into.empty()) {
        const auto got = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return evidence::file_error("reading", what);
        if (got == 0) return internal("a comparison's scratch file is shorter than what was written");
        at += static_cast<std::uint64_t>(got);
        into = into.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

}  // namespace casefile::tools::diff

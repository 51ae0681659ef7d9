#include "sandbox/sandbox_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace casefile::sandbox {
namespace {

namespace fs = std::filesystem;

Error errno_error(const std::string& what) {
    return unavailable(what + ": " + std::generic_category().message(errno));
}

Result<void> check_folder(const fs::path& path, const struct stat& found) {
    const auto other = "choose another folder with --dir, or remove this one yourself";
    if (found.st_uid != ::geteuid()) return denied(path.string() + " belongs to another user", other);
    if ((found.st_mode & 0777) != 0700)
        return denied(path.string() + ": expected mode 0700, others may enter it", other);
    std::error_code failed;
    const bool foreign = !fs::exists(path / "state.json") && !fs::is_empty(path, failed);
    if (foreign) return denied(path.string() + " holds files that are not a sandbox's", other);
    return {};
}

}  // namespace

fs::path default_folder() {
    const char* temporary = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    const fs::path parent = temporary == nullptr || *temporary == '\0' ? "/tmp" : temporary;
    return fs::absolute(parent) / ("casefile-sandbox-" + std::to_string(::geteuid()));
}

Result<SandboxFolder> SandboxFolder::open_or_make(const fs::path& path) {
    for (;;) {
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
            return errno_error("could not make " + path.string());
        auto folder = open(path);
        // Another command removed it in between: make it again.
        if (folder || folder.error().kind != ErrorKind::not_found) return folder;
    }
}

Result<SandboxFolder> SandboxFolder::open(const fs::path& path) {
    // Never through a symbolic link, which in /tmp anyone could have put there.
    Descriptor lock(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!lock && errno == ENOENT) return not_found(path.string() + " is not there");
    if (!lock) return errno_error("could not open the folder " + path.string());
    if (::flock(lock.get(), LOCK_EX) != 0) return errno_error("could not lock " + path.string());

    struct stat held {
    }, found{};
    if (::fstat(lock.get(), &held) != 0) return errno_error("could not look at " + path.string());
    const bool same =
        ::lstat(path.c_str(), &found) == 0 && found.st_ino == held.st_ino && found.st_dev == held.st_dev;
    // While this waited for the lock, the command that held it removed the folder.
    if (!same) return not_found(path.string() + " is not there");
    if (auto done = check_folder(path, held); !done) return done.error();
    return SandboxFolder(path, std::move(lock));
}

Result<void> SandboxFolder::empty() const {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(path_, failed)) {
        // The mark that the folder is ours goes last.
        if (entry.path().filename() == "state.json") continue;
        fs::remove_all(entry.path(), failed);
        if (failed) return unavailable("could not remove " + entry.path().string() + ": " + failed.message());
    }
    fs::remove(path_ / "state.json", failed);
    if (failed) return unavailable("could not empty " + path_.string() + ": " + failed.message());
    return {};
}

Result<void> SandboxFolder::remove() const {
    if (auto done = empty(); !done) return done;
    std::error_code failed;
    fs::remove(path_, failed);
    if (failed) return unavailable("could not remove " + path_.string() + ": " + failed.message());
    return {};
}

}  // namespace casefile::sandbox

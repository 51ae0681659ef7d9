#include "evidence/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace casefile::evidence {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;
constexpr std::size_t names_max = 1'000'000;

/// Reads up to the block's size; 0 at the end of the file.
Result<std::size_t> read_block(int file, char* to, std::size_t size) {
    for (;;) {
        const auto got = ::read(file, to, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return file_error("cannot read", "file");
    }
}

}  // namespace

Error file_error(std::string_view what, std::string_view name) {
    const int code = errno;
    const auto message =
        std::string(name) + ": " + std::string(what) + ": " + std::generic_category().message(code);
    if (code == ENOENT) return not_found(message);
    return unavailable(
        message,
        "free space or restore access to the home folder, then call again; nothing is read while "
        "evidence cannot be kept");
}

Error in_folder(std::string_view folder, Error error) {
    error.message = std::string(folder) + "/" + error.message;
    return error;
}

bool is_plain_name(std::string_view name) {
    if (name.empty() || name.size() > 200 || name.front() == '.') return false;
    for (const char c : name)
        if (c == '/' || c == 0x7F || static_cast<unsigned char>(c) < 0x20) return false;
    return true;
}

Result<Descriptor> open_folder(const std::filesystem::path& path) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return file_error("cannot open the folder", path.filename().string());
    return folder;
}

Result<Descriptor> open_folder_at(int folder, const std::string& name) {
    Descriptor child(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child) {
        if (errno == ELOOP || errno == ENOTDIR)
            return invalid(name + ": expected a folder, got something else");
        return file_error("cannot open the folder", name);
    }
    return child;
}

Result<Descriptor> open_folder_beneath(int folder, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    long opened = -1;
    // EAGAIN: something on the way was renamed meanwhile.
    for (int attempts_left = 100; attempts_left > 0 && opened < 0; --attempts_left) {
        opened = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
        if (opened < 0 && errno != EAGAIN && errno != EINTR) break;
    }
    if (opened >= 0) return Descriptor(static_cast<int>(opened));
    if (errno == ELOOP || errno == ENOTDIR || errno == EXDEV)
        return invalid(path + ": expected a folder, got a link or something else on the way");
    if (errno == ENOSYS || errno == EPERM)
        return unavailable(
            path + ": this system has no openat2, which keeps links in a case from being followed",
            "use Linux 5.6 or newer, and let the container's system call filter allow openat2");
    return file_error("cannot open the folder", path);
}

Result<Descriptor> open_file_at(int folder, const std::string& name) {
    // Not blocking, so that a pipe planted under the name cannot hold us.
    Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    const auto no_file = [&] {
        return invalid(name + ": expected a regular file, got a link or something else");
    };
    if (!file) {
        if (errno == ELOOP || errno == ENXIO) return no_file();
        return file_error("cannot open", name);
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return file_error("cannot look at", name);
    if (!S_ISREG(info.st_mode)) return no_file();
    return file;
}

Result<Descriptor> create_file_at(int folder, const std::string& name) {
    Descriptor file(
        ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return file_error("cannot make", name);
    return file;
}

Result<Descriptor> make_folder_at(int folder, const std::string& name, bool may_exist) {
    if (::mkdirat(folder, name.c_str(), 0700) != 0 && !(may_exist && errno == EEXIST))
        return file_error("cannot make the folder", name);
    return open_folder_at(folder, name);
}

Result<std::set<std::string>> names_in(int folder) {
    // A descriptor of its own: reading a folder moves the position that all copies share.
    Descriptor own(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own) return file_error("cannot list", "folder");
    const auto close = [](DIR* stream) { ::closedir(stream); };
    const std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(own.get()), close);
    if (!stream) return file_error("cannot list", "folder");
    own.release();

    std::set<std::string> names;
    for (;;) {
        errno = 0;
        // Each stream is used by one thread only, which makes readdir safe.
        const auto* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe)
        if (entry == nullptr) break;
        const std::string name(&entry->d_name[0]);
        if (name == "." || name == "..") continue;
        if (names.size() == names_max)
            return Error{ErrorKind::limit_reached, "folder: expected at most a million names, got more"};
        names.insert(name);
    }
    if (errno != 0) return file_error("cannot list", "folder");
    return names;
}

bool exists_at(int folder, const std::string& name) {
    struct stat info {};
    return ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return file_error("cannot write", "evidence");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> sync_file(int file) {
    if (::fdatasync(file) != 0) return file_error("cannot sync", "evidence");
    return {};
}

Result<void> sync_folder(int folder) {
    if (::fsync(folder) != 0) return file_error("cannot sync", "evidence folder");
    return {};
}

Result<FreshFile> FreshFile::make(int folder, const std::string& name) {
    FreshFile made(folder, name, Descriptor(-1));
    made.file_ = Descriptor(::openat(folder, made.fresh_name().c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!made.file_) return file_error("cannot make", made.fresh_name());
    return made;
}

FreshFile::~FreshFile() {
    if (file_) ::unlinkat(folder_, fresh_name().c_str(), 0);
}

Result<void> FreshFile::put_in_place(bool durable) {
    if (durable)
        if (auto done = sync_file(file_.get()); !done) return done;
    if (::renameat(folder_, fresh_name().c_str(), folder_, name_.c_str()) != 0)
        return file_error("cannot replace", name_);
    file_ = Descriptor();
    return durable ? sync_folder(folder_) : Result<void>();
}

Result<void> replace_file_at(int folder, const std::string& name, std::string_view bytes, bool durable) {
    auto file = FreshFile::make(folder, name);
    if (!file) return file.error();
    if (auto done = file->write(bytes); !done) return done;
    return file->put_in_place(durable);
}

Result<std::string> read_whole(int file, std::uint64_t bytes_max) {
    std::string out;
    const auto size = std::min<std::uint64_t>(block_bytes, bytes_max + 1);
    const auto block = std::make_unique_for_overwrite<char[]>(size);
    for (;;) {
        auto got = read_block(file, block.get(), size);
        if (!got) return got.error();
        if (*got == 0) return out;
        if (out.size() + *got > bytes_max)
            return Error{ErrorKind::limit_reached,
                         "file: expected at most " + std::to_string(bytes_max) + " bytes, got more"};
        out.append(block.get(), *got);
    }
}

Result<Digest> digest_of(int file) {
    ::posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
    Digest digest;
    Sha256 hash;
    const auto block = std::make_unique_for_overwrite<char[]>(block_bytes);
    for (;;) {
        auto got = read_block(file, block.get(), block_bytes);
        if (!got) return got.error();
        if (*got == 0) break;
        hash.update({block.get(), *got});
        digest.bytes += *got;
    }
    digest.sha256 = hash.hex();
    return digest;
}

}  // namespace casefile::evidence

#include "base/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/descriptor.h"
#include "base/ids.h"
#include "base/text.h"

namespace casefile {
namespace {

std::string why(int code) { return lower(std::generic_category().message(code)); }

std::string cannot_read(const std::filesystem::path& file) {
    return "cannot read " + printable(file.string()) + ": ";
}

Error read_error(const std::filesystem::path& file, int code) {
    const auto message = cannot_read(file) + why(code);
    if (code == ENOENT || code == ENOTDIR) return not_found(message, "check the path");
    return unavailable(message, "check the path, its permissions and the disk");
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// 0 when all went well, else errno.
int write_new(const std::filesystem::path& file, std::string_view text, bool durable) {
    const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out || !write_all(out.get(), text)) return errno;
    return durable && ::fdatasync(out.get()) != 0 ? errno : 0;
}

int sync_folder(const std::filesystem::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return !opened || ::fsync(opened.get()) != 0 ? errno : 0;
}

}  // namespace

Result<std::string> read_small_file(const std::filesystem::path& file, std::uint64_t bytes_max) {
    // Not blocking, so that a pipe under the name cannot hold us.
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!in || ::fstat(in.get(), &info) != 0) return read_error(file, errno);
    if (!S_ISREG(info.st_mode))
        return invalid(cannot_read(file) + "expected a file, got " +
                       (S_ISDIR(info.st_mode) ? "a folder" : "something else, such as a pipe"));
    std::string text;
    std::array<char, 16 * 1024> block;
    for (;;) {
        const auto got = ::read(in.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return read_error(file, errno);
        if (got == 0) return text;
        text.append(block.data(), static_cast<std::size_t>(got));
        if (text.size() > bytes_max)
            return Error{ErrorKind::limit_reached, cannot_read(file) + "expected at most " +
                                                       std::to_string(bytes_max) + " bytes, got more"};
    }
}

Result<void> replace_small_file(const std::filesystem::path& file, std::string_view text, bool durable) {
    const auto folder = file.parent_path();
    std::error_code none;
    std::filesystem::create_directories(folder, none);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, none);
    auto fresh = file;
    fresh += "." + random_hex(4) + ".new";
    auto failed = write_new(fresh, text, durable);
    if (failed == 0 && ::rename(fresh.c_str(), file.c_str()) != 0) failed = errno;
    if (failed != 0) ::unlink(fresh.c_str());
    if (failed == 0 && durable) failed = sync_folder(folder);
    if (failed == 0) return {};
    return unavailable("cannot write " + printable(file.string()) + ": " + why(failed),
                       "check the folder and its disk");
}

}  // namespace casefile

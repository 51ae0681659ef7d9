#include "app/token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/descriptor.h"
#include "base/ids.h"
#include "base/text.h"

namespace casefile::app {
namespace {

constexpr std::size_t token_bytes = 32;

Result<Secret> read_token(const std::filesystem::path& file) {
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const auto renew = "remove it, and a new one is made: casefile token";
    if (!in) return unavailable("the token in " + file.string() + " cannot be read", renew);
    struct stat info {};
    if (::fstat(in.get(), &info) != 0 || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
        return denied(
            file.string() + ": expected a file of your own with mode 0600, because it holds the token",
            "chmod 600 it if nobody else read it; otherwise " + std::string(renew));
    std::array<char, 2 * token_bytes + 2> buffer{};
    const auto got = ::read(in.get(), buffer.data(), buffer.size());
    const std::string text(trim({buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))}));
    if (text.size() != 2 * token_bytes || text.find_first_not_of("0123456789abcdef") != std::string::npos)
        return invalid(file.string() + ": expected 64 hexadecimal digits, got something else", renew);
    return Secret(text);
}

}  // namespace

Result<Secret> installation_token(const std::filesystem::path& home) {
    const auto file = home / "token";
    if (std::filesystem::exists(std::filesystem::symlink_status(file))) return read_token(file);
    const auto fresh = home / ("token." + random_hex(4) + ".new");
    const auto text = random_hex(token_bytes) + "\n";
    const bool written = [&] {
        const Descriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        return out && ::write(out.get(), text.data(), text.size()) == std::ssize(text) &&
               ::fsync(out.get()) == 0;
    }();
    // Linked, not renamed: of two processes that make one at the same time, the first wins, and both use its.
    const bool linked = written && (::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST);
    ::unlink(fresh.c_str());
    if (!linked)
        return unavailable("the token could not be written to " + file.string(),
                           "check the folder and its disk");
    return read_token(file);
}

}  // namespace casefile::app

#include "mcp/lines.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace casefile::mcp {
namespace {

constexpr std::size_t block = 65'536;
/// What Linux lets any user have (pipe-max-size).
constexpr int pipe_bytes = 1'048'576;

using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// False when the time is over. A broken descriptor counts as ready: the next call on it tells.
bool wait_until_ready(int descriptor, short what, int timeout_ms) {
    const auto deadline = Steady::now() + Milliseconds(timeout_ms);
    while (true) {
        pollfd one{.fd = descriptor, .events = what, .revents = 0};
        const int ready = ::poll(&one, 1, timeout_ms);
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return true;
        if (timeout_ms >= 0)
            timeout_ms = std::max(
                0,
                static_cast<int>(std::chrono::duration_cast<Milliseconds>(deadline - Steady::now()).count()));
    }
}

/// Whether writing blocks belongs to an open file, which we share with whoever gave it to us. A pipe can be
/// opened once more, for us alone; none where that does not work.
Descriptor open_unblocked(int descriptor) {
    struct stat info {};
    if (::fstat(descriptor, &info) != 0 || !S_ISFIFO(info.st_mode)) return {};
    const auto path = "/proc/self/fd/" + std::to_string(descriptor);
    Descriptor opened(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!opened || opened.get() > STDERR_FILENO) return opened;
    // Where a client started us without standard error, the log would go where its answers go.
    return Descriptor(::fcntl(opened.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace

LineReader::Outcome LineReader::next(std::string_view& line, int timeout_ms) {
    const auto deadline = Steady::now() + Milliseconds(timeout_ms);
    while (true) {
        const auto newline = buffer_.find('\n', searched_);
        if (newline != std::string::npos || (ended_ && begin_ < buffer_.size())) {
            const auto end = std::min(newline, buffer_.size());
            line = std::string_view(buffer_).substr(begin_, end - begin_);
            begin_ = searched_ = std::min(end + 1, buffer_.size());
            const bool oversized = skipping_ || line.size() > bytes_max_;
            skipping_ = false;
            return oversized ? Outcome::oversized : Outcome::line;
        }
        if (ended_) return std::exchange(skipping_, false) ? Outcome::oversized : Outcome::end;

        buffer_.erase(0, begin_);
        begin_ = 0;
        if (buffer_.size() > bytes_max_) skipping_ = true;
        if (skipping_) buffer_.clear();
        // One huge message must not cost its memory for ever.
        if (buffer_.empty() && buffer_.capacity() > 16 * block) buffer_.shrink_to_fit();
        searched_ = buffer_.size();

        int left_ms = timeout_ms;
        if (timeout_ms >= 0)
            left_ms = std::max(
                0,
                static_cast<int>(std::chrono::duration_cast<Milliseconds>(deadline - Steady::now()).count()));
        const auto filled = fill(left_ms);
        if (filled == Fill::timed_out) return Outcome::timed_out;
        if (filled == Fill::end) ended_ = true;
    }
}

LineReader::Fill LineReader::fill(int timeout_ms) {
    if (timeout_ms >= 0 && !wait_until_ready(descriptor_, POLLIN, timeout_ms)) return Fill::timed_out;
    if (!block_) block_ = std::make_unique_for_overwrite<char[]>(block);
    while (true) {
        const auto count = ::read(descriptor_, block_.get(), block);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            // The client made its end non-blocking, and ours with it.
            wait_until_ready(descriptor_, POLLIN, -1);
            continue;
        }
        buffer_.append(block_.get(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return count > 0 ? Fill::more : Fill::end;
    }
}

LineWriter::LineWriter(int descriptor) : descriptor_(descriptor), unblocked_(open_unblocked(descriptor)) {
    // A large answer then goes out at once; where it is refused, in parts, each of which waits for its
    // reader.
    if (::fcntl(descriptor_, F_GETPIPE_SZ) < pipe_bytes) ::fcntl(descriptor_, F_SETPIPE_SZ, pipe_bytes);
}

bool LineWriter::write(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (failed_) return false;
    // A long line is not copied only to be ended.
    failed_ =
        line.size() < block ? !write_all(std::string(line) + "\n") : !write_all(line) || !write_all("\n");
    return !failed_;
}

/// As much as fits now, without waiting; -1 with EAGAIN when that is nothing.
std::ptrdiff_t LineWriter::write_some(std::string_view bytes) const {
    if (unblocked_) return ::write(unblocked_.get(), bytes.data(), bytes.size());
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != ENOTSOCK) return sent;
    if (!wait_until_ready(descriptor_, POLLOUT, 0)) {
        errno = EAGAIN;
        return -1;
    }
    // What is ready takes this much without blocking, so that patience can end.
    return ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
}

bool LineWriter::write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto count = write_some(bytes);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
        const int patience_ms = patience_ms_;
        // Without a limit, it is looked now and then whether there is one by now.
        if (!wait_until_ready(descriptor_, POLLOUT, patience_ms < 0 ? 500 : patience_ms)) {
            if (patience_ms >= 0) return false;
        }
    }
    return true;
}

}  // namespace casefile::mcp

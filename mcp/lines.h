#pragma once
// Lines over file descriptors, as both ends of the stdio transport read and write them.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace casefile::mcp {

/// Reads lines from a descriptor. Keeps at most one line of `bytes_max` and one block beyond it.
class LineReader {
  public:
    enum class Outcome {
        line,       ///< here is one, without its newline
        oversized,  ///< one was longer than bytes_max and was skipped
        timed_out,  ///< none arrived in time
        end,        ///< there is no more, or the descriptor failed
    };

    LineReader(int descriptor, std::size_t bytes_max) : descriptor_(descriptor), bytes_max_(bytes_max) {}

    /// Blocks for a line, at most `timeout_ms`; without limit when that is negative. What follows the last
    /// newline counts as a line too. `line` is valid until the next call.
    Outcome next(std::string_view& line, int timeout_ms = -1);
    std::size_t bytes_kept() const { return buffer_.size(); }

  private:
    enum class Fill { more, timed_out, end };
    Fill fill(int timeout_ms);

    int descriptor_;
    std::size_t bytes_max_;
    std::unique_ptr<char[]> block_;  ///< what one read brings
    std::string buffer_;
    std::size_t begin_ = 0;     ///< of what has not been handed out
    std::size_t searched_ = 0;  ///< no newline before this
    bool skipping_ = false;     ///< in a line that is too long
    bool ended_ = false;
};

/// Writes whole lines to a descriptor. Safe to call from any thread. After a failure it writes nothing more.
class LineWriter {
  public:
    explicit LineWriter(int descriptor);

    /// Waits while the other end does not read. False when it is gone.
    bool write(std::string_view line);
    bool failed() const { return failed_; }
    /// From now on an end that reads nothing for so long counts as gone.
    void limit_patience(std::chrono::milliseconds time_max) {
        patience_ms_ = static_cast<int>(time_max.count());
    }

  private:
    bool write_all(std::string_view bytes) const;
    std::ptrdiff_t write_some(std::string_view bytes) const;

    int descriptor_;
    Descriptor unblocked_;  ///< the same pipe, opened by us and never blocking; none for what is no pipe
    std::mutex mutex_;
    std::atomic<bool> failed_ = false;
    std::atomic<int> patience_ms_ = -1;  ///< negative: without limit
};

}  // namespace casefile::mcp

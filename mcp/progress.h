#pragma once
// Tells a client how far a call is: rising numbers only, and not faster than anyone can read.

#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "mcp/reply.h"
#include "mcp/revision.h"

namespace casefile::mcp {

/// Safe to call from any thread.
class Progress {
  public:
    static constexpr std::chrono::milliseconds pause{100};

    Progress(Reply& reply, RequestId token, const Revision& revision, const Clock& clock)
        : reply_(reply), token_(std::move(token)), revision_(revision), clock_(clock) {}

    void tell(double done, std::optional<double> total, const std::string& message);

  private:
    Reply& reply_;
    const RequestId token_;
    const Revision& revision_;
    const Clock& clock_;
    std::mutex mutex_;
    std::optional<double> last_done_;
    WallTime last_at_{};
};

}  // namespace casefile::mcp

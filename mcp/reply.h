#pragma once
// The ways back to the client: one for all messages, and one for each request.

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "mcp/message.h"

namespace casefile::mcp {

/// Writes messages one at a time. Safe to call from any thread.
class Outbox {
  public:
    explicit Outbox(std::function<void(std::string_view)> send) : send_(std::move(send)) {}

    void send(const json::object& message);
    /// The same for a message that is text already.
    void send_text(std::string_view text);

  private:
    std::mutex mutex_;
    std::function<void(std::string_view)> send_;
};

/// The answers to one batch: they leave together, when the last one is known.
class Batch {
  public:
    Batch(Outbox& outbox, std::size_t expected) : outbox_(outbox), missing_(expected) {}

    void add(const json::object& answer);
    /// One request of the batch was cancelled and stays without an answer.
    void leave_out();

  private:
    void count_down(std::unique_lock<std::mutex> lock);

    Outbox& outbox_;
    std::mutex mutex_;
    std::size_t missing_;
    std::string answers_;  ///< as JSON, separated by commas
};

/// The way back of one request. After its answer, or once it is closed, nothing more leaves by it.
class Reply {
  public:
    /// `batch` is null for a request that came alone.
    Reply(Outbox& outbox, RequestId id, std::shared_ptr<Batch> batch)
        : outbox_(outbox), id_(std::move(id)), batch_(std::move(batch)) {}

    const RequestId& id() const { return id_; }
    bool in_batch() const { return batch_ != nullptr; }

    void answer(json::object result);
    void refuse(const RpcError& error);
    /// Something about this request while it runs.
    void tell(const json::object& message);
    /// When this returns, nothing more is sent for the request.
    void close();

  private:
    void finish(const json::object& message);

    Outbox& outbox_;
    const RequestId id_;
    const std::shared_ptr<Batch> batch_;
    std::mutex mutex_;
    bool open_ = true;
};

}  // namespace casefile::mcp

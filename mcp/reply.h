#pragma once
// The ways back to the client: where messages leave, and what belongs to one request.

#include <memory>
#include <mutex>
#include <string_view>

#include "mcp/message.h"

namespace casefile::mcp {

/// Where messages to a client leave: one for everything on stdio, one for each POST on HTTP. Safe to call
/// from any thread; nothing blocks for long.
class Outbox {
  public:
    virtual ~Outbox() = default;
    /// Something on the way: a notification, or a question of the server's own.
    virtual void send(std::string_view message) = 0;
    /// The answer to what this outbox was made for. On HTTP nothing follows it, and a first message decides
    /// the status.
    virtual void finish(std::string message, int http_status) = 0;
    /// There will be no answer: the request was cancelled.
    virtual void close() {}
    /// Lets the client come back later for the rest; see CallContext::pause_stream.
    virtual void pause() {}
};

/// As text for the wire. Text that is not UTF-8 would end many clients' connections, so an answer becomes an
/// error, and anything else nothing.
std::string to_text(const json::object& message);

/// The answers to one batch: they leave together, when the last one is known.
class Batch {
  public:
    Batch(std::shared_ptr<Outbox> outbox, std::size_t expected)
        : outbox_(std::move(outbox)), missing_(expected) {}

    void add(const std::string& answer);
    /// One request of the batch was cancelled and stays without an answer.
    void leave_out();

  private:
    void count_down(std::unique_lock<std::mutex> lock);

    const std::shared_ptr<Outbox> outbox_;
    std::mutex mutex_;
    std::size_t missing_;
    std::string answers_;  ///< as JSON, separated by commas
};

/// The way back of one request. After its answer, or once it is closed, nothing more leaves by it.
class Reply {
  public:
    /// `batch` is null for a request that came alone.
    Reply(std::shared_ptr<Outbox> outbox, RequestId id, std::shared_ptr<Batch> batch)
        : outbox_(std::move(outbox)), id_(std::move(id)), batch_(std::move(batch)) {}

    const RequestId& id() const { return id_; }

    void answer(MethodResult result);
    void refuse(const RpcError& error);
    /// Something about this request while it runs.
    void tell(const json::object& message);
    void pause();
    /// When this returns, nothing more is sent for the request.
    void close();

  private:
    void finish(std::string message, int http_status);

    const std::shared_ptr<Outbox> outbox_;
    const RequestId id_;
    const std::shared_ptr<Batch> batch_;
    std::mutex mutex_;
    bool open_ = true;
};

}  // namespace casefile::mcp

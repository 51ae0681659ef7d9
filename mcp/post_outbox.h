#pragma once
// The way back of one POST of revision 2026-07-28.

#include <memory>
#include <mutex>

#include "mcp/reply.h"
#include "net/http.h"

namespace casefile::mcp {

/// One JSON object, or a stream that ends with the answer.
class PostOutbox : public Outbox {
  public:
    explicit PostOutbox(std::shared_ptr<net::Exchange> exchange) : exchange_(std::move(exchange)) {}

    void send(std::string_view message) override {
        const std::lock_guard lock(mutex_);
        begin();
        exchange_->send({.data = std::string(message)});
    }
    void finish(std::string message, int http_status) override {
        const std::lock_guard lock(mutex_);
        over_ = true;
        if (!streaming_) return exchange_->respond({http_status, "application/json", std::move(message)});
        exchange_->send({.data = std::move(message)});
        exchange_->end_stream();
    }
    void close() override {
        const std::lock_guard lock(mutex_);
        over_ = true;
        begin();
        exchange_->end_stream();
    }
    /// Before there is anything to say, so that nobody on the way takes the silence for the end.
    void begin_early() {
        const std::lock_guard lock(mutex_);
        if (!over_) begin();
    }

  private:
    void begin() {
        if (!streaming_) exchange_->begin_stream({});
        streaming_ = true;
    }

    const std::shared_ptr<net::Exchange> exchange_;
    std::mutex mutex_;
    bool streaming_ = false, over_ = false;
};

}  // namespace casefile::mcp

#include "mcp/reply.h"

#include "base/text.h"

namespace casefile::mcp {

std::string to_text(const json::object& message) {
    auto text = json::serialize(message);
    if (is_utf8(text)) return text;
    const auto* id = message.if_contains("id");
    if (id == nullptr) return {};
    return json::serialize(
        make_error(read_id(*id),
                   {.code = rpc::internal_error, .message = "the answer was not UTF-8: a bug in casefile"}));
}

void Batch::add(const json::object& answer) {
    std::unique_lock lock(mutex_);
    if (!answers_.empty()) answers_ += ',';
    answers_ += to_text(answer);
    count_down(std::move(lock));
}

void Batch::leave_out() { count_down(std::unique_lock(mutex_)); }

void Batch::count_down(std::unique_lock<std::mutex> lock) {
    if (--missing_ > 0) return;
    const auto text = answers_.empty() ? std::string() : "[" + std::move(answers_) + "]";
    lock.unlock();
    if (text.empty())
        outbox_->close();
    else
        outbox_->finish(text, 200);
}

void Reply::answer(json::object result) { finish(make_result(id_, std::move(result)), 200); }

void Reply::refuse(const RpcError& error) { finish(make_error(id_, error), error.http_status); }

void Reply::tell(const json::object& message) {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    if (const auto text = to_text(message); !text.empty()) outbox_->send(text);
}

void Reply::pause() {
    const std::lock_guard lock(mutex_);
    if (open_ && !batch_) outbox_->pause();
}

void Reply::finish(const json::object& message, int http_status) {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    if (batch_)
        batch_->add(message);
    else
        outbox_->finish(to_text(message), http_status);
}

void Reply::close() {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    if (batch_)
        batch_->leave_out();
    else
        outbox_->close();
}

}  // namespace casefile::mcp

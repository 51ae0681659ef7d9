#include "mcp/reply.h"

#include "base/text.h"

namespace casefile::mcp {
namespace {

/// Text that is not UTF-8 would end many clients' connections, so an answer becomes an error, and anything
/// else nothing.
std::string to_text(const json::object& message) {
    auto text = json::serialize(message);
    if (is_utf8(text)) return text;
    const auto* id = message.if_contains("id");
    if (id == nullptr) return {};
    return json::serialize(
        make_error(read_id(*id),
                   {.code = rpc::internal_error, .message = "the answer was not UTF-8: a bug in casefile"}));
}

}  // namespace

void Outbox::send(const json::object& message) {
    const auto text = to_text(message);
    if (!text.empty()) send_text(text);
}

void Outbox::send_text(std::string_view text) {
    const std::lock_guard lock(mutex_);
    send_(text);
}

void Batch::add(const json::object& answer) {
    std::unique_lock lock(mutex_);
    if (!answers_.empty()) answers_ += ',';
    answers_ += to_text(answer);
    count_down(std::move(lock));
}

void Batch::leave_out() { count_down(std::unique_lock(mutex_)); }

void Batch::count_down(std::unique_lock<std::mutex> lock) {
    if (--missing_ > 0 || answers_.empty()) return;
    const auto text = "[" + std::move(answers_) + "]";
    lock.unlock();
    outbox_.send_text(text);
}

void Reply::answer(json::object result) { finish(make_result(id_, std::move(result))); }

void Reply::refuse(const RpcError& error) { finish(make_error(id_, error)); }

void Reply::tell(const json::object& message) {
    const std::lock_guard lock(mutex_);
    if (open_) outbox_.send(message);
}

void Reply::finish(const json::object& message) {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    if (batch_)
        batch_->add(message);
    else
        outbox_.send(message);
}

void Reply::close() {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    if (batch_) batch_->leave_out();
}

}  // namespace casefile::mcp

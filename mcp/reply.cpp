#include "mcp/reply.h"

#include "base/text.h"
#include "mcp/shapes.h"

namespace casefile::mcp {

namespace {

const RpcError not_utf8{.code = rpc::internal_error,
                        .message = "the answer was not UTF-8: a bug in casefile"};

std::string text_of(const RequestId& id, MethodResult result) {
    if (result.written.empty()) return compact(make_result(id, std::move(result.members)));
    auto text = R"({"jsonrpc":"2.0","id":)" + compact(to_json(id)) + R"(,"result":)";
    // Copied once: rows make it large.
    text.reserve(text.size() + result.written.size() + result.written.size() / 8);
    append_compact(text, result.members);
    reopen_object(text);
    text.append(result.written).append("}}");
    return text;
}

}  // namespace

std::string to_text(const json::object& message) {
    auto text = compact(message);
    if (is_utf8(text)) return text;
    const auto* id = message.if_contains("id");
    if (id == nullptr && !message.contains("error")) return {};
    return compact(make_error(id == nullptr ? std::nullopt : read_id(*id), not_utf8));
}

void Batch::add(const std::string& answer) {
    std::unique_lock lock(mutex_);
    if (!answers_.empty()) answers_ += ',';
    answers_ += answer;
    count_down(std::move(lock));
}

void Batch::leave_out() { count_down(std::unique_lock(mutex_)); }

void Batch::count_down(std::unique_lock<std::mutex> lock) {
    if (--missing_ > 0) return;
    auto text = answers_.empty() ? std::string() : "[" + std::move(answers_) + "]";
    lock.unlock();
    if (text.empty())
        outbox_->close();
    else
        outbox_->finish(std::move(text), 200);
}

void Reply::answer(MethodResult result) {
    auto text = text_of(id_, std::move(result));
    if (is_utf8(text))
        finish(std::move(text), 200);
    else
        refuse(not_utf8);
}

void Reply::refuse(const RpcError& error) { finish(to_text(make_error(id_, error)), error.http_status); }

void Reply::tell(const json::object& message) {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    if (const auto text = to_text(message); !text.empty()) outbox_->send(text);
}

void Reply::pause() {
    const std::lock_guard lock(mutex_);
    if (open_ && !batch_) outbox_->pause();
}

void Reply::finish(std::string message, int http_status) {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    if (batch_)
        batch_->add(message);
    else
        outbox_->finish(std::move(message), http_status);
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

#include "mcp/client.h"

#include <algorithm>
#include <array>

namespace casefile::mcp {

std::optional<int> log_severity(std::string_view level) {
    constexpr std::array<std::string_view, 8> levels{"debug", "info",     "notice", "warning",
                                                     "error", "critical", "alert",  "emergency"};
    const auto found = std::find(levels.begin(), levels.end(), level);
    if (found == levels.end()) return std::nullopt;
    return static_cast<int>(found - levels.begin());
}

std::optional<Peer> Client::session() const {
    const std::lock_guard lock(mutex_);
    return session_;
}

void Client::begin_session(Peer peer) {
    const std::lock_guard lock(mutex_);
    session_ = std::move(peer);
}

void Client::set_log_severity(int severity) {
    const std::lock_guard lock(mutex_);
    if (session_) session_->log_severity = severity;
}

bool Client::subscribe(const std::string& uri) {
    const std::lock_guard lock(mutex_);
    if (subscribed_.size() >= subscriptions_max) return subscribed_.contains(uri);
    subscribed_.insert(uri);
    return true;
}

void Client::unsubscribe(const std::string& uri) {
    const std::lock_guard lock(mutex_);
    subscribed_.erase(uri);
}

bool Client::is_subscribed(const std::string& uri) const {
    const std::lock_guard lock(mutex_);
    return subscribed_.contains(uri);
}

std::set<std::string> Client::subscribed() const {
    const std::lock_guard lock(mutex_);
    return subscribed_;
}

void Client::push(const json::object& notification) {
    if (!pushes_ || !session()) return;
    if (const auto text = to_text(notification); !text.empty()) pushes_->send(text);
}

}  // namespace casefile::mcp

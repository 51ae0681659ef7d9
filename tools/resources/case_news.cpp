#include "tools/resources/case_news.h"

#include <algorithm>

#include "tools/resources/address.h"

namespace casefile::tools::resources {

void CaseNews::note(const cases::Growth& growth) {
    const std::lock_guard lock(mutex_);
    auto& one = cases_[growth.case_id];
    one.principals.insert(growth.principals.begin(), growth.principals.end());
    one.drafts.insert(growth.drafts.begin(), growth.drafts.end());
    one.is_news = true;
    one.list_changed = one.list_changed || growth.list_changed;
    came_ = true;
    if (!teller_.joinable()) teller_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    woken_.notify_one();
}

void CaseNews::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        came_ = false;
        const auto changes = take_due(std::chrono::steady_clock::now());
        if (!changes.empty()) {
            lock.unlock();
            for (const auto& change : changes) changes_.publish(change);
            lock.lock();
            continue;
        }
        const auto news_came = [this] { return came_; };
        if (cases_.empty())
            woken_.wait(lock, stop, news_came);
        else
            woken_.wait_until(lock, stop, next_due(), news_came);
    }
}

/// What may be told now. A case that had no news since it was told last is forgotten.
std::vector<mcp::Change> CaseNews::take_due(Time now) {
    using Of = mcp::Change::Of;
    using Kind = Address::Kind;
    std::vector<mcp::Change> changes;
    for (auto place = cases_.begin(); place != cases_.end();) {
        auto& [id, one] = *place;
        if (one.due > now) {
            ++place;
        } else if (!one.is_news) {
            place = cases_.erase(place);
        } else {
            std::vector<Address> addresses = {{Kind::record, id}, {Kind::log, id}, {Kind::timeline, id}};
            for (const auto& kind : one.drafts) addresses.push_back({Kind::draft, id, {}, kind});
            for (const auto& principal : one.principals) {
                for (const auto& address : addresses)
                    changes.push_back({.of = Of::resource, .uri = uri_of(address), .principal = principal});
                if (one.list_changed) changes.push_back({.of = Of::resources, .principal = principal});
            }
            one = {.principals = {}, .drafts = {}, .due = now + pause_};
            ++place;
        }
    }
    return changes;
}

CaseNews::Time CaseNews::next_due() const {
    return std::ranges::min_element(cases_, {}, [](const auto& one) { return one.second.due; })->second.due;
}

}  // namespace casefile::tools::resources

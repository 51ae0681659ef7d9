#include "sources/breaker.h"

#include <condition_variable>
#include <random>

namespace casefile::sources {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{100};
constexpr milliseconds failed_at_once{500};

/// "14:02:03Z"
std::string time_of_day(WallTime at) { return rfc3339(at).substr(11, 8) + "Z"; }

}  // namespace

Breaker::Breaker(std::string name, const Clock& clock) : name_(std::move(name)), clock_(clock) {}

std::optional<Error> Breaker::refusal() const {
    const std::lock_guard lock(mutex_);
    return refusal_now();
}

std::optional<Error> Breaker::refusal_now() const {
    if (!opened_at_) return std::nullopt;
    const auto now = clock_.now();
    // A clock that was set back must not keep it open.
    if (now >= *opened_at_ && now < *opened_at_ + cool_down)
        return resting("until " + time_of_day(*opened_at_ + cool_down));
    if (tried_) return resting("while another call tries it");
    return std::nullopt;
}

Error Breaker::resting(const std::string& until) const {
    return {ErrorKind::unavailable,
            name_ + " is not asked " + until + ": it failed " + std::to_string(failures_) +
                " times in a row; last: " + last_failure_,
            "check the tunnel and the server; casefile tries again " + std::to_string(cool_down.count()) +
                " s after a failure",
            Layer::tunnel};
}

Result<void> Breaker::admit() {
    const std::lock_guard lock(mutex_);
    if (auto refused = refusal_now()) return *std::move(refused);
    tried_ = opened_at_.has_value();
    return {};
}

void Breaker::connected() {
    const std::lock_guard lock(mutex_);
    if (!opened_at_) return;
    opened_at_.reset();
    tried_ = false;
    failures_ = failures_max - 1;
}

void Breaker::answered() {
    const std::lock_guard lock(mutex_);
    opened_at_.reset();
    tried_ = false;
    failures_ = 0;
}

void Breaker::failed(const Error& why) {
    const std::lock_guard lock(mutex_);
    ++failures_;
    tried_ = false;
    last_failure_ = why.message;
    if (failures_ >= failures_max) opened_at_ = clock_.now();
}

void Breaker::gave_up() {
    const std::lock_guard lock(mutex_);
    tried_ = false;
}

std::string Breaker::state() const {
    const std::lock_guard lock(mutex_);
    if (!opened_at_) return {};
    if (auto refused = refusal_now()) return refused->message;
    return name_ + " failed " + std::to_string(failures_) +
           " times in a row, and the next call tries it; last: " + last_failure_;
}

bool is_silence(const Error& error) {
    return error.layer == Layer::tunnel && error.kind != ErrorKind::cancelled;
}

bool is_worth_another_attempt(int attempts_made, const Error& error, milliseconds took) {
    return attempts_made < connect_attempts_max && is_silence(error) && took < failed_at_once;
}

milliseconds pause_before_attempt(int attempts_made) {
    auto longest = first_pause;
    for (int i = 1; i < attempts_made; ++i) longest *= 3;
    thread_local std::minstd_rand dice{std::random_device{}()};
    return milliseconds(
        std::uniform_int_distribution<std::int64_t>(longest.count() / 2, longest.count() * 3 / 2)(dice));
}

bool pause(milliseconds time, const Control& control) {
    if (control.stopped() || control.left() <= time) return false;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, control.stop, time, [] { return false; });
    return !control.stopped();
}

}  // namespace casefile::sources

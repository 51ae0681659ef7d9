#pragma once
// A few connections to one source, shared by all workers.

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "sources/breaker.h"

namespace casefile::sources {

/// Hands out at most `connections_max` connections and makes a caller wait for a free one until its deadline
/// or stop. A connection goes back only when its user said keep(): after a failure nobody knows what is still
/// on the wire. A source that fails again and again is left alone for a while, as breaker.h tells. Safe to
/// call from any thread; a lease belongs to one thread and must not outlive the pool.
template <class Connection>
class ConnectionPool {
  public:
    using Open = std::function<Result<std::unique_ptr<Connection>>()>;
    using Fits = std::function<bool(const Connection&)>;

    class Lease {
      public:
        Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection, std::uint64_t age, bool reused)
            : pool_(&pool), connection_(std::move(connection)), age_(age), reused_(reused) {}
        Lease(Lease&& other) noexcept
            : pool_(std::exchange(other.pool_, nullptr)),
              connection_(std::move(other.connection_)),
              age_(other.age_),
              reused_(other.reused_),
              kept_(other.kept_),
              hung_up_(other.hung_up_),
              silence_(std::move(other.silence_)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (pool_ == nullptr) return;
            if (!kept_) connection_.reset();
            if (silence_)
                pool_->breaker_.failed(*silence_);
            else if (hung_up_)
                pool_->breaker_.gave_up();
            else
                pool_->breaker_.answered();
            pool_->give_back(std::move(connection_), age_);
        }

        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }
        /// True when an earlier call used it: the other side may have hung up since.
        bool reused() const { return reused_; }
        /// The connection is in order and has nothing left to read.
        void keep() { kept_ = true; }
        /// The other side did not answer: with others in a row this opens the breaker.
        void unanswered(const Error& why) { silence_ = why; }
        /// The other side had closed the connection while it lay idle: no answer, and no failure to give one.
        void hung_up() { hung_up_ = true; }

      private:
        ConnectionPool* pool_;
        std::unique_ptr<Connection> connection_;
        std::uint64_t age_;
        bool reused_;
        bool kept_ = false, hung_up_ = false;
        std::optional<Error> silence_;
    };

    /// `name` is the source's, for the error: "PROD mysql".
    ConnectionPool(std::string name, std::int64_t connections_max, const Clock& clock)
        : name_(std::move(name)),
          breaker_(name_, clock),
          free_(std::max<std::int64_t>(1, connections_max)),
          connections_max_(free_) {}

    /// An idle connection that `fits`, or a new one. `open` runs without the lock, on the caller's thread,
    /// and again where it failed at once.
    Result<Lease> take(const Control& control, const Open& open, const Fits& fits) {
        if (auto resting = breaker_.refusal()) return *std::move(resting);
        std::unique_ptr<Connection> unfit;  // closed after the lock is gone
        std::unique_lock lock(mutex_);
        const bool got = freed_.wait_until(lock, control.stop, control.deadline, [&] { return free_ > 0; });
        if (control.stopped()) return cancelled_error();
        if (!got)
            return Error{
                ErrorKind::limit_reached,
                "all " + std::to_string(connections_max_) + " connections to " + name_ + " are in use",
                "ask again when other calls have ended, or raise limits.connections_max"};
        if (auto admitted = breaker_.admit(); !admitted) return admitted.error();
        --free_;
        const auto age = age_;
        const auto found =
            std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& one) { return fits(*one); });
        if (found != idle_.rend()) {
            auto connection = std::move(*found);
            idle_.erase(std::next(found).base());
            return Lease(*this, std::move(connection), age, true);
        }
        if (!idle_.empty()) {
            unfit = std::move(idle_.front());
            idle_.erase(idle_.begin());
        }
        lock.unlock();
        unfit.reset();

        auto opened = open_patiently(control, open);
        if (!opened) {
            note_failure(opened.error());
            give_back(nullptr, age);
            return opened.error();
        }
        breaker_.connected();
        return Lease(*this, *std::move(opened), age, false);
    }

    /// From now on only connections that are opened later are handed out.
    void renew() {
        std::vector<std::unique_ptr<Connection>> old;
        const std::lock_guard lock(mutex_);
        ++age_;
        old.swap(idle_);
    }

    /// Why the source is left alone now; empty while it is not.
    std::string resting() const { return breaker_.state(); }

  private:
    static Result<std::unique_ptr<Connection>> open_patiently(const Control& control, const Open& open) {
        for (int attempts = 1;; ++attempts) {
            const auto began = std::chrono::steady_clock::now();
            auto opened = open();
            if (opened) return opened;
            const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - began);
            if (!is_worth_another_attempt(attempts, opened.error(), took)) return opened;
            if (!pause(pause_before_attempt(attempts), control)) return opened;
        }
    }

    /// That no connection could be made is a failure, whatever the reason, unless the caller gave up.
    void note_failure(const Error& error) {
        if (error.kind == ErrorKind::cancelled || error.kind == ErrorKind::internal)
            breaker_.gave_up();
        else
            breaker_.failed(error);
    }

    void give_back(std::unique_ptr<Connection> connection, std::uint64_t age) {
        {
            const std::lock_guard lock(mutex_);
            ++free_;
            if (connection && age == age_) idle_.push_back(std::move(connection));
        }
        freed_.notify_one();
    }

    const std::string name_;
    Breaker breaker_;
    std::mutex mutex_;
    std::condition_variable_any freed_;
    std::int64_t free_;
    const std::int64_t connections_max_;
    std::uint64_t age_ = 0;
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace casefile::sources

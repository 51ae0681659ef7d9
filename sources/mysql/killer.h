#pragma once
// Ending a statement on the server, and knowing whether it ended.

#include <cppconn/connection.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "sources/source.h"

namespace casefile::sources::mysql {

/// Ends a running statement on the server with KILL QUERY, from a second connection and a thread of its own,
/// so that whoever asks for the stop need not wait. It repeats itself until the statement has ended: a stop
/// may come just before the server began.
class Killer {
  public:
    /// `number` is that of the connection whose statement is meant, on the server of that `identity`. A
    /// tunnel may lead elsewhere by now, and there a number means somebody else: nothing is killed on another
    /// server.
    Killer(const Endpoint& endpoint, std::string number, const json::object& identity,
           const std::stop_token& stop);
    ~Killer();

    /// Why, as the log tells it: "the call was cancelled".
    void start(const char* why) noexcept;

    /// The statement's own connection answered, so it has ended: no more is killed after this returns.
    void answered();

    /// Nothing came on the statement's own connection, which is of no more use. Kills the connection, and
    /// waits until the server's list of processes shows that it is gone, for a few seconds at most.
    void abandoned();

    /// What became of it, in one line for the log of the run; empty when nothing had to be killed. After
    /// answered() or abandoned().
    std::string told() const;

  private:
    void run() noexcept;
    void kill_until_it_ended(sql::Connection& connection);
    std::string kill_statement() const;

    const Endpoint& endpoint_;
    const std::string number_;
    const json::object& identity_;
    std::atomic<const char*> why_ = nullptr;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool answered_ = false, abandoned_ = false;
    bool sent_ = false, gone_ = false;
    std::string failure_;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::milliseconds took_{};
    std::thread thread_;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace casefile::sources::mysql

#pragma once
// The extension io.modelcontextprotocol/tasks: long work that goes on after its call was answered. The client
// asks for the outcome with tasks/get, answers questions with tasks/update, and may stop it with
// tasks/cancel.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "mcp/calls.h"
#include "mcp/task_store.h"

namespace casefile::mcp {

/// Safe to use from any thread. A task belongs to its principal: to any other it does not exist.
class Tasks {
  public:
    /// Tasks that hold a worker or wait for one: fewer than workers, so that short calls always find one.
    static constexpr std::size_t working_max = 8;
    /// Questions that one principal may leave open before it can begin no other task.
    static constexpr std::size_t unanswered_max = 16;
    static constexpr std::chrono::hours lifetime{24};
    static constexpr std::chrono::milliseconds poll_interval{1'000};
    static constexpr std::chrono::hours sweep_interval{1};

    using Answer = std::variant<json::object, RpcError>;

    Tasks(const ServerOptions& options, WorkerPool& workers, std::function<void(const Change&)> publish);
    /// Stops what runs and waits for it.
    ~Tasks();

    /// Makes the task durable, starts the work, and gives the result that tells the client of it. What is too
    /// old goes on this occasion: this is called on a worker, the others on the thread that reads.
    Answer begin(const Call& call, LongWork work);

    Answer get(const std::string& principal, const std::string& id);
    Answer update(const std::string& principal, const std::string& id, const json::object& responses);
    Answer cancel(const std::string& principal, const std::string& id);
    bool exists(const std::string& principal, const std::string& id);

    /// Of these, the tasks that ask or are over, as they are: whoever begins to listen hears of no change
    /// that tells it.
    std::vector<json::object> news(const std::string& principal, const std::set<std::string>& ids);
    /// Publishes what tasks of other processes came to since news() or the last look. For one thread.
    void look(const std::set<TaskName>& tasks);

    /// Stops what runs: it fails, because the server ends.
    void end();

  private:
    struct Task {
        std::string id, principal, subject, status_message;
        std::optional<std::string> traceparent;
        Peer peer;
        WallTime created, updated;
        LongWork work;
        std::stop_source stop;
        bool cancelled = false;
        OpenQuestions questions;
        std::map<std::string, std::string>
            keys;  ///< of a question, by its key on the wire, which is never used twice
        int rounds = 0;
        bool asks() const { return !questions.unanswered.empty(); }
    };
    using TaskPtr = std::shared_ptr<Task>;

    /// Gives up tasks that asked and heard nothing in their lifetime; removes what is too old, now and then.
    void tidy();
    /// Why no other task can begin for this principal; empty when one can. With the lock held.
    std::string no_room(const std::string& principal) const;
    std::size_t working() const;
    bool too_old(WallTime created) const;
    bool too_old(const json::object& task) const;
    bool post(const TaskPtr& task);
    void run(const TaskPtr& task);
    void take_outcome(const TaskPtr& task, ToolOutcome outcome);
    void ask(const TaskPtr& task, NeedsInput needs);
    void close(const TaskPtr& task, std::string_view status, json::object more);
    /// One that lives in this process; null for others.
    TaskPtr find(const std::string& principal, const std::string& id);
    /// What update() and cancel() say of a task that does not live in this process.
    Answer tell_elsewhere(const std::string& principal, const std::string& id);
    std::optional<json::object> load(const std::string& principal, const std::string& id);
    json::object describe(const Task& task, std::string_view status) const;
    json::object record_of(const Task& task, json::object shown) const;
    /// On disk, as far as it has room: that a task cannot be kept ends nothing.
    void keep(const Task& task, const json::object& shown) const;
    std::string status_of(const Task& task) const;
    json::object questions_of(const Task& task) const;
    /// As it is now; nothing for one that is not there.
    std::optional<json::object> state_of(const std::string& principal, const std::string& id);

    const ServerOptions& options_;
    WorkerPool& workers_;
    const std::function<void(const Change&)> publish_;
    const TaskStore store_;
    mutable std::mutex mutex_;
    std::condition_variable idle_;
    std::map<std::string, TaskPtr> running_;  ///< by id; until the outcome is on disk
    std::mutex elsewhere_mutex_;
    /// What those who listen know of a task of another process: its state. Empty when nothing is to be looked
    /// for, as it is over, or lives here.
    std::map<TaskName, std::string> told_elsewhere_;
    WallTime next_sweep_{};    ///< the first task of a process sweeps: its start has to be quick
    std::size_t working_ = 0;  ///< posted to workers and not over yet
    bool ending_ = false;
};

}  // namespace casefile::mcp

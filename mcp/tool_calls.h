#pragma once
// tools/call: from the request to the answer, by way of the worker pool and, where a tool asks for it, the
// human.

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "mcp/progress.h"
#include "mcp/question.h"
#include "mcp/reply.h"
#include "mcp/sealed_state.h"
#include "mcp/server.h"

namespace casefile::mcp {

/// Who asks, and what they understand.
struct Peer {
    const Revision* revision = nullptr;
    std::string client;          ///< name and version as given, for the record
    bool answers_forms = false;  ///< a human there can be asked
};

/// One call of a tool, from its arrival to its answer.
struct ToolCall {
    ToolCall(Outbox& outbox, RequestId id, std::shared_ptr<Batch> batch)
        : reply(outbox, std::move(id), std::move(batch)) {}

    Reply reply;
    Peer peer;
    const Tool* tool = nullptr;
    json::object arguments;
    std::optional<std::string> traceparent;
    std::optional<std::string> request_state;  ///< only in a modern revision
    json::object input_responses;              ///< the same
    std::unique_ptr<Progress> progress;        ///< null when nobody listens; uses `reply`
    std::stop_source stop;
    bool cancelled = false;  ///< guarded by the lock of ToolCalls
};

/// The calls in flight of one client. Safe to call from any thread.
class ToolCalls {
  public:
    /// A question of the older era that nobody answers for so long counts as cancelled.
    static constexpr std::chrono::minutes question_time{10};

    ToolCalls(const ServerInfo& info, const ServerOptions& options, WorkerPool& workers, Outbox& outbox);
    /// Cancels what is in flight and waits for it.
    ~ToolCalls();

    bool in_flight(const RequestId& id) const;
    /// Answers at once when too much is in flight; otherwise a worker does.
    void start(std::shared_ptr<ToolCall> call);
    /// After this, nothing more is sent for that request. An unknown id is ignored. Runs what the tool hung
    /// on its stop token, on the caller's thread: a full worker pool must not keep a cancellation waiting.
    void cancel(const RequestId& id);
    /// The client's answer to a question of ours. An unknown id is ignored.
    void take_response(const Response& response);
    void expire_questions();

    void drain();
    void end(std::chrono::milliseconds grace);

  private:
    /// A question of the older era, on its way to the human.
    struct Asked {
        std::shared_ptr<ToolCall> call;
        OpenQuestions questions;  ///< the first unanswered one is with the client
        WallTime until;
        int repeats = 0;
    };
    using Call = std::shared_ptr<ToolCall>;

    void post(const Call& call, OpenQuestions questions);
    void run(const Call& call, OpenQuestions questions);
    /// Fills `questions` from what the client brought back; false when the call was answered instead.
    bool resume(const Call& call, OpenQuestions& questions);
    void take_outcome(const Call& call, ToolOutcome outcome);
    void ask(const Call& call, NeedsInput needs);
    void ask_by_result(const Call& call, const OpenQuestions& questions, std::optional<WallTime> expires);
    void ask_by_request(const Call& call, OpenQuestions questions, int repeats);
    void go_on(Asked asked);
    void withdraw(std::int64_t question_id);
    void watch_questions(const std::stop_token& stop);

    // Each of these ends the call, and what follows must not touch it or `this` again.
    void answer(const Call& call, const ToolResult& result);
    void answer(const Call& call, json::object result);
    void refuse(const Call& call, const RpcError& error);
    void drop(const Call& call);

    void release_id(const Call& call);
    void done();
    StateOwner owner_of(const ToolCall& call) const;

    const ServerInfo& info_;
    const ServerOptions& options_;
    WorkerPool& workers_;
    Outbox& outbox_;
    SealedState seals_;

    mutable std::mutex mutex_;
    std::condition_variable none_in_flight_;
    std::map<RequestId, Call> calls_;      ///< by id, until the answer leaves
    std::map<std::int64_t, Asked> asked_;  ///< by the id of our own request
    std::size_t active_ = 0;               ///< calls whose work is not over, answered or not
    std::int64_t questions_asked_ = 0;
    bool ending_ = false;
    std::condition_variable_any watch_;
    std::jthread watcher_;  ///< started with the first question; last, so that it ends before what it uses
};

}  // namespace casefile::mcp

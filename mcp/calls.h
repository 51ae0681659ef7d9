#pragma once
// Requests that take time: from the request to the answer, by way of the worker pool and, where the work asks
// for it, the human.

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "mcp/client.h"
#include "mcp/progress.h"
#include "mcp/question.h"
#include "mcp/sealed_state.h"
#include "mcp/server.h"

namespace casefile::mcp {

/// The work cannot go on before these are answered.
struct Asking {
    std::vector<Question> questions;
    json::object state;
    std::optional<MethodResult> when_nobody_can_ask;  ///< the result for a client that cannot put them
    bool answers_stand_alone = false;
};

/// A result as the client's revision wants it, or what stands in its way. Long work comes only for a client
/// that knows tasks, or where it is done only as one.
using Outcome = std::variant<MethodResult, Asking, LongWork, RpcError>;

/// What one request asks for.
struct Work {
    std::string subject;  ///< "tools/call query_mysql": what a requestState belongs to
    std::shared_ptr<const json::object> arguments;  ///< the same; null where there are none
    std::function<Outcome(CallContext&)> run;
    std::string scope = {};  ///< over HTTP, what one who asks for it or answers it needs besides "read"
    bool of_tool = false;    ///< its result is one that can tell of a refusal
};

/// One request, from its arrival to its answer.
struct Call {
    Call(std::shared_ptr<Client> from, std::shared_ptr<Outbox> outbox, RequestId id,
         std::shared_ptr<Batch> batch)
        : client(std::move(from)), reply(std::move(outbox), std::move(id), std::move(batch)) {}

    const std::shared_ptr<Client> client;
    Reply reply;
    Peer peer;
    Work work;
    std::optional<std::string> traceparent;
    std::optional<std::string> request_state;  ///< only in a modern revision
    json::object input_responses;              ///< the same; counts once
    std::unique_ptr<Progress> progress;        ///< null when nobody listens; uses `reply`
    std::stop_source stop;
    bool cancelled = false;  ///< guarded by the lock of Calls
};

/// The calls in flight of all clients. Safe to call from any thread.
class Calls {
  public:
    /// A question of the older era that nobody answers for so long counts as cancelled.
    static constexpr std::chrono::minutes question_time{10};

    using BeginTask = std::function<std::variant<json::object, RpcError>(const Call&, LongWork)>;

    Calls(const ServerInfo& info, const ServerOptions& options, WorkerPool& workers, BeginTask begin_task);
    /// Cancels what is in flight and waits for it.
    ~Calls();

    bool in_flight(const Client& client, const RequestId& id) const;
    bool has_any(const Client& client) const;
    /// Answers at once when too much is in flight; otherwise a worker does.
    void start(std::shared_ptr<Call> call);
    /// After this, nothing more is sent for that request. An unknown id is ignored. Runs what the work hung
    /// on its stop token, on the caller's thread: a full worker pool must not keep a cancellation waiting.
    void cancel(const Client& client, const RequestId& id);
    /// Cancels everything of a client that is gone.
    void cancel_all(const Client& client);
    /// The client's answer to a question of ours. An unknown id is ignored.
    void take_response(const Client& client, const Response& response);
    /// The scope of the call that asks this client the question. Nothing when no such question is open; one
    /// that was closed or answered never is again.
    std::optional<std::string> scope_to_answer(const Client& client, const RequestId& question) const;
    void expire_questions();

    void drain();
    void end(std::chrono::milliseconds grace, Clients clients);
    std::size_t count() const;

  private:
    /// A question of the older era, on its way to the human.
    struct Asked {
        std::shared_ptr<Call> call;
        OpenQuestions questions;  ///< the first unanswered one is with the client
        WallTime until;
        int repeats = 0;
    };
    using CallPtr = std::shared_ptr<Call>;
    using Key = std::pair<const Client*, RequestId>;

    void post(const CallPtr& call, OpenQuestions questions);
    void run(const CallPtr& call, OpenQuestions questions);
    /// Fills `questions` from what the client brought back; false when the call was answered instead.
    bool resume(const CallPtr& call, OpenQuestions& questions);
    void take_outcome(const CallPtr& call, Outcome outcome);
    void take_long_work(const CallPtr& call, LongWork work);
    void ask(const CallPtr& call, Asking asking);
    void ask_by_result(const CallPtr& call, const OpenQuestions& questions, std::optional<WallTime> expires);
    void ask_by_request(const CallPtr& call, OpenQuestions questions, int repeats);
    void go_on(Asked asked);
    static void withdraw(Call& call, std::int64_t question_id);
    void watch_questions(const std::stop_token& stop);

    void refuse_overload(Call& call) const;
    void give_up(Call& call) const;

    // Each of these ends the call, and what follows must not touch it or `this` again.
    void answer(const CallPtr& call, MethodResult result);
    void refuse(const CallPtr& call, const RpcError& error);
    void drop(const CallPtr& call);

    void release_id(const CallPtr& call);
    void done();
    static Key key_of(const Call& call) { return {call.client.get(), call.reply.id()}; }
    static StateOwner owner_of(const Call& call);

    const ServerInfo& info_;
    const ServerOptions& options_;
    WorkerPool& workers_;
    const BeginTask begin_task_;
    SealedState seals_;

    mutable std::mutex mutex_;
    std::condition_variable none_in_flight_;
    std::map<Key, CallPtr> calls_;         ///< until the answer leaves
    std::map<std::int64_t, Asked> asked_;  ///< by the id of our own request
    std::size_t active_ = 0;               ///< calls whose work is not over, answered or not
    std::int64_t questions_asked_ = 0;
    bool ending_ = false;
    Clients clients_ = Clients::gone;  ///< once it ends
    std::condition_variable_any watch_;
    std::jthread watcher_;  ///< started with the first question; last, so that it ends before what it uses
};

/// The context in which work runs: who asks, what they can, and the ways to reach them.
CallContext context_for(const std::string& principal, const Peer& peer);

/// Runs it, and turns whatever it throws into an error that tells the client nothing of the cause.
Outcome run_guarded(const Work& work, CallContext& context);

}  // namespace casefile::mcp

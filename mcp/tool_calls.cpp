#include "mcp/tool_calls.h"

#include <spdlog/spdlog.h>

#include "base/hash.h"
#include "base/text.h"
#include "mcp/shapes.h"

namespace casefile::mcp {
namespace {

/// How often a question is put again to a client of the older era that answers with something else.
constexpr int repeats_max = 2;

ToolOutcome call_tool(const ToolCall& call, CallContext& context) {
    try {
        return call.tool->call(call.arguments, context);
    } catch (const std::exception& unforeseen) {
        return internal(unforeseen.what());
    } catch (...) {
        return internal("something that is no exception was thrown");
    }
}

/// A result and not an error, because a model reads results and can wait; it has no structured content, as
/// nothing ran.
ToolResult overloaded(std::size_t calls_max) {
    return {.structured = {},
            .text = "too many calls in flight: expected at most " + std::to_string(calls_max) +
                    "; wait for one of them to finish, then call again",
            .is_error = true};
}

}  // namespace

ToolCalls::ToolCalls(const ServerInfo& info, const ServerOptions& options, WorkerPool& workers,
                     Outbox& outbox)
    : info_(info),
      options_(options),
      workers_(workers),
      outbox_(outbox),
      seals_(options.state_key, *options.clock) {}

ToolCalls::~ToolCalls() { end(std::chrono::milliseconds(0)); }

bool ToolCalls::in_flight(const RequestId& id) const {
    const std::lock_guard lock(mutex_);
    return calls_.contains(id);
}

void ToolCalls::start(std::shared_ptr<ToolCall> call) {
    {
        std::unique_lock lock(mutex_);
        const bool full = calls_.size() >= options_.calls_max;
        if (ending_ || full) {
            lock.unlock();
            if (full)
                call->reply.answer(finished(call_result(overloaded(options_.calls_max), *call->peer.revision),
                                            info_, *call->peer.revision));
            call->reply.close();
            return;
        }
        if (!calls_.emplace(call->reply.id(), call).second) {
            lock.unlock();
            call->reply.refuse(
                {.code = rpc::invalid_request, .message = "id: a request with this id is in flight"});
            return;
        }
        ++active_;
    }
    post(call, {});
}

void ToolCalls::post(const Call& call, OpenQuestions questions) {
    const bool queued = workers_.post(
        [this, call, questions = std::move(questions)]() mutable { run(call, std::move(questions)); });
    if (!queued) answer(call, overloaded(options_.calls_max));
}

void ToolCalls::run(const Call& call, OpenQuestions questions) {
    if (call->stop.stop_requested()) {
        drop(call);
        return;
    }
    if (call->request_state && !resume(call, questions)) return;

    CallContext context{.principal = options_.principal,
                        .client = call->peer.client,
                        .traceparent = call->traceparent,
                        .stop = call->stop.get_token(),
                        .answers = std::move(questions.answers),
                        .state = std::move(questions.state),
                        .progress = {}};
    context.progress = [call](double done, std::optional<double> total, const std::string& message) {
        if (call->progress) call->progress->tell(done, total, message);
    };
    take_outcome(call, call_tool(*call, context));
}

bool ToolCalls::resume(const Call& call, OpenQuestions& questions) {
    const auto opened = seals_.open(owner_of(*call), *call->request_state);
    if (!opened) {
        refuse(call, {.code = rpc::invalid_params, .message = describe(opened.error())});
        return false;
    }
    auto found = read_questions(opened->content);
    if (!found) {
        refuse(call, {.code = rpc::invalid_params, .message = "requestState refused: it cannot be read"});
        return false;
    }
    questions = *std::move(found);
    take_answers(call->input_responses, questions);
    if (questions.unanswered.empty()) return true;
    if (call->peer.answers_forms) {
        ask_by_result(call, questions, opened->expires);
        return false;
    }
    const json::object required{{"elicitation", json::object{{"form", json::object()}}}};
    refuse(call,
           {.code = rpc::missing_client_capability,
            .message = "the question is still open: expected its answer, or a client that can put it again",
            .data = json::object{{"requiredCapabilities", required}}});
    return false;
}

void ToolCalls::take_outcome(const Call& call, ToolOutcome outcome) {
    if (auto* result = std::get_if<ToolResult>(&outcome)) {
        answer(call, *result);
    } else if (auto* needs = std::get_if<NeedsInput>(&outcome)) {
        ask(call, std::move(*needs));
    } else {
        // Only the log is told what happened: the message may hold what the client must not see.
        spdlog::error("tool {} failed inside casefile: {}", call->tool->info().name,
                      printable(describe(std::get<Error>(outcome))));
        refuse(call,
               {.code = rpc::internal_error, .message = "the tool failed inside casefile; its log says why"});
    }
}

void ToolCalls::ask(const Call& call, NeedsInput needs) {
    if (!call->peer.answers_forms || needs.questions.empty()) {
        answer(call, needs.when_nobody_can_ask);
        return;
    }
    OpenQuestions questions{
        .unanswered = std::move(needs.questions), .answers = {}, .state = std::move(needs.state)};
    if (call->peer.revision->modern)
        ask_by_result(call, questions, std::nullopt);
    else
        ask_by_request(call, std::move(questions), 0);
}

void ToolCalls::ask_by_result(const Call& call, const OpenQuestions& questions,
                              std::optional<WallTime> expires) {
    const auto content = to_json(questions);
    const auto owner = owner_of(*call);
    const auto sealed = expires ? seals_.seal_until(*expires, owner, content) : seals_.seal(owner, content);
    answer(call, input_required_result(questions, *call->peer.revision, sealed));
}

void ToolCalls::ask_by_request(const Call& call, OpenQuestions questions, int repeats) {
    auto params = question_params(questions.unanswered.front(), *call->peer.revision);
    std::unique_lock lock(mutex_);
    if (ending_ || call->cancelled) {
        lock.unlock();
        drop(call);
        return;
    }
    const auto question_id = ++questions_asked_;
    asked_.emplace(question_id, Asked{.call = call,
                                      .questions = std::move(questions),
                                      .until = options_.clock->now() + question_time,
                                      .repeats = repeats});
    if (!watcher_.joinable())
        watcher_ = std::jthread([this](const std::stop_token& stop) { watch_questions(stop); });
    lock.unlock();
    call->reply.tell(make_request(question_id, "elicitation/create", std::move(params)));
}

void ToolCalls::take_response(const Response& response) {
    const auto* question_id = std::get_if<std::int64_t>(&response.id);
    if (question_id == nullptr) return;
    std::unique_lock lock(mutex_);
    auto node = asked_.extract(*question_id);
    lock.unlock();
    if (node.empty()) return;
    auto asked = std::move(node.mapped());

    auto& questions = asked.questions;
    const auto open_before = questions.unanswered.size();
    const auto key = questions.unanswered.front().key;
    const auto* result = std::get_if<json::object>(&response.outcome);
    if (result != nullptr) take_answers({{key, *result}}, questions);
    if (questions.unanswered.size() < open_before) {
        asked.repeats = 0;
    } else if (result == nullptr || asked.repeats >= repeats_max) {
        take_answers({{key, json::object{{"action", "cancel"}}}}, questions);
        asked.repeats = 0;
    } else {
        ++asked.repeats;
    }
    go_on(std::move(asked));
}

void ToolCalls::go_on(Asked asked) {
    if (asked.questions.unanswered.empty())
        post(asked.call, std::move(asked.questions));
    else
        ask_by_request(asked.call, std::move(asked.questions), asked.repeats);
}

void ToolCalls::cancel(const RequestId& id) {
    Call call;
    std::optional<std::int64_t> question_id;
    {
        const std::lock_guard lock(mutex_);
        const auto found = calls_.find(id);
        if (found == calls_.end()) return;
        call = found->second;
        call->cancelled = true;
        for (const auto& [own_id, asked] : asked_)
            if (asked.call == call) question_id = own_id;
        if (question_id) asked_.erase(*question_id);
    }
    call->reply.close();
    // Outside the lock: what a tool hangs on its stop token runs here.
    call->stop.request_stop();
    if (!question_id) return;
    withdraw(*question_id);
    drop(call);
}

void ToolCalls::expire_questions() {
    std::map<std::int64_t, Asked> expired;
    {
        const std::lock_guard lock(mutex_);
        const auto now = options_.clock->now();
        for (auto one = asked_.begin(); one != asked_.end();) {
            const auto next = std::next(one);
            if (one->second.until <= now) expired.insert(asked_.extract(one));
            one = next;
        }
    }
    for (auto& [question_id, asked] : expired) {
        withdraw(question_id);
        for (const auto& question : asked.questions.unanswered) asked.questions.answers[question.key] = {};
        asked.questions.unanswered.clear();
        post(asked.call, std::move(asked.questions));
    }
}

void ToolCalls::withdraw(std::int64_t question_id) {
    outbox_.send(
        make_notification("notifications/cancelled",
                          {{"requestId", question_id}, {"reason", "the question is no longer open"}}));
}

void ToolCalls::watch_questions(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        watch_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        lock.unlock();
        expire_questions();
        lock.lock();
    }
}

void ToolCalls::drain() {
    std::unique_lock lock(mutex_);
    none_in_flight_.wait(lock, [this] { return active_ == 0; });
}

void ToolCalls::end(std::chrono::milliseconds grace) {
    std::map<std::int64_t, Asked> unanswerable;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        unanswerable.swap(asked_);
    }
    for (const auto& [question_id, asked] : unanswerable) drop(asked.call);

    std::unique_lock lock(mutex_);
    if (none_in_flight_.wait_for(lock, grace, [this] { return active_ == 0; })) return;
    const auto left = calls_;
    for (const auto& [id, call] : left) call->cancelled = true;
    lock.unlock();
    for (const auto& [id, call] : left) {
        call->reply.close();
        call->stop.request_stop();
    }
    lock.lock();
    none_in_flight_.wait(lock, [this] { return active_ == 0; });
}

void ToolCalls::answer(const Call& call, const ToolResult& result) {
    answer(call, call_result(result, *call->peer.revision));
}

void ToolCalls::answer(const Call& call, json::object result) {
    release_id(call);
    call->reply.answer(finished(std::move(result), info_, *call->peer.revision));
    done();
}

void ToolCalls::refuse(const Call& call, const RpcError& error) {
    release_id(call);
    call->reply.refuse(error);
    done();
}

void ToolCalls::drop(const Call& call) {
    release_id(call);
    call->reply.close();
    done();
}

/// Before the answer leaves, because the client may use the id again as soon as it has it.
void ToolCalls::release_id(const Call& call) {
    const std::lock_guard lock(mutex_);
    calls_.erase(call->reply.id());
}

void ToolCalls::done() {
    const std::lock_guard lock(mutex_);
    // Notified under the lock: whoever waits may destroy this object as soon as the lock is free.
    if (--active_ == 0) none_in_flight_.notify_all();
}

StateOwner ToolCalls::owner_of(const ToolCall& call) const {
    return {.principal = options_.principal,
            .tool = call.tool->info().name,
            .arguments_sha256 = sha256_hex(canonical(call.arguments))};
}

}  // namespace casefile::mcp

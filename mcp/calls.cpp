#include "mcp/calls.h"

#include <algorithm>

#include "base/hash.h"
#include "mcp/refusals.h"
#include "mcp/shapes.h"

namespace casefile::mcp {
namespace {

/// How often a question is put again to a client of the older era that answers with something else.
constexpr int repeats_max = 2;

const RpcError server_ends{
    .message = "the server is ending: expected an answer, got none in time; call again", .http_status = 503};

void tell_log(Call& call, std::string_view level, const std::string& message) {
    const auto severity = log_severity(level);
    if (!severity || !call.peer.log_severity || *severity < *call.peer.log_severity) return;
    call.reply.tell(make_notification("notifications/message", {{"level", level}, {"data", message}}));
}

}  // namespace

Calls::Calls(const ServerInfo& info, const ServerOptions& options, WorkerPool& workers, BeginTask begin_task)
    : info_(info),
      options_(options),
      workers_(workers),
      begin_task_(std::move(begin_task)),
      seals_(options.state_key, *options.clock, options.answered_folder) {}

Calls::~Calls() { end(std::chrono::milliseconds(0), Clients::gone); }

std::size_t Calls::count() const {
    const std::lock_guard lock(mutex_);
    return calls_.size();
}

bool Calls::in_flight(const Client& client, const RequestId& id) const {
    const std::lock_guard lock(mutex_);
    return calls_.contains({&client, id});
}

bool Calls::has_any(const Client& client) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(calls_.begin(), calls_.end(),
                       [&](const auto& one) { return one.first.first == &client; });
}

void Calls::start(CallPtr call) {
    {
        std::unique_lock lock(mutex_);
        const bool full = calls_.size() >= options_.calls_max;
        if (ending_ || full) {
            lock.unlock();
            if (full) return refuse_overload(*call);
            return give_up(*call);
        }
        if (!calls_.emplace(key_of(*call), call).second) {
            lock.unlock();
            call->reply.refuse(
                {.code = rpc::invalid_request, .message = "id: a request with this id is in flight"});
            return;
        }
        ++active_;
    }
    post(call, {});
}

void Calls::post(const CallPtr& call, OpenQuestions questions) {
    const bool queued = workers_.post(
        [this, call, questions = std::move(questions)]() mutable { run(call, std::move(questions)); });
    if (queued) return;
    release_id(call);
    refuse_overload(*call);
    done();
}

/// Of a tool a result, because a model reads results and can wait; it has no structured content, as nothing
/// ran. Of any other method an error: its result has another shape.
void Calls::refuse_overload(Call& call) const {
    auto why = "too many calls in flight: expected at most " + std::to_string(options_.calls_max) +
               "; wait for one of them to finish, then call again";
    if (!call.work.of_tool) return call.reply.refuse({.message = std::move(why)});
    const auto& revision = *call.peer.revision;
    call.reply.answer(
        finished(call_result({.structured = {}, .text = std::move(why), .is_error = true}, revision), info_,
                 revision));
}

void Calls::run(const CallPtr& call, OpenQuestions questions) {
    if (call->stop.stop_requested()) {
        drop(call);
        return;
    }
    if (call->request_state && !resume(call, questions)) return;

    auto context = context_for(call->client->principal(), call->peer);
    context.traceparent = call->traceparent;
    context.stop = call->stop.get_token();
    context.answers = std::move(questions.answers);
    context.state = std::move(questions.state);
    context.progress = [call](double done, std::optional<double> total, const std::string& message) {
        if (call->progress) call->progress->tell(done, total, message);
    };
    context.log = [call](std::string_view level, const std::string& message) {
        tell_log(*call, level, message);
    };
    context.pause_stream = [call] { call->reply.pause(); };
    take_outcome(call, run_guarded(call->work, context));
}

bool Calls::resume(const CallPtr& call, OpenQuestions& questions) {
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
    const auto& open = questions.unanswered;
    if (can_answer(call->peer.can, open)) {
        ask_by_result(call, questions, opened->expires);
    } else {
        refuse(call,
               lacking(open,
                       "the question is still open: expected its answer, or a client that can put it again"));
    }
    return false;
}

void Calls::take_outcome(const CallPtr& call, Outcome outcome) {
    if (auto* result = std::get_if<MethodResult>(&outcome))
        answer(call, std::move(*result));
    else if (auto* asking = std::get_if<Asking>(&outcome))
        ask(call, std::move(*asking));
    else if (auto* work = std::get_if<LongWork>(&outcome))
        take_long_work(call, std::move(*work));
    else
        refuse(call, std::get<RpcError>(outcome));
}

void Calls::take_long_work(const CallPtr& call, LongWork work) {
    if (!call->peer.knows_tasks) return refuse(call, lacking_tasks());
    // Over HTTP, tasks/update is open to the scope read alone.
    if (!call->work.scope.empty())
        return refuse(call, failed_inside(call->work.subject, "a tool with a scope cannot be a task"));
    auto begun = begin_task_(*call, std::move(work));
    if (auto* result = std::get_if<json::object>(&begun))
        answer(call, std::move(*result));
    else
        refuse(call, std::get<RpcError>(begun));
}

void Calls::ask(const CallPtr& call, Asking asking) {
    const auto& revision = *call->peer.revision;
    const bool can = can_answer(call->peer.can, asking.questions);
    if (!can && asking.when_nobody_can_ask) return answer(call, *std::move(asking.when_nobody_can_ask));
    if (!can && revision.modern)
        return refuse(call,
                      lacking(asking.questions, "this needs a capability that the client did not declare"));
    if (!can)
        return refuse(call, {.code = rpc::invalid_request,
                             .message = "this needs a capability that the client did not declare: " +
                                        json::serialize(capabilities_for(asking.questions))});
    OpenQuestions questions{
        .unanswered = std::move(asking.questions), .answers = {}, .state = std::move(asking.state)};
    if (revision.modern && asking.answers_stand_alone) {
        take_answers(std::exchange(call->input_responses, {}), questions);
        if (questions.unanswered.empty()) return post(call, std::move(questions));
        return answer(call, input_required_result(questions, revision, std::nullopt));
    }
    if (revision.modern)
        ask_by_result(call, questions, std::nullopt);
    else if (questions.unanswered.empty())
        post(call, std::move(questions));
    else
        ask_by_request(call, std::move(questions), 0);
}

void Calls::ask_by_result(const CallPtr& call, const OpenQuestions& questions,
                          std::optional<WallTime> expires) {
    const auto content = to_json(questions);
    const auto owner = owner_of(*call);
    const auto sealed = expires ? seals_.seal_until(*expires, owner, content) : seals_.seal(owner, content);
    answer(call, input_required_result(questions, *call->peer.revision, sealed));
}

void Calls::ask_by_request(const CallPtr& call, OpenQuestions questions, int repeats) {
    auto request = request_for(questions.unanswered.front(), *call->peer.revision);
    std::unique_lock lock(mutex_);
    if (ending_ || call->cancelled) {
        const bool cancelled = call->cancelled;
        lock.unlock();
        if (!cancelled) give_up(*call);
        return drop(call);
    }
    const auto question_id = ++questions_asked_;
    asked_.emplace(question_id, Asked{.call = call,
                                      .questions = std::move(questions),
                                      .until = options_.clock->now() + question_time,
                                      .repeats = repeats});
    if (!watcher_.joinable())
        watcher_ = std::jthread([this](const std::stop_token& stop) { watch_questions(stop); });
    lock.unlock();
    call->reply.tell(make_request(question_id, request.method, std::move(request.params)));
}

std::optional<std::string> Calls::scope_to_answer(const Client& client, const RequestId& question) const {
    const auto* question_id = std::get_if<std::int64_t>(&question);
    if (question_id == nullptr) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(*question_id);
    if (found == asked_.end() || found->second.call->client.get() != &client) return std::nullopt;
    return found->second.call->work.scope;
}

void Calls::take_response(const Client& client, const Response& response) {
    const auto* question_id = std::get_if<std::int64_t>(&response.id);
    if (question_id == nullptr) return;
    std::unique_lock lock(mutex_);
    const auto found = asked_.find(*question_id);
    if (found == asked_.end() || found->second.call->client.get() != &client) return;
    auto asked = std::move(asked_.extract(found).mapped());
    lock.unlock();

    auto& questions = asked.questions;
    const auto open_before = questions.unanswered.size();
    const auto key = questions.unanswered.front().key;
    const auto* result = std::get_if<json::object>(&response.outcome);
    if (result != nullptr) take_answers({{key, *result}}, questions);
    if (questions.unanswered.size() < open_before) {
        asked.repeats = 0;
    } else if (result == nullptr || asked.repeats >= repeats_max) {
        questions.answers[key] = {};
        questions.unanswered.erase(questions.unanswered.begin());
        asked.repeats = 0;
    } else {
        ++asked.repeats;
    }
    go_on(std::move(asked));
}

void Calls::go_on(Asked asked) {
    if (asked.questions.unanswered.empty())
        post(asked.call, std::move(asked.questions));
    else
        ask_by_request(asked.call, std::move(asked.questions), asked.repeats);
}

void Calls::cancel(const Client& client, const RequestId& id) {
    CallPtr call;
    std::optional<std::int64_t> question_id;
    {
        const std::lock_guard lock(mutex_);
        const auto found = calls_.find({&client, id});
        if (found == calls_.end()) return;
        call = found->second;
        call->cancelled = true;
        for (const auto& [own_id, asked] : asked_)
            if (asked.call == call) question_id = own_id;
        if (question_id) asked_.erase(*question_id);
    }
    if (question_id) withdraw(*call, *question_id);
    call->reply.close();
    // Outside the lock: what a tool hangs on its stop token runs here.
    call->stop.request_stop();
    if (question_id) drop(call);
}

void Calls::cancel_all(const Client& client) {
    std::vector<RequestId> ids;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, call] : calls_)
            if (key.first == &client) ids.push_back(key.second);
    }
    for (const auto& id : ids) cancel(client, id);
}

void Calls::expire_questions() {
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
        withdraw(*asked.call, question_id);
        for (const auto& question : asked.questions.unanswered) asked.questions.answers[question.key] = {};
        asked.questions.unanswered.clear();
        post(asked.call, std::move(asked.questions));
    }
}

void Calls::withdraw(Call& call, std::int64_t question_id) {
    call.reply.tell(
        make_notification("notifications/cancelled",
                          {{"requestId", question_id}, {"reason", "the question is no longer open"}}));
}

void Calls::watch_questions(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        watch_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        lock.unlock();
        expire_questions();
        lock.lock();
    }
}

void Calls::drain() {
    std::unique_lock lock(mutex_);
    none_in_flight_.wait(lock, [this] { return active_ == 0; });
}

/// While the server ends.
void Calls::give_up(Call& call) const {
    if (clients_ == Clients::waiting) call.reply.refuse(server_ends);
    call.reply.close();
}

void Calls::end(std::chrono::milliseconds grace, Clients clients) {
    std::map<std::int64_t, Asked> unanswerable;
    {
        const std::lock_guard lock(mutex_);
        clients_ = clients;
        ending_ = true;
        unanswerable.swap(asked_);
    }
    for (const auto& [question_id, asked] : unanswerable) {
        give_up(*asked.call);
        drop(asked.call);
    }

    std::unique_lock lock(mutex_);
    if (none_in_flight_.wait_for(lock, grace, [this] { return active_ == 0; })) return;
    const auto left = calls_;
    for (const auto& [key, call] : left) call->cancelled = true;
    lock.unlock();
    for (const auto& [key, call] : left) {
        give_up(*call);
        call->stop.request_stop();
    }
    lock.lock();
    none_in_flight_.wait(lock, [this] { return active_ == 0; });
}

void Calls::answer(const CallPtr& call, MethodResult result) {
    release_id(call);
    call->reply.answer(finished(std::move(result), info_, *call->peer.revision));
    done();
}

void Calls::refuse(const CallPtr& call, const RpcError& error) {
    release_id(call);
    call->reply.refuse(error);
    done();
}

void Calls::drop(const CallPtr& call) {
    release_id(call);
    call->reply.close();
    done();
}

/// Before the answer leaves, because the client may use the id again as soon as it has it.
void Calls::release_id(const CallPtr& call) {
    const std::lock_guard lock(mutex_);
    calls_.erase(key_of(*call));
}

void Calls::done() {
    const std::lock_guard lock(mutex_);
    // Notified under the lock: whoever waits may destroy this object as soon as the lock is free.
    if (--active_ == 0) none_in_flight_.notify_all();
}

StateOwner Calls::owner_of(const Call& call) {
    return {.principal = call.client->principal(),
            .subject = call.work.subject,
            .arguments_sha256 =
                sha256_hex(canonical(call.work.arguments ? *call.work.arguments : json::object()))};
}

}  // namespace casefile::mcp

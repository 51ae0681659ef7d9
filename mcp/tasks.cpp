#include "mcp/tasks.h"

#include <algorithm>

#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "mcp/refusals.h"
#include "mcp/shapes.h"

namespace casefile::mcp {
namespace {

/// What the call would have been answered with.
json::object inlined(ToolResult result, const Revision& revision) {
    auto out = whole(call_result(std::move(result), revision));
    if (revision.modern) out["resultType"] = "complete";
    return out;
}

}  // namespace

Tasks::Tasks(const ServerOptions& options, WorkerPool& workers, std::function<void(const Change&)> publish)
    : options_(options), workers_(workers), publish_(std::move(publish)), store_(options.tasks_folder) {}

Tasks::~Tasks() { end(); }

bool Tasks::too_old(WallTime created) const { return created + lifetime < options_.clock->now(); }

bool Tasks::too_old(const json::object& task) const {
    const auto created = parse_rfc3339(string_or(task, "createdAt"));
    return !created || too_old(*created);
}

void Tasks::tidy() {
    std::vector<TaskPtr> given_up;
    bool sweeps = false;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, task] : running_)
            if (task->asks() && too_old(task->created)) given_up.push_back(task);
        // From here on no other thread takes it for one that asks.
        for (const auto& task : given_up) task->questions.unanswered.clear();
        const auto now = options_.clock->now();
        sweeps = now >= next_sweep_;
        if (sweeps) next_sweep_ = now + sweep_interval;
    }
    for (const auto& task : given_up)
        close(task, "failed",
              {{"error", error_json({.message = "nobody answered the question in 24 hours; call the tool "
                                                "again"})}});
    if (sweeps) store_.sweep([this](const json::object& task) { return too_old(task); });
}

std::size_t Tasks::working() const {
    return static_cast<std::size_t>(
        std::count_if(running_.begin(), running_.end(), [](const auto& one) { return !one.second->asks(); }));
}

std::string Tasks::no_room(const std::string& principal) const {
    const auto unanswered = std::count_if(running_.begin(), running_.end(), [&](const auto& one) {
        return one.second->asks() && one.second->principal == principal;
    });
    if (working() >= working_max)
        return "too many tasks: expected at most " + std::to_string(working_max) +
               " at once; wait for one of them to finish, or cancel one, then call again";
    if (static_cast<std::size_t>(unanswered) >= unanswered_max)
        return "too many tasks wait for an answer: expected fewer than " + std::to_string(unanswered_max) +
               "; answer or cancel one, then call again";
    return {};
}

Tasks::Answer Tasks::begin(const Call& call, LongWork work) {
    tidy();
    auto task = std::make_shared<Task>();
    task->id = random_hex(16);
    task->principal = call.client->principal();
    task->subject = call.work.subject;
    task->peer = call.peer;
    task->traceparent = call.traceparent;
    task->created = task->updated = options_.clock->now();
    task->work = std::move(work);
    const auto refuse = [&](std::string why) {
        return whole(
            call_result({.structured = {}, .text = std::move(why), .is_error = true}, *task->peer.revision));
    };
    // Its place first: nothing is kept on disk of a task that no client is told of.
    {
        const std::lock_guard lock(mutex_);
        if (auto why = no_room(task->principal); !why.empty()) return refuse(std::move(why));
        running_.emplace(task->id, task);
    }
    const auto forget = [&] {
        const std::lock_guard lock(mutex_);
        running_.erase(task->id);
    };
    auto shown = describe(*task, "working");
    if (auto kept = store_.save(task->id, record_of(*task, shown)); !kept) {
        forget();
        return failed_inside(task->subject, casefile::describe(kept.error()));
    }
    if (!post(task)) {
        forget();
        store_.remove(task->id);
        return refuse(
            "the task could not begin: too many calls are in flight, or casefile ends; call again in a "
            "moment");
    }
    shown["resultType"] = "task";
    return shown;
}

bool Tasks::post(const TaskPtr& task) {
    {
        const std::lock_guard lock(mutex_);
        if (ending_) return false;
        ++working_;
    }
    const auto work = [this, task] {
        run(task);
        const std::lock_guard lock(mutex_);
        // Notified under the lock: whoever waits may destroy this object as soon as the lock is free.
        if (--working_ == 0) idle_.notify_all();
    };
    if (workers_.post(work)) return true;
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) idle_.notify_all();
    return false;
}

void Tasks::run(const TaskPtr& task) {
    // Stopped before a worker had time for it: the work never runs.
    if (task->stop.stop_requested()) return take_outcome(task, Error{});
    auto context = context_for(task->principal, task->peer);
    context.traceparent = task->traceparent;
    context.stop = task->stop.get_token();
    {
        const std::lock_guard lock(mutex_);
        context.answers = task->questions.answers;
        context.state = task->questions.state;
    }
    context.progress = [this, task](double done, std::optional<double> total, const std::string& message) {
        const std::lock_guard lock(mutex_);
        task->updated = options_.clock->now();
        task->status_message = message;
        if (message.empty() && total && *total > 0)
            task->status_message = std::to_string(static_cast<int>(100 * done / *total)) + " %";
    };
    take_outcome(task,
                 guarded([&] { return task->work.run(context); },
                         [](std::string_view cause) -> ToolOutcome { return internal(std::string(cause)); }));
}

void Tasks::take_outcome(const TaskPtr& task, ToolOutcome outcome) {
    bool cancelled = false, ending = false;
    {
        const std::lock_guard lock(mutex_);
        cancelled = task->cancelled;
        ending = ending_;
    }
    if (cancelled) return close(task, "cancelled", {});
    if (ending && task->stop.stop_requested())
        return close(task, "failed",
                     {{"error", error_json({.message = "the server ended while the task ran"})}});
    if (auto* result = std::get_if<ToolResult>(&outcome))
        return close(task, "completed", {{"result", inlined(std::move(*result), *task->peer.revision)}});
    if (auto* needs = std::get_if<NeedsInput>(&outcome)) return ask(task, std::move(*needs));
    const auto* error = std::get_if<Error>(&outcome);
    close(
        task, "failed",
        {{"error", error_json(failed_inside(task->subject, error == nullptr ? "long work within long work"
                                                                            : casefile::describe(*error)))}});
}

void Tasks::ask(const TaskPtr& task, NeedsInput needs) {
    const bool can = !needs.only_at_terminal && can_answer(task->peer.can, needs.questions);
    if (!can && needs.when_nobody_can_ask)
        return close(task, "completed",
                     {{"result", inlined(*std::move(needs.when_nobody_can_ask), *task->peer.revision)}});
    if (!can)
        return close(
            task, "failed",
            {{"error", error_json(lacking(needs.questions,
                                          "this needs a capability that the client did not declare"))}});
    json::object shown;
    std::unique_lock lock(mutex_);
    // Cancelled since its work ended: with a question open, nothing would ever close it.
    if (task->cancelled) {
        lock.unlock();
        return close(task, "cancelled", {});
    }
    ++task->rounds;
    task->keys.clear();
    for (const auto& question : needs.questions)
        task->keys[question.key + (task->rounds == 1 ? "" : "-" + std::to_string(task->rounds))] =
            question.key;
    task->questions = {
        .unanswered = std::move(needs.questions), .answers = {}, .state = std::move(needs.state)};
    task->updated = options_.clock->now();
    shown = describe(*task, status_of(*task));
    shown["inputRequests"] = questions_of(*task);
    // Other processes tell it too. With the lock held, so that no later state is written over.
    keep(*task, shown);
    lock.unlock();
    publish_(
        {.of = Change::Of::task, .uri = task->id, .principal = task->principal, .task = std::move(shown)});
}

void Tasks::close(const TaskPtr& task, std::string_view status, json::object more) {
    json::object shown;
    {
        const std::lock_guard lock(mutex_);
        task->updated = options_.clock->now();
        shown = describe(*task, status);
    }
    for (auto& pair : more) shown[pair.key()] = std::move(pair.value());
    if (const auto* error = shown.if_contains("error"))
        shown["statusMessage"] = string_or(error->as_object(), "message");
    keep(*task, shown);
    {
        const std::lock_guard lock(mutex_);
        running_.erase(task->id);
    }
    publish_(
        {.of = Change::Of::task, .uri = task->id, .principal = task->principal, .task = std::move(shown)});
}

void Tasks::keep(const Task& task, const json::object& shown) const {
    if (auto kept = store_.save(task.id, record_of(task, shown)); !kept)
        log_error("task " + task.id +
                  ": what became of it could not be kept: " + casefile::describe(kept.error()));
}

Tasks::Answer Tasks::update(const std::string& principal, const std::string& id,
                            const json::object& responses) {
    const auto task = find(principal, id);
    if (!task) return tell_elsewhere(principal, id);
    bool go_on = false;
    {
        const std::lock_guard lock(mutex_);
        if (!task->asks()) return json::object();
        // Its questions stay open: the same answers are taken once there is room.
        if (working() >= working_max)
            return RpcError{.message = "too many tasks: expected fewer than " + std::to_string(working_max) +
                                       " that work; send the answers again when one of them has finished"};
        json::object by_question;
        for (const auto& [wire_key, key] : task->keys)
            if (const auto* response = responses.if_contains(wire_key)) by_question[key] = *response;
        take_answers(by_question, task->questions);
        task->updated = options_.clock->now();
        go_on = !task->asks();
        auto shown = describe(*task, status_of(*task));
        if (!go_on) shown["inputRequests"] = questions_of(*task);
        keep(*task, shown);
    }
    if (go_on && !post(task))
        close(task, "failed",
              {{"error", error_json({.message = "the task could not go on: too many calls in flight, "
                                                "or casefile ends; call the tool again"})}});
    return json::object();
}

Tasks::Answer Tasks::cancel(const std::string& principal, const std::string& id) {
    const auto task = find(principal, id);
    if (!task) return tell_elsewhere(principal, id);
    bool waits = false;
    {
        const std::lock_guard lock(mutex_);
        task->cancelled = true;
        waits = task->asks();
        task->questions.unanswered.clear();
    }
    // Outside the lock: what a tool hangs on its stop token runs here.
    task->stop.request_stop();
    if (waits) close(task, "cancelled", {});
    return json::object();
}

void Tasks::end() {
    std::map<std::string, TaskPtr> left;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        left = running_;
    }
    for (const auto& [id, task] : left) task->stop.request_stop();
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return working_ == 0; });
}

Tasks::TaskPtr Tasks::find(const std::string& principal, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end() || found->second->principal != principal) return nullptr;
    const auto& task = found->second;
    return task->asks() && too_old(task->created) ? nullptr : task;
}

}  // namespace casefile::mcp

// What tasks tell of themselves: those of this process from memory, all others from disk.

#include "mcp/process_mark.h"
#include "mcp/shapes.h"
#include "mcp/tasks.h"

namespace casefile::mcp {
namespace {

RpcError unknown_task() {
    return {
        .code = rpc::invalid_params,
        .message = "taskId: expected a task of yours that began in the last 24 hours, got an unknown one"};
}

bool is_final(std::string_view status) {
    return status == "completed" || status == "failed" || status == "cancelled";
}

/// To compare states by; of one that is over nothing more will be told.
std::string told_of(const json::object& state) {
    return is_final(string_or(state, "status")) ? std::string() : json::serialize(state);
}

}  // namespace

Tasks::Answer Tasks::get(const std::string& principal, const std::string& id) {
    if (const auto task = find(principal, id)) {
        const std::lock_guard lock(mutex_);
        auto shown = describe(*task, status_of(*task));
        if (task->asks()) shown["inputRequests"] = questions_of(*task);
        return shown;
    }
    auto kept = load(principal, id);
    if (!kept) return unknown_task();
    const auto mark = string_or(*kept, "process");
    kept->erase("principal");
    kept->erase("process");
    if (is_final(string_or(*kept, "status")) || lives_elsewhere(mark)) return *std::move(kept);
    const std::string why =
        "casefile ended while the task ran: call the tool again; its evidence says how far it came";
    kept->erase("inputRequests");
    (*kept)["status"] = "failed";
    (*kept)["statusMessage"] = why;
    (*kept)["error"] = error_json({.message = why});
    return *std::move(kept);
}

bool Tasks::exists(const std::string& principal, const std::string& id) {
    return find(principal, id) != nullptr || load(principal, id).has_value();
}

std::optional<json::object> Tasks::state_of(const std::string& principal, const std::string& id) {
    auto state = get(principal, id);
    if (auto* told = std::get_if<json::object>(&state)) return std::move(*told);
    return std::nullopt;
}

std::vector<json::object> Tasks::news(const std::string& principal, const std::set<std::string>& ids) {
    std::vector<json::object> states;
    for (const auto& id : ids) {
        const bool is_ours = find(principal, id) != nullptr;
        auto state = state_of(principal, id);
        if (!state) continue;
        {
            // What another listener knows stays: the next look tells both.
            const std::lock_guard lock(elsewhere_mutex_);
            told_elsewhere_.try_emplace({principal, id}, is_ours ? std::string() : told_of(*state));
        }
        if (string_or(*state, "status") != "working") states.push_back(*std::move(state));
    }
    return states;
}

void Tasks::look(const std::set<TaskName>& tasks) {
    std::vector<Change> changes;
    {
        const std::lock_guard lock(elsewhere_mutex_);
        std::erase_if(told_elsewhere_, [&](const auto& one) { return !tasks.contains(one.first); });
        for (const auto& task : tasks) {
            const auto& [principal, id] = task;
            const auto known = told_elsewhere_.find(task);
            if (known != told_elsewhere_.end() && known->second.empty()) continue;
            auto state = state_of(principal, id);
            if (!state) continue;
            auto told = find(principal, id) != nullptr ? std::string() : told_of(*state);
            if (known != told_elsewhere_.end() && known->second == told) continue;
            told_elsewhere_[task] = std::move(told);
            changes.push_back(
                {.of = Change::Of::task, .uri = id, .principal = principal, .task = *std::move(state)});
        }
    }
    for (const auto& change : changes) publish_(change);
}

Tasks::Answer Tasks::tell_elsewhere(const std::string& principal, const std::string& id) {
    const auto kept = load(principal, id);
    if (!kept) return unknown_task();
    if (is_final(string_or(*kept, "status")) || !lives_elsewhere(string_or(*kept, "process")))
        return json::object();
    return RpcError{.code = rpc::invalid_params,
                    .message =
                        "taskId: expected a task of this process, got one that runs in another "
                        "process of casefile; answer or cancel it through the client that began it"};
}

std::optional<json::object> Tasks::load(const std::string& principal, const std::string& id) {
    auto kept = store_.load(id);
    if (!kept || string_or(*kept, "principal") != principal || too_old(*kept)) return std::nullopt;
    return kept;
}

std::string Tasks::status_of(const Task& task) const { return task.asks() ? "input_required" : "working"; }

json::object Tasks::describe(const Task& task, std::string_view status) const {
    json::object out{{"taskId", task.id},
                     {"status", status},
                     {"createdAt", rfc3339(task.created)},
                     {"lastUpdatedAt", rfc3339(task.updated)},
                     {"ttlMs", std::chrono::milliseconds(lifetime).count()},
                     {"pollIntervalMs", poll_interval.count()}};
    if (!task.status_message.empty() && status == "working") out["statusMessage"] = task.status_message;
    return out;
}

json::object Tasks::record_of(const Task& task, json::object shown) const {
    shown["principal"] = task.principal;
    shown["process"] = own_mark();
    return shown;
}

json::object Tasks::questions_of(const Task& task) const {
    json::object out;
    for (const auto& question : task.questions.unanswered)
        for (const auto& [wire_key, key] : task.keys)
            if (key == question.key) {
                auto request = request_for(question, *task.peer.revision);
                out[wire_key] =
                    json::object{{"method", request.method}, {"params", std::move(request.params)}};
            }
    return out;
}

}  // namespace casefile::mcp

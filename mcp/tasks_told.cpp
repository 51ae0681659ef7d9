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

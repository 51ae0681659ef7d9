#include "mcp/subscriptions.h"

namespace casefile::mcp {
namespace {

std::string_view method_of(Change::Of of) {
    switch (of) {
        case Change::Of::tools:
            return "notifications/tools/list_changed";
        case Change::Of::prompts:
            return "notifications/prompts/list_changed";
        case Change::Of::resources:
            return "notifications/resources/list_changed";
        case Change::Of::resource:
            return "notifications/resources/updated";
        case Change::Of::task:
            return "notifications/tasks";
    }
    return {};
}

json::object params_of(const Change& change) {
    if (change.of == Change::Of::resource) return {{"uri", change.uri}};
    if (change.of == Change::Of::task) return change.task;
    return {};
}

bool wants(const ChangeFilter& filter, const Change& change) {
    switch (change.of) {
        case Change::Of::tools:
            return filter.tools;
        case Change::Of::prompts:
            return filter.prompts;
        case Change::Of::resources:
            return filter.resources;
        case Change::Of::resource:
            return filter.uris.contains(change.uri);
        case Change::Of::task:
            return filter.tasks.contains(change.uri);
    }
    return false;
}

bool may_hear(const Client& client, const Change& change) {
    return change.principal.empty() || client.principal() == change.principal;
}

/// The notification as a stream of subscriptions/listen carries it: with the id of the request that opened
/// it.
json::object tagged(std::string_view method, json::object params, const RequestId& id) {
    params["_meta"] = json::object{{meta_key::subscription, to_json(id)}};
    return make_notification(method, std::move(params));
}

std::size_t hash_of(const json::object& task) { return std::hash<std::string>()(json::serialize(task)); }

json::array strings(const std::set<std::string>& values) { return json::array(values.begin(), values.end()); }

}  // namespace

json::object to_json(const ChangeFilter& filter) {
    json::object out;
    if (filter.tools) out["toolsListChanged"] = true;
    if (filter.prompts) out["promptsListChanged"] = true;
    if (filter.resources) out["resourcesListChanged"] = true;
    if (!filter.uris.empty()) out["resourceSubscriptions"] = strings(filter.uris);
    if (!filter.tasks.empty()) out["taskIds"] = strings(filter.tasks);
    return out;
}

bool Subscriptions::open(const std::shared_ptr<Client>& client, std::unique_ptr<Reply>& reply,
                         ChangeFilter filter, const TasksNow& tasks_now) {
    const std::lock_guard lock(mutex_);
    if (streams_.size() >= streams_max) return false;
    // Under the lock, so that no change overtakes the acknowledgement, nor a task's state of before.
    reply->tell(tagged("notifications/subscriptions/acknowledged", {{"notifications", to_json(filter)}},
                       reply->id()));
    std::map<std::string, std::size_t> told_first;
    for (auto& task : tasks_now(filter.tasks)) {
        told_first[string_or(task, "taskId")] = hash_of(task);
        reply->tell(tagged(method_of(Change::Of::task), std::move(task), reply->id()));
    }
    streams_.push_back({client, std::move(reply), std::move(filter), std::move(told_first)});
    return true;
}

bool Subscriptions::is_open(const Client& client, const RequestId& id) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(streams_.begin(), streams_.end(), [&](const Stream& stream) {
        return stream.client.get() == &client && stream.reply->id() == id;
    });
}

bool Subscriptions::Stream::knows(const Change& change) {
    if (change.of != Change::Of::task) return false;
    const auto first = told_first.extract(change.uri);
    return !first.empty() && first.mapped() == hash_of(change.task);
}

void Subscriptions::close_if(const std::function<bool(const Stream&)>& is_over) {
    streams_.remove_if([&](const Stream& stream) {
        if (!is_over(stream)) return false;
        stream.reply->close();
        return true;
    });
}

void Subscriptions::cancel(const Client& client, const RequestId& id) {
    const std::lock_guard lock(mutex_);
    close_if(
        [&](const Stream& stream) { return stream.client.get() == &client && stream.reply->id() == id; });
}

void Subscriptions::cancel_all(const Client& client) {
    const std::lock_guard lock(mutex_);
    close_if([&](const Stream& stream) { return stream.client.get() == &client; });
    clients_.remove_if(
        [&](const std::weak_ptr<Client>& one) { return one.expired() || one.lock().get() == &client; });
}

void Subscriptions::add(const std::shared_ptr<Client>& client) {
    const std::lock_guard lock(mutex_);
    clients_.remove_if(
        [&](const std::weak_ptr<Client>& one) { return one.expired() || one.lock() == client; });
    clients_.push_back(client);
}

void Subscriptions::publish(const Change& change) {
    const std::lock_guard lock(mutex_);
    for (auto& stream : streams_)
        if (may_hear(*stream.client, change) && wants(stream.filter, change) && !stream.knows(change))
            stream.reply->tell(tagged(method_of(change.of), params_of(change), stream.reply->id()));
    if (change.of == Change::Of::task) return;
    for (const auto& weak : clients_) {
        const auto client = weak.lock();
        if (!client || !may_hear(*client, change)) continue;
        if (change.of == Change::Of::resource && !client->is_subscribed(change.uri)) continue;
        client->push(make_notification(method_of(change.of), params_of(change)));
    }
}

std::optional<Wanted> Subscriptions::wanted() const {
    Wanted all;
    const std::lock_guard lock(mutex_);
    for (const auto& [client, reply, filter, told_first] : streams_) {
        all.resources = all.resources || filter.resources;
        all.uris.insert(filter.uris.begin(), filter.uris.end());
        for (const auto& id : filter.tasks) all.tasks.emplace(client->principal(), id);
    }
    for (const auto& weak : clients_)
        if (const auto client = weak.lock()) {
            all.resources = true;
            all.uris.merge(client->subscribed());
        }
    if (!all.resources && all.uris.empty() && all.tasks.empty()) return std::nullopt;
    return all;
}

void Subscriptions::end(const std::function<json::object()>& result) {
    const std::lock_guard lock(mutex_);
    for (const auto& stream : streams_) {
        const auto id = to_json(stream.reply->id());
        // The page on cancellation wants the notification, the one on subscriptions the result: both, in this
        // order.
        stream.reply->tell(make_notification("notifications/cancelled",
                                             {{"requestId", id},
                                              {"reason", "the server ends"},
                                              {"_meta", json::object{{meta_key::subscription, id}}}}));
        auto last = result();
        auto& meta = last["_meta"];
        (meta.is_object() ? meta.get_object() : meta.emplace_object())[meta_key::subscription] = id;
        stream.reply->answer(std::move(last));
    }
    streams_.clear();
}

}  // namespace casefile::mcp

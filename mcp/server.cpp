#include "mcp/server.h"

#include "base/log.h"
#include "base/text.h"
#include "mcp/lookout.h"
#include "mcp/methods.h"
#include "mcp/peer.h"
#include "mcp/shapes.h"

namespace casefile::mcp {

class Server::Impl {
  public:
    Impl(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
         Changes& changes)
        : info_(std::move(info)),
          options_(std::move(options)),
          catalog_(catalog),
          changes_(changes),
          tasks_(options_, workers, [this](const Change& change) { subscriptions_.publish(change); }),
          calls_(info_, options_, workers,
                 [this](const Call& call, LongWork work) { return tasks_.begin(call, std::move(work)); }) {
        changes_.listen([this](const Change& change) { subscriptions_.publish(change); });
    }
    ~Impl() {
        changes_.listen({});
        // Before the calls, which may wait for a worker that a task holds.
        tasks_.end();
    }

    void handle(const std::shared_ptr<Client>& client, const Incoming& incoming,
                const std::shared_ptr<Outbox>& outbox);
    void disconnect(const std::shared_ptr<Client>& client) {
        subscriptions_.cancel_all(*client);
        calls_.cancel_all(*client);
    }
    void end(std::chrono::milliseconds grace, Clients clients) {
        subscriptions_.end([this] { return finished(json::object(), info_, revisions().front()).members; });
        tasks_.end();
        calls_.end(grace, clients);
    }

    const ServerOptions& options() const { return options_; }
    const Catalog& catalog() const { return catalog_; }
    Calls& calls() { return calls_; }

  private:
    /// Where one message came from, and the way back.
    struct Origin {
        const std::shared_ptr<Client>& client;
        const std::shared_ptr<Outbox>& outbox;
        std::shared_ptr<Batch> batch;
    };

    void take_batch(const Incoming& incoming, Origin origin);
    void take(const Message& message, const Origin& origin);
    void take(const Request& request, const Origin& origin);
    void take(const Notification& notification, const Origin& origin);
    void listen(const Request& request, const Peer& peer, const Origin& origin);
    /// Tells what other processes changed. False when nobody listens.
    bool look();
    Answer<Peer> peer_of(const Request& request, const json::object* meta, const Client& client) const;
    Answer<void> fill(Call& call, const json::object& params, const json::object* meta) const;

    const ServerInfo info_;
    const ServerOptions options_;
    const Catalog& catalog_;
    Changes& changes_;
    Subscriptions subscriptions_;
    Tasks tasks_;
    Calls calls_;
    const Methods methods_{info_, options_, catalog_, tasks_, subscriptions_};
    Lookout lookout_{options_.look_pause, [this] { return look(); }};  ///< last, as it uses the others
};

void Server::Impl::handle(const std::shared_ptr<Client>& client, const Incoming& incoming,
                          const std::shared_ptr<Outbox>& outbox) {
    if (incoming.batch)
        take_batch(incoming, {client, outbox, nullptr});
    else
        take(incoming.messages.front(), {client, outbox, nullptr});
}

void Server::Impl::take_batch(const Incoming& incoming, Origin origin) {
    const auto peer = origin.client->session();
    if (!peer || !peer->revision->batches) {
        const RpcError error{
            .code = rpc::invalid_request,
            .message = "a batch: expected one message; only revision 2025-03-26 has batches"};
        origin.outbox->finish(to_text(make_error({}, error)), 400);
        return;
    }
    const auto answers = expected_answers(incoming);
    if (answers > 0) origin.batch = std::make_shared<Batch>(origin.outbox, answers);
    for (const auto& message : incoming.messages) take(message, origin);
}

void Server::Impl::take(const Message& message, const Origin& origin) {
    if (const auto* request = std::get_if<Request>(&message)) {
        take(*request, origin);
    } else if (const auto* notification = std::get_if<Notification>(&message)) {
        take(*notification, origin);
    } else if (const auto* response = std::get_if<Response>(&message)) {
        calls_.take_response(*origin.client, *response);
    } else if (const auto& malformed = std::get<Malformed>(message); malformed.answered) {
        const auto error = make_error(malformed.id, malformed.error);
        if (origin.batch)
            origin.batch->add(to_text(error));
        else
            origin.outbox->finish(to_text(error), 400);
    }
}

void Server::Impl::take(const Notification& notification, const Origin& origin) {
    if (notification.method != "notifications/cancelled") return;
    const auto* id_value = notification.params.if_contains("requestId");
    const auto id = id_value == nullptr ? std::nullopt : read_id(*id_value);
    if (!id) return;
    calls_.cancel(*origin.client, *id);
    subscriptions_.cancel(*origin.client, *id);
}

void Server::Impl::take(const Request& request, const Origin& origin) {
    const auto call = std::make_shared<Call>(origin.client, origin.outbox, request.id, origin.batch);
    auto& reply = call->reply;
    if (calls_.in_flight(*origin.client, request.id) || subscriptions_.is_open(*origin.client, request.id))
        return reply.refuse(
            {.code = rpc::invalid_request, .message = "id: a request with this id is in flight"});

    const auto meta = optional_object(request.params, "_meta");
    if (!meta) return reply.refuse(meta.error());
    auto peer = peer_of(request, *meta, *origin.client);
    if (!peer) return reply.refuse(peer.error());
    if (!origin.client->may_be_asked()) peer->can = {};
    peer->knows_tasks = peer->knows_tasks && !options_.tasks_folder.empty();
    const auto method = find_method(*peer->revision, request.method);
    if (!method || !methods_.offers(*method)) return reply.refuse(unknown_method(request.method));
    if (origin.batch && (peer->revision->modern || method == Method::initialize))
        return reply.refuse(
            {.code = rpc::invalid_request, .message = "this request cannot be part of a batch"});
    if (method == Method::listen) return listen(request, *peer, origin);

    auto doing = methods_.begin(*method, request.params, *peer, origin.client);
    if (!doing) return reply.refuse(doing.error());
    if (method == Method::initialize || method == Method::resources_subscribe) lookout_.wake();
    if (auto* result = std::get_if<json::object>(&*doing))
        return reply.answer(finished(std::move(*result), info_, *peer->revision));
    call->peer = *std::move(peer);
    call->work = std::get<Work>(*std::move(doing));
    if (auto filled = fill(*call, request.params, *meta); !filled) return reply.refuse(filled.error());
    calls_.start(call);
}

void Server::Impl::listen(const Request& request, const Peer& peer, const Origin& origin) {
    auto reply = std::make_unique<Reply>(origin.outbox, request.id, origin.batch);
    auto filter = methods_.change_filter(request.params, peer, *origin.client);
    if (!filter) return reply->refuse(filter.error());
    const auto tasks_now = [&](const std::set<std::string>& ids) {
        return tasks_.news(origin.client->principal(), ids);
    };
    if (!subscriptions_.open(origin.client, reply, *std::move(filter), tasks_now))
        return reply->refuse({.code = rpc::internal_error,
                              .message = "too many open subscriptions: expected at most " +
                                         std::to_string(Subscriptions::streams_max) +
                                         "; end one, then try again"});
    lookout_.wake();
}

bool Server::Impl::look() {
    const auto wanted = subscriptions_.wanted();
    if (!wanted) return false;
    tasks_.look(wanted->tasks);
    const auto* resources = catalog_.resources();
    if (resources != nullptr) resources->look(wanted->uris, wanted->resources);
    return resources != nullptr || !wanted->tasks.empty();
}

Answer<Peer> Server::Impl::peer_of(const Request& request, const json::object* meta,
                                   const Client& client) const {
    if (client.modern_only() || speaks_modern(meta)) return modern_peer(meta);
    if (auto peer = client.session()) return *std::move(peer);
    // Before any handshake, and without modern _meta: the era is not known yet.
    if (request.method == "initialize" || request.method == "ping")
        return Peer{.revision = &newest_handshake(), .client = {}, .can = {}, .log_severity = {}};
    if (!is_known_method(request.method)) return unknown_method(request.method);
    return invalid_params(
        "expected _meta with io.modelcontextprotocol/protocolVersion and clientCapabilities, "
        "or an initialize request first");
}

Answer<void> Server::Impl::fill(Call& call, const json::object& params, const json::object* meta) const {
    call.traceparent = trace_parent(meta);
    const auto* token_value = meta == nullptr ? nullptr : meta->if_contains("progressToken");
    if (token_value != nullptr && !token_value->is_null()) {
        auto token = read_id(*token_value);
        if (!token) return expected("progressToken", "a string or an integer", type_name(*token_value));
        call.progress =
            std::make_unique<Progress>(call.reply, *std::move(token), *call.peer.revision, *options_.clock);
    }
    if (!call.peer.revision->modern) return {};

    // Responses of another shape are none, and the question is put again.
    const auto responses = optional_object(params, "inputResponses");
    if (responses && *responses != nullptr) call.input_responses = **responses;
    const auto* state = params.if_contains("requestState");
    if (state == nullptr || state->is_null()) return {};
    if (!state->is_string()) return expected("requestState", "a string", type_name(*state));
    call.request_state = std::string(state->get_string());
    return {};
}

Server::Server(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
               Changes& changes)
    : impl_(std::make_unique<Impl>(std::move(info), std::move(options), catalog, workers, changes)) {}

Server::~Server() = default;

const ServerOptions& Server::options() const { return impl_->options(); }

const Catalog& Server::catalog() const { return impl_->catalog(); }

void Server::handle(const std::shared_ptr<Client>& client, const Incoming& incoming,
                    const std::shared_ptr<Outbox>& outbox) {
    try {
        impl_->handle(client, incoming, outbox);
    } catch (const std::exception& unforeseen) {
        log_error("a message could not be handled: " + printable(unforeseen.what()));
        const RpcError error{.code = rpc::internal_error,
                             .message = "the message could not be handled: a bug in casefile"};
        outbox->finish(to_text(make_error({}, error)), 500);
    }
}

std::optional<std::string> Server::scope_to_answer(const Client& client, const Response& response) const {
    return impl_->calls().scope_to_answer(client, response.id);
}

void Server::refuse_oversized(Outbox& outbox) const {
    const RpcError error{.code = rpc::invalid_request,
                         .message = "a message: expected at most " +
                                    std::to_string(options().message_bytes_max) + " bytes, got more"};
    outbox.finish(to_text(make_error({}, error)), 413);
}

void Server::disconnect(const std::shared_ptr<Client>& client) { impl_->disconnect(client); }

std::size_t Server::calls_in_flight() const { return impl_->calls().count(); }

bool Server::has_calls(const Client& client) const { return impl_->calls().has_any(client); }

void Server::drain() { impl_->calls().drain(); }

void Server::end(std::chrono::milliseconds grace, Clients clients) { impl_->end(grace, clients); }

}  // namespace casefile::mcp

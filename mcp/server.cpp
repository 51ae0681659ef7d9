#include "mcp/server.h"

#include <algorithm>

#include "base/text.h"
#include "mcp/message.h"
#include "mcp/shapes.h"
#include "mcp/tool_calls.h"

namespace casefile::mcp {
namespace {

template <class T>
using Answer = boost::system::result<T, RpcError>;

RpcError invalid_params(std::string message) {
    return {.code = rpc::invalid_params, .message = std::move(message)};
}

RpcError expected(std::string_view key, std::string_view what, std::string_view got) {
    std::string message(key);
    message.append(": expected ").append(what).append(", got ").append(got);
    return invalid_params(std::move(message));
}

RpcError unknown_method(const std::string& name) {
    return {.code = rpc::method_not_found, .message = "unknown method: " + shorten(printable(name), 100)};
}

/// The member as an object. Null, which some clients write for what they leave out, counts as absent.
Answer<const json::object*> optional_object(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    if (value == nullptr || value->is_null()) return nullptr;
    if (const auto* object = value->if_object()) return object;
    return expected(key, "an object", type_name(*value));
}

Answer<std::string> required_string(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    if (value == nullptr) return expected(key, "a string", "nothing");
    if (value->is_string()) return std::string(value->get_string());
    return expected(key, "a string", type_name(*value));
}

/// The client's own words about itself, made safe for the record.
std::string client_name(const json::object* info) {
    if (info == nullptr) return {};
    const auto version = string_or(*info, "version");
    return shorten(printable(string_or(*info, "name") + (version.empty() ? "" : "/" + version)), 200);
}

/// W3C trace context, version 00: "00-<32 hex>-<16 hex>-<2 hex>". Anything else is dropped, as that standard
/// says.
std::optional<std::string> trace_parent(const json::object* meta) {
    const auto text = meta == nullptr ? std::string() : string_or(*meta, "traceparent");
    constexpr std::string_view shape = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    const bool fits = text.size() == shape.size() &&
                      std::equal(text.begin(), text.end(), shape.begin(), [](char got, char wanted) {
                          if (wanted != 'x') return got == wanted;
                          return (got >= '0' && got <= '9') || (got >= 'a' && got <= 'f');
                      });
    return fits ? std::optional(text) : std::nullopt;
}

bool speaks_modern(const json::object* meta) {
    return meta != nullptr && (meta->contains(meta_key::version) || meta->contains(meta_key::capabilities) ||
                               meta->contains(meta_key::client));
}

/// A modern request says all of it anew; nothing is remembered from the one before.
Answer<Peer> modern_peer(const json::object& meta) {
    const auto version = required_string(meta, meta_key::version);
    if (!version) return version.error();
    const auto* revision = find_revision(*version);
    if (revision == nullptr || !revision->modern) {
        json::array supported;
        for (const auto& one : revisions()) supported.emplace_back(one.name);
        return RpcError{.code = rpc::unsupported_protocol_version,
                        .message =
                            "unsupported protocol version in _meta: expected one of data.supported, "
                            "of which those before 2026-07-28 begin with initialize",
                        .data = json::object{{"supported", std::move(supported)}, {"requested", *version}}};
    }
    const auto capabilities = optional_object(meta, meta_key::capabilities);
    if (!capabilities) return capabilities.error();
    if (*capabilities == nullptr) return expected(meta_key::capabilities, "an object", "nothing");
    const auto info = optional_object(meta, meta_key::client);
    if (!info) return info.error();
    return Peer{.revision = revision,
                .client = client_name(*info),
                .answers_forms = can_answer_forms(**capabilities)};
}

}  // namespace

class Server::Impl {
  public:
    Impl(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
         std::function<void(std::string_view)> send)
        : info_(std::move(info)),
          options_(std::move(options)),
          catalog_(catalog),
          outbox_(std::move(send)),
          calls_(info_, options_, workers, outbox_) {}

    void handle(std::string_view text);
    void refuse(int code, const std::string& message) {
        outbox_.send(make_error({}, {.code = code, .message = message}));
    }

    const ServerOptions& options() const { return options_; }
    ToolCalls& calls() { return calls_; }

  private:
    void take_batch(const Incoming& incoming);
    void take(const Message& message, const std::shared_ptr<Batch>& batch);
    void take(const Request& request, const std::shared_ptr<Batch>& batch);
    void take(const Notification& notification);

    Answer<Peer> peer_of(const Request& request, const json::object* meta) const;
    Answer<json::object> result_of(Method method, const Request& request, const Peer& peer);
    Answer<json::object> initialize(const json::object& params);
    Answer<json::object> get_prompt(const json::object& params) const;
    Answer<void> read_call(const Request& request, const json::object* meta, ToolCall& call) const;

    std::optional<Peer> session() const;

    const ServerInfo info_;
    const ServerOptions options_;
    const Catalog& catalog_;
    Outbox outbox_;
    ToolCalls calls_;

    mutable std::mutex session_mutex_;
    /// The client as `initialize` introduced it, for requests without modern _meta.
    std::optional<Peer> session_;
};

std::optional<Peer> Server::Impl::session() const {
    const std::lock_guard lock(session_mutex_);
    return session_;
}

void Server::Impl::handle(std::string_view text) {
    const auto incoming = parse_message(text);
    if (incoming.batch)
        take_batch(incoming);
    else
        take(incoming.messages.front(), nullptr);
}

void Server::Impl::take_batch(const Incoming& incoming) {
    const auto peer = session();
    if (!peer || !peer->revision->batches) {
        refuse(rpc::invalid_request, "a batch: expected one message; only revision 2025-03-26 has batches");
        return;
    }
    std::size_t answers = 0;
    for (const auto& message : incoming.messages) {
        const auto* malformed = std::get_if<Malformed>(&message);
        if (std::holds_alternative<Request>(message) || (malformed != nullptr && malformed->answered))
            ++answers;
    }
    const auto batch = std::make_shared<Batch>(outbox_, answers);
    for (const auto& message : incoming.messages) take(message, batch);
}

void Server::Impl::take(const Message& message, const std::shared_ptr<Batch>& batch) {
    if (const auto* request = std::get_if<Request>(&message)) {
        take(*request, batch);
    } else if (const auto* notification = std::get_if<Notification>(&message)) {
        take(*notification);
    } else if (const auto* response = std::get_if<Response>(&message)) {
        calls_.take_response(*response);
    } else if (const auto& malformed = std::get<Malformed>(message); malformed.answered) {
        const auto error = make_error(malformed.id, malformed.error);
        if (batch)
            batch->add(error);
        else
            outbox_.send(error);
    }
}

void Server::Impl::take(const Notification& notification) {
    if (notification.method != "notifications/cancelled") return;
    const auto* id_value = notification.params.if_contains("requestId");
    const auto id = id_value == nullptr ? std::nullopt : read_id(*id_value);
    if (id) calls_.cancel(*id);
}

void Server::Impl::take(const Request& request, const std::shared_ptr<Batch>& batch) {
    const auto call = std::make_shared<ToolCall>(outbox_, request.id, batch);
    auto& reply = call->reply;
    if (calls_.in_flight(request.id))
        return reply.refuse(
            {.code = rpc::invalid_request, .message = "id: a request with this id is in flight"});

    const auto meta = optional_object(request.params, "_meta");
    if (!meta) return reply.refuse(meta.error());
    const auto peer = peer_of(request, *meta);
    if (!peer) return reply.refuse(peer.error());
    const auto method = find_method(*peer->revision, request.method);
    if (!method) return reply.refuse(unknown_method(request.method));
    if (batch && (peer->revision->modern || method == Method::initialize))
        return reply.refuse(
            {.code = rpc::invalid_request, .message = "this request cannot be part of a batch"});

    if (method == Method::tools_call) {
        call->peer = *peer;
        if (auto read = read_call(request, *meta, *call); !read) return reply.refuse(read.error());
        return calls_.start(call);
    }
    auto result = result_of(*method, request, *peer);
    if (!result) return reply.refuse(result.error());
    reply.answer(finished(*std::move(result), info_, *peer->revision));
}

Answer<Peer> Server::Impl::peer_of(const Request& request, const json::object* meta) const {
    if (speaks_modern(meta)) return modern_peer(*meta);
    if (auto peer = session()) return *std::move(peer);
    // Before any handshake, and without modern _meta: the era is not known yet.
    if (request.method == "initialize" || request.method == "ping")
        return Peer{.revision = &newest_handshake(), .client = {}, .answers_forms = false};
    if (!is_known_method(request.method)) return unknown_method(request.method);
    return invalid_params(
        "expected _meta with io.modelcontextprotocol/protocolVersion and clientCapabilities, "
        "or an initialize request first");
}

Answer<json::object> Server::Impl::result_of(Method method, const Request& request, const Peer& peer) {
    const bool list = method == Method::tools_list || method == Method::prompts_list;
    // Every list fits one page, so no cursor was ever given out.
    if (const auto* cursor = request.params.if_contains("cursor");
        list && cursor != nullptr && !cursor->is_null())
        return invalid_params("cursor: expected none, because the list has one page");
    switch (method) {
        case Method::initialize:
            return initialize(request.params);
        case Method::ping:
            return json::object();
        case Method::discover:
            return keepable(discover_result(info_), *peer.revision);
        case Method::tools_list:
            return keepable(tools_result(catalog_, *peer.revision), *peer.revision);
        case Method::prompts_list:
            return keepable(prompts_result(catalog_, *peer.revision), *peer.revision);
        case Method::prompts_get:
            return get_prompt(request.params);
        case Method::tools_call:
            break;
    }
    return unknown_method(request.method);
}

Answer<json::object> Server::Impl::initialize(const json::object& params) {
    const auto version = required_string(params, "protocolVersion");
    if (!version) return version.error();
    const auto capabilities = optional_object(params, "capabilities");
    if (!capabilities) return capabilities.error();
    const auto info = optional_object(params, "clientInfo");
    if (!info) return info.error();

    const auto* revision = find_revision(*version);
    if (revision == nullptr || revision->modern) revision = &newest_handshake();
    const bool answers_forms =
        revision->elicitation && *capabilities != nullptr && can_answer_forms(**capabilities);
    {
        const std::lock_guard lock(session_mutex_);
        session_ = Peer{.revision = revision, .client = client_name(*info), .answers_forms = answers_forms};
    }
    return initialize_result(info_, *revision);
}

Answer<json::object> Server::Impl::get_prompt(const json::object& params) const {
    const auto name = required_string(params, "name");
    if (!name) return name.error();
    const auto* prompt = catalog_.find_prompt(*name);
    if (prompt == nullptr) return invalid_params("unknown prompt: " + shorten(printable(*name), 100));
    const auto given = optional_object(params, "arguments");
    if (!given) return given.error();

    std::map<std::string, std::string> arguments;
    if (*given != nullptr) {
        for (const auto& pair : **given) {
            const auto value = required_string(**given, pair.key());
            if (!value) return value.error();
            arguments[std::string(pair.key())] = *value;
        }
    }
    const auto text = render_prompt(*prompt, arguments);
    if (!text) return invalid_params(describe(text.error()));
    return prompt_result(*prompt, *text);
}

Answer<void> Server::Impl::read_call(const Request& request, const json::object* meta, ToolCall& call) const {
    const auto& params = request.params;
    const auto name = required_string(params, "name");
    if (!name) return name.error();
    call.tool = catalog_.find_tool(*name);
    if (call.tool == nullptr) return invalid_params("unknown tool: " + shorten(printable(*name), 100));
    const auto arguments = optional_object(params, "arguments");
    if (!arguments) return arguments.error();
    if (*arguments != nullptr) call.arguments = **arguments;

    call.traceparent = trace_parent(meta);
    const auto* token_value = meta == nullptr ? nullptr : meta->if_contains("progressToken");
    if (token_value != nullptr && !token_value->is_null()) {
        auto token = read_id(*token_value);
        if (!token) return expected("progressToken", "a string or an integer", type_name(*token_value));
        call.progress =
            std::make_unique<Progress>(call.reply, *std::move(token), *call.peer.revision, *options_.clock);
    }
    if (!call.peer.revision->modern) return {};

    const auto* state = params.if_contains("requestState");
    if (state == nullptr || state->is_null()) return {};
    if (!state->is_string()) return expected("requestState", "a string", type_name(*state));
    call.request_state = std::string(state->get_string());
    // Responses of another shape are none, and the question is put again.
    const auto responses = optional_object(params, "inputResponses");
    if (responses && *responses != nullptr) call.input_responses = **responses;
    return {};
}

Server::Server(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
               std::function<void(std::string_view)> send)
    : impl_(std::make_unique<Impl>(std::move(info), std::move(options), catalog, workers, std::move(send))) {}

Server::~Server() = default;

void Server::handle(std::string_view message) {
    if (message.size() > impl_->options().message_bytes_max) return refuse_oversized();
    try {
        impl_->handle(message);
    } catch (const std::exception&) {
        impl_->refuse(rpc::internal_error, "the message could not be handled: a bug in casefile");
    }
}

void Server::refuse_oversized() {
    impl_->refuse(rpc::invalid_request, "a message: expected at most " +
                                            std::to_string(impl_->options().message_bytes_max) +
                                            " bytes, got more");
}

void Server::drain() { impl_->calls().drain(); }

void Server::end(std::chrono::milliseconds grace) { impl_->calls().end(grace); }

}  // namespace casefile::mcp

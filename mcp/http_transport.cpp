#include "mcp/http_transport.h"

#include "base/text.h"
#include "mcp/http_rules.h"
#include "mcp/post_outbox.h"

namespace casefile::mcp {
namespace {

/// For what is answered at once, with headers that depend on the answer.
class HeldAnswer : public Outbox {
  public:
    void send(std::string_view) override {}
    void finish(std::string text, int http_status) override {
        message = std::move(text);
        status = http_status;
    }

    std::string message;
    int status = 500;
};

/// For what has no answer: there is nothing to keep for the client.
class NoAnswer : public Outbox {
  public:
    void send(std::string_view) override {}
    void finish(std::string, int) override {}
};

/// `id`: of the request that is refused, where there is one.
void refuse(net::Exchange& exchange, const std::optional<RequestId>& id, int status, std::string message,
            net::Headers headers = {}) {
    const RpcError error{.code = rpc::invalid_request, .message = std::move(message)};
    exchange.respond({.status = status,
                      .content_type = "application/json",
                      .body = to_text(make_error(id, error)),
                      .headers = std::move(headers)});
}

void refuse(net::Exchange& exchange, const Malformed& malformed) {
    exchange.respond({.status = 400,
                      .content_type = "application/json",
                      .body = to_text(make_error(malformed.id, malformed.error))});
}

/// True when the Accept header, if there is one, lets us answer with this type.
bool accepts(const net::Headers& headers, std::string_view type) {
    if (headers.count("Accept") == 0) return true;
    for (const auto& [name, value] : headers.fields()) {
        if (!equals_ignoring_case(name, "Accept")) continue;
        for (const auto& part : split(value, ',')) {
            const auto media = trim(std::string_view(part).substr(0, part.find(';')));
            const auto slash = type.find('/');
            if (media == "*/*" || equals_ignoring_case(media, type)) return true;
            if (media.size() == slash + 2 && media.ends_with("/*") &&
                equals_ignoring_case(media.substr(0, slash), type.substr(0, slash)))
                return true;
        }
    }
    return false;
}

bool is_json(const net::Headers& headers) {
    const auto* type = headers.find("Content-Type");
    return type != nullptr &&
           equals_ignoring_case(trim(std::string_view(*type).substr(0, type->find(';'))), "application/json");
}

const Request* only_request(const Incoming& incoming) {
    return incoming.batch ? nullptr : std::get_if<Request>(&incoming.messages.front());
}

/// Once the client has waited for long; `answer` begins its stream then.
template <class Answer>
void begin_when_slow(const net::Request& request, net::Exchange& exchange,
                     const std::shared_ptr<Answer>& answer) {
    if (!accepts(request.headers, "text/event-stream")) return;
    exchange.when_slow([waiting = std::weak_ptr(answer)] {
        if (const auto one = waiting.lock()) one->begin_early();
    });
}

/// What is wrong with the version that the headers of a request in a session name. They may leave it out.
std::optional<std::string> version_problem(const net::Headers& headers, const Revision& revision) {
    const auto count = headers.count(version_header);
    const auto* version = headers.find(version_header);
    if (count == 0 || (version != nullptr && trim(*version) == revision.name)) return std::nullopt;
    return std::string(version_header) + ": expected " + std::string(revision.name) +
           ", which this session agreed on, got " +
           (version == nullptr ? std::to_string(count) + " of them" : shorten(printable(*version), 100));
}

/// The id that a refusal of the whole POST has.
std::optional<RequestId> id_of(const Incoming& incoming) {
    if (incoming.batch) return std::nullopt;
    if (const auto* malformed = std::get_if<Malformed>(&incoming.messages.front())) return malformed->id;
    const auto* request = only_request(incoming);
    return request == nullptr ? std::nullopt : std::optional(request->id);
}

}  // namespace

void HttpTransport::handle(net::Request request, std::shared_ptr<net::Exchange> exchange) {
    if (request.method == "POST") return post(request, exchange);
    const bool in_session = request.headers.count(session_header) > 0;
    if (request.method == "GET" && in_session) return get(request, exchange);
    if (request.method == "DELETE" && in_session) return end_session(request, exchange);
    refuse(
        *exchange, {}, 405,
        "method: expected POST; GET and DELETE only with Mcp-Session-Id, in a session of an older revision",
        {{"Allow", in_session ? "POST, GET, DELETE" : "POST"}});
}

std::size_t HttpTransport::sessions() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
}

void HttpTransport::post(const net::Request& request, const ExchangePtr& exchange) {
    if (!is_json(request.headers))
        return refuse(*exchange, {}, 415, "Content-Type: expected application/json");
    if (const auto* coding = request.headers.find("Content-Encoding");
        coding != nullptr && !equals_ignoring_case(trim(*coding), "identity"))
        return refuse(*exchange, {}, 415,
                      "Content-Encoding: expected none, got " + shorten(printable(*coding), 100));
    if (!accepts(request.headers, "application/json") && !accepts(request.headers, "text/event-stream"))
        return refuse(*exchange, {}, 406, "Accept: expected application/json and text/event-stream");
    if (request.body.size() > server_.options().message_bytes_max) {
        PostOutbox outbox(exchange);
        return server_.refuse_oversized(outbox);
    }
    auto incoming = parse_message(request.body);
    if (!has_scopes(scopes_to_ask(incoming), request, id_of(incoming), exchange)) return;
    if (is_modern_post(request.headers, incoming)) return post_modern(request, incoming, exchange);
    const auto* only = only_request(incoming);
    if (only != nullptr && only->method == "initialize") return begin_session(request, incoming, exchange);
    post_in_session(request, std::move(incoming), exchange);
}

bool HttpTransport::has_scopes(std::set<std::string> needed, const net::Request& request,
                               const std::optional<RequestId>& id, const ExchangePtr& exchange) const {
    needed.insert("read");
    needed.erase("");
    const auto& given = request.identity.scopes;
    if (std::includes(given.begin(), given.end(), needed.begin(), needed.end())) return true;
    const auto words = join({needed.begin(), needed.end()}, " ");
    auto challenge = "Bearer error=\"insufficient_scope\", scope=\"" + words + "\"";
    if (!resource_metadata_url_.empty())
        challenge += ", resource_metadata=\"" + resource_metadata_url_ + "\"";
    refuse(*exchange, id, 403, "the token lacks a scope: expected " + words + "; get a token that has them",
           {{"WWW-Authenticate", std::move(challenge)}});
    return false;
}

bool HttpTransport::may_answer(const net::Request& request) const {
    const auto& scope = server_.options().answer_scope;
    return scope.empty() || request.identity.scopes.contains(scope);
}

std::set<std::string> HttpTransport::scopes_to_ask(const Incoming& incoming) const {
    std::set<std::string> needed;
    for (const auto& message : incoming.messages) {
        const auto* request = std::get_if<Request>(&message);
        if (request == nullptr) continue;
        if (request->params.contains("inputResponses")) needed.insert(server_.options().answer_scope);
        if (request->method != "tools/call") continue;
        const auto* tool = server_.catalog().find_tool(string_or(request->params, "name"));
        if (tool != nullptr && !tool->info().scope.empty()) needed.insert(tool->info().scope);
    }
    return needed;
}

std::set<std::string> HttpTransport::scopes_to_answer(const HttpSession& session, Incoming& incoming) const {
    std::set<std::string> needed;
    // One that is passed on unchecked could meet a question that is asked a moment later.
    std::erase_if(incoming.messages, [&](const Message& message) {
        const auto* response = std::get_if<Response>(&message);
        if (response == nullptr) return false;
        const auto scope = server_.scope_to_answer(*session.client(), *response);
        if (scope) needed.insert({*scope, server_.options().answer_scope});
        return !scope;
    });
    return needed;
}

void HttpTransport::post_modern(const net::Request& request, const Incoming& incoming,
                                const ExchangePtr& exchange) {
    if (incoming.batch)
        return refuse(*exchange, {}, 400,
                      "a batch: expected one message; only revision 2025-03-26 has batches");
    const auto& message = incoming.messages.front();
    if (const auto* malformed = std::get_if<Malformed>(&message)) return refuse(*exchange, *malformed);
    if (std::holds_alternative<Response>(message))
        return refuse(*exchange, {}, 400, "a response: expected a request or a notification");
    if (const auto* version = request.headers.find(version_header);
        !std::holds_alternative<Request>(message) && version != nullptr && !find_revision(trim(*version)))
        return refuse(*exchange, {}, 400,
                      std::string(version_header) + ": expected a revision that this server speaks, got " +
                          shorten(printable(*version), 100));
    if (std::holds_alternative<Notification>(message))
        return exchange->respond({.status = 202, .content_type = {}, .body = {}});
    const auto outbox = std::make_shared<PostOutbox>(exchange);
    if (const auto* only = std::get_if<Request>(&message))
        if (const auto problem = header_problem(request.headers, *only, server_.catalog()))
            return outbox->finish(to_text(make_error(only->id, *problem)), problem->http_status);
    const auto client = std::make_shared<Client>(request.identity.principal, nullptr, true);
    if (!may_answer(request)) client->ask_nothing();
    // The client closes the stream to cancel.
    exchange->when_gone([this, client] { server_.disconnect(client); });
    begin_when_slow(request, *exchange, outbox);
    server_.handle(client, incoming, outbox);
}

void HttpTransport::begin_session(const net::Request& request, const Incoming& incoming,
                                  const ExchangePtr& exchange) {
    if (const auto count = request.headers.count(version_header); count > 1)
        return refuse(*exchange, id_of(incoming), 400,
                      std::string(version_header) + ": expected at most one, got " + std::to_string(count));
    const auto session = std::make_shared<HttpSession>(request.identity.principal, *server_.options().clock);
    if (!may_answer(request)) session->client()->ask_nothing();
    // What is answered at once, as initialize is, has been when this returns. Refused, it began no session,
    // and none has to make room for it.
    const auto answer = std::make_shared<HeldAnswer>();
    server_.handle(session->client(), incoming, answer);
    net::Headers headers;
    if (session->client()->session()) {
        if (auto refusal = keep(session)) {
            server_.disconnect(session->client());
            return refuse(*exchange, id_of(incoming), 503, *std::move(refusal));
        }
        headers = {{session_header, session->id()}};
    }
    exchange->respond({.status = answer->status,
                       .content_type = "application/json",
                       .body = std::move(answer->message),
                       .headers = std::move(headers)});
}

void HttpTransport::post_in_session(const net::Request& request, Incoming incoming,
                                    const ExchangePtr& exchange) {
    const auto* only = std::get_if<Malformed>(&incoming.messages.front());
    if (!incoming.batch && only != nullptr) return refuse(*exchange, *only);
    const auto session = find_session(request, id_of(incoming), exchange);
    if (!session || !has_scopes(scopes_to_answer(*session, incoming), request, {}, exchange)) return;
    // A batch that the revision does not know is refused, whatever is in it.
    const bool answered = incoming.batch && !session->client()->session()->revision->batches;
    if (expected_answers(incoming) == 0 && !answered) {
        if (!incoming.messages.empty())
            server_.handle(session->client(), incoming, std::make_shared<NoAnswer>());
        return exchange->respond({.status = 202, .content_type = {}, .body = {}});
    }
    const auto stream = session->open_stream();
    stream->attach(exchange, {});
    begin_when_slow(request, *exchange, stream);
    server_.handle(session->client(), incoming, stream);
}

void HttpTransport::get(const net::Request& request, const ExchangePtr& exchange) {
    if (!accepts(request.headers, "text/event-stream"))
        return refuse(*exchange, {}, 406, "Accept: expected text/event-stream");
    const auto session = find_session(request, {}, exchange);
    if (!session) return;
    const auto* last_event = request.headers.find("Last-Event-ID");
    if (last_event == nullptr) return session->listen(exchange);
    if (!session->resume(trim(*last_event), exchange))
        // 404 would tell the client that its session is gone.
        refuse(*exchange, {}, 400,
               "Last-Event-ID: expected the id of an event that this session keeps, got " +
                   shorten(printable(*last_event), 100) + "; open a new stream without Last-Event-ID");
}

void HttpTransport::end_session(const net::Request& request, const ExchangePtr& exchange) {
    const auto session = find_session(request, {}, exchange);
    if (!session) return;
    forget(session);
    exchange->respond({.status = 204, .content_type = {}, .body = {}});
}

HttpTransport::SessionPtr HttpTransport::find_session(const net::Request& request,
                                                      const std::optional<RequestId>& id,
                                                      const ExchangePtr& exchange) {
    const auto* named = request.headers.find(session_header);
    if (named == nullptr) {
        refuse(*exchange, id, 400,
               "expected _meta with io.modelcontextprotocol/protocolVersion and clientCapabilities, or the "
               "Mcp-Session-Id "
               "that initialize gave");
        return nullptr;
    }
    SessionPtr session;
    {
        const std::lock_guard lock(mutex_);
        const auto found = sessions_.find(std::string(trim(*named)));
        if (found != sessions_.end()) session = found->second;
    }
    const auto now = server_.options().clock->now();
    if (session && now - session->last_used() > session_idle && is_idle(*session)) {
        forget(session);
        session = nullptr;
    }
    if (!session || session->client()->principal() != request.identity.principal) {
        refuse(*exchange, id, 404, "Mcp-Session-Id: no such session; begin a new one with initialize");
        return nullptr;
    }
    if (auto problem = version_problem(request.headers, *session->client()->session()->revision)) {
        refuse(*exchange, id, 400, *std::move(problem));
        return nullptr;
    }
    session->touch();
    return session;
}

bool HttpTransport::is_idle(const HttpSession& session) const {
    // A call that has ended may still be on its way out.
    return !session.is_listening() && !server_.has_calls(*session.client()) && !session.is_answering();
}

std::optional<std::string> HttpTransport::keep(const SessionPtr& session) {
    const auto now = server_.options().clock->now();
    session->touch();
    const auto& principal = session->client()->principal();
    std::vector<SessionPtr> ending;
    std::size_t own = 0;
    bool kept = false;
    {
        const std::lock_guard lock(mutex_);
        SessionPtr least_used;  // of the principal's own, and idle
        for (auto one = sessions_.begin(); one != sessions_.end();) {
            const auto& other = one->second;
            const bool is_own = other->client()->principal() == principal;
            const bool is_old = now - other->last_used() > session_idle;
            const bool idle = (is_own || is_old) && is_idle(*other);
            if (idle && is_old) {
                ending.push_back(other);
                one = sessions_.erase(one);
                continue;
            }
            if (is_own) ++own;
            if (idle && is_own && (!least_used || other->last_used() < least_used->last_used()))
                least_used = other;
            ++one;
        }
        const bool full = own >= principal_sessions_max || sessions_.size() >= sessions_max;
        if (full && least_used) {
            sessions_.erase(least_used->id());
            ending.push_back(least_used);
        }
        kept = !full || least_used;
        if (kept) sessions_.emplace(session->id(), session);
    }
    for (const auto& one : ending) forget(one);
    if (kept) return std::nullopt;
    if (own >= principal_sessions_max)
        return "too many sessions: expected at most " + std::to_string(principal_sessions_max) +
               " of one principal, and each of yours has an open stream or a call in flight; end one with "
               "DELETE";
    return "too many sessions: expected at most " + std::to_string(sessions_max) +
           " of all principals; one ends with its DELETE, or idle for " +
           std::to_string(session_idle.count()) + " hours";
}

void HttpTransport::forget(const SessionPtr& session) {
    {
        const std::lock_guard lock(mutex_);
        sessions_.erase(session->id());
    }
    server_.disconnect(session->client());
    session->end();
}

}  // namespace casefile::mcp

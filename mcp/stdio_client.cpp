#include "mcp/stdio_client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <system_error>

#include "mcp/question.h"

namespace casefile::mcp {
namespace {

using Steady = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

/// A tool that asks and asks is stopped here.
constexpr int rounds_max = 10;

Error failed_call(const char* what) {
    return unavailable(std::string(what) + ": " + std::generic_category().message(errno));
}

struct Pipe {
    Descriptor from, to;
};

std::optional<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
    return Pipe{.from = Descriptor(ends[0]), .to = Descriptor(ends[1])};
}

const json::object* object_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

Error to_error(const RpcError& error) {
    const auto message = error.message + " (" + std::to_string(error.code) + ")";
    switch (error.code) {
        case rpc::invalid_params:
        case rpc::invalid_request:
            return invalid(message);
        case rpc::method_not_found:
            return not_found(message);
        default:
            return internal(message);
    }
}

/// The environment of the child: what was asked for, then ours without the same names.
std::vector<std::string> child_environment(const std::map<std::string, std::string>& extra) {
    std::vector<std::string> out;
    for (const auto& [name, value] : extra) out.push_back(name + "=" + value);
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text(*entry);
        if (!extra.contains(text.substr(0, text.find('=')))) out.push_back(text);
    }
    return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

std::optional<double> number_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

HumanAnswer ask(const json::object& params, const std::string& key, const CallListener& listener) {
    const auto* form = object_in(params, "requestedSchema");
    if (!listener.ask || form == nullptr) return {};
    return listener.ask({.key = key, .message = string_or(params, "message"), .form = *form});
}

json::object answer_to_json(const HumanAnswer& answer) {
    if (answer.action == AnswerAction::accept) return {{"action", "accept"}, {"content", answer.content}};
    return {{"action", answer.action == AnswerAction::decline ? "decline" : "cancel"}};
}

/// Waits for the child; false when it still runs after `time_max`.
bool wait_for_end(pid_t process, Milliseconds time_max, int& status) {
    // By number: the header of the C library of Debian 12 cannot be used from C++.
    const Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!descriptor) return false;
    pollfd one{.fd = descriptor.get(), .events = POLLIN, .revents = 0};
    const bool ended = ::poll(&one, 1, static_cast<int>(time_max.count())) > 0;
    return ended && ::waitpid(process, &status, 0) == process;
}

}  // namespace

Result<std::unique_ptr<StdioClient>> StdioClient::start(StdioClientOptions options) {
    std::signal(SIGPIPE, SIG_IGN);
    std::unique_ptr<StdioClient> client(new StdioClient(std::move(options)));
    if (auto done = client->spawn(); !done) return done.error();
    return client;
}

Result<std::unique_ptr<StdioClient>> StdioClient::connect(StdioClientOptions options) {
    auto client = start(std::move(options));
    if (!client) return client.error();
    if (auto done = (*client)->agree(); !done) return done.error();
    return client;
}

StdioClient::~StdioClient() { end(); }

Result<void> StdioClient::spawn() {
    if (options_.command.empty()) return invalid("command: expected a program, got nothing");
    auto input = make_pipe(), output = make_pipe();
    if (!input || !output) return failed_call("a pipe to or from the server");

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input->from.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output->to.get(), STDOUT_FILENO);
    if (!options_.errors_file.empty())
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, options_.errors_file.c_str(),
                                         O_WRONLY | O_CREAT | O_APPEND, 0600);
    // We ignore SIGPIPE; the child shall find it as a shell would hand it over.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

    auto command = options_.command;
    auto environment = child_environment(options_.environment);
    const int failure = ::posix_spawnp(&process_, command.front().c_str(), &actions, &attributes,
                                       pointers_to(command).data(), pointers_to(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    to_child_ = std::move(input->to);
    from_child_ = std::move(output->from);
    if (failure != 0) {
        process_ = -1;
        return unavailable(options_.command.front() +
                           ": it could not be started: " + std::generic_category().message(failure));
    }
    reader_ = std::make_unique<LineReader>(from_child_.get(), options_.message_bytes_max);
    writer_ = std::make_unique<LineWriter>(to_child_.get());
    return {};
}

Result<void> StdioClient::agree() {
    using Era = StdioClientOptions::Era;
    if (options_.era == Era::handshake) return initialize();
    auto modern = discover();
    if (modern || options_.era == Era::modern) return modern;
    // Whatever else the probe brought, the server is of the older era: that is how the revision puts it.
    return initialize();
}

Result<void> StdioClient::discover() {
    revision_ = &revisions().front();
    const auto outcome = exchange("server/discover", {}, {}, options_.probe_time_max);
    if (const auto* error = std::get_if<Error>(&outcome)) return *error;
    if (const auto* error = std::get_if<RpcError>(&outcome)) return to_error(*error);
    const auto& result = std::get<json::object>(outcome);
    const auto* supported = result.if_contains("supportedVersions");
    bool shared = false;
    if (supported != nullptr && supported->is_array())
        for (const auto& version : supported->get_array())
            shared = shared || (version.is_string() && version.get_string() == revision_->name);
    if (!shared) return invalid("the server does not serve revision " + std::string(revision_->name));
    if (const auto* about = object_in(result, "_meta"))
        if (const auto* info = object_in(*about, meta_key::server)) server_info_ = *info;
    instructions_ = string_or(result, "instructions");
    return {};
}

Result<void> StdioClient::initialize() {
    revision_ = find_revision(options_.handshake_revision);
    if (revision_ == nullptr || revision_->modern)
        return invalid("handshake_revision: expected one that begins with initialize, got " +
                       options_.handshake_revision);
    json::object capabilities;
    if (options_.answers_questions) capabilities["elicitation"] = json::object();
    const auto result = request(
        "initialize", {{"protocolVersion", revision_->name},
                       {"capabilities", std::move(capabilities)},
                       {"clientInfo", json::object{{"name", options_.name}, {"version", options_.version}}}});
    if (!result) return result.error();
    const auto agreed = string_or(*result, "protocolVersion");
    revision_ = find_revision(agreed);
    if (revision_ == nullptr)
        return invalid("the server speaks a revision that this client does not know: " + agreed);
    if (const auto* info = object_in(*result, "serverInfo")) server_info_ = *info;
    instructions_ = string_or(*result, "instructions");
    send_line(json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}));
    return {};
}

json::object StdioClient::with_meta(json::object params) const {
    if (!revision_->modern) return params;
    json::object capabilities;
    if (options_.answers_questions) capabilities["elicitation"] = json::object{{"form", json::object()}};
    json::object about;
    if (const auto* given = object_in(params, "_meta")) about = *given;
    about[meta_key::version] = revision_->name;
    about[meta_key::capabilities] = std::move(capabilities);
    about[meta_key::client] = json::object{{"name", options_.name}, {"version", options_.version}};
    params["_meta"] = std::move(about);
    return params;
}

std::variant<json::object, RpcError, Error> StdioClient::exchange(std::string_view method,
                                                                  json::object params,
                                                                  const CallListener& listener,
                                                                  Milliseconds time_max) {
    const RequestId id = ++requests_;
    if (listener.progress) {
        json::object about;
        if (const auto* given = object_in(params, "_meta")) about = *given;
        about["progressToken"] = to_json(id);
        params["_meta"] = std::move(about);
    }
    if (!send_line(json::serialize(make_request(id, method, with_meta(std::move(params))))))
        return unavailable("the server has ended");

    auto deadline = Steady::now() + time_max;
    std::string_view line;
    while (true) {
        const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Steady::now());
        const auto outcome = reader_->next(line, std::max(0, static_cast<int>(left.count())));
        if (outcome == LineReader::Outcome::timed_out) {
            send_line(
                json::serialize(make_notification("notifications/cancelled", {{"requestId", to_json(id)}})));
            return Error{
                ErrorKind::timed_out, std::string(method) + ": no answer from the server in time", {}};
        }
        if (outcome == LineReader::Outcome::end) return unavailable("the server has ended");
        if (outcome == LineReader::Outcome::oversized)
            return invalid("the server sent a message above the limit");
        const auto incoming = parse_message(line);
        for (const auto& message : incoming.messages) {
            if (const auto* response = std::get_if<Response>(&message);
                response != nullptr && response->id == id) {
                if (const auto* error = std::get_if<RpcError>(&response->outcome)) return *error;
                return std::get<json::object>(response->outcome);
            }
            if (const auto* notification = std::get_if<Notification>(&message))
                take_notification(*notification, id, listener);
            if (const auto* question = std::get_if<Request>(&message)) take_request(*question, listener);
        }
        // Whatever the server says shows that it is at work.
        deadline = Steady::now() + time_max;
    }
}

void StdioClient::take_notification(const Notification& notification, const RequestId& token,
                                    const CallListener& listener) const {
    if (notification.method != "notifications/progress" || !listener.progress) return;
    const auto* given = notification.params.if_contains("progressToken");
    if (given == nullptr || read_id(*given) != token) return;
    listener.progress(number_in(notification.params, "progress").value_or(0),
                      number_in(notification.params, "total"), string_or(notification.params, "message"));
}

void StdioClient::take_request(const Request& request, const CallListener& listener) {
    if (request.method == "elicitation/create" && !revision_->modern)
        send_line(
            json::serialize(make_result(request.id, answer_to_json(ask(request.params, {}, listener)))));
    else if (request.method == "ping")
        send_line(json::serialize(make_result(request.id, {})));
    else
        send_line(json::serialize(make_error(
            request.id, {.code = rpc::method_not_found, .message = "unknown method: " + request.method})));
}

Result<json::object> StdioClient::answer_questions(const json::object& result,
                                                   const CallListener& listener) const {
    json::object responses;
    if (const auto* questions = object_in(result, "inputRequests")) {
        for (const auto& pair : *questions) {
            const auto* question = pair.value().if_object();
            const auto* params = question == nullptr ? nullptr : object_in(*question, "params");
            if (params == nullptr || string_or(*question, "method") != "elicitation/create")
                return invalid("the server asked for something other than elicitation: " +
                               std::string(pair.key()));
            responses[pair.key()] = answer_to_json(ask(*params, std::string(pair.key()), listener));
        }
    }
    return responses;
}

Result<json::object> StdioClient::request(std::string_view method, json::object params,
                                          const CallListener& listener) {
    for (int round = 0; round < rounds_max; ++round) {
        const auto outcome = exchange(method, params, listener, options_.time_max);
        if (const auto* error = std::get_if<Error>(&outcome)) return *error;
        if (const auto* error = std::get_if<RpcError>(&outcome)) return to_error(*error);
        const auto& result = std::get<json::object>(outcome);
        if (string_or(result, "resultType") != "input_required") return result;

        auto responses = answer_questions(result, listener);
        if (!responses) return responses.error();
        params["inputResponses"] = *std::move(responses);
        params.erase("requestState");
        if (const auto* state = result.if_contains("requestState")) params["requestState"] = *state;
    }
    return invalid(std::string(method) + ": the server asked more than " + std::to_string(rounds_max) +
                   " times");
}

Result<json::array> StdioClient::list_tools() {
    const auto result = request("tools/list", {});
    if (!result) return result.error();
    const auto* tools = result->if_contains("tools");
    if (tools == nullptr || !tools->is_array()) return invalid("tools/list: expected an array of tools");
    return tools->get_array();
}

Result<ToolResult> StdioClient::call_tool(const std::string& name, const json::object& arguments,
                                          const CallListener& listener) {
    const auto result = request("tools/call", {{"name", name}, {"arguments", arguments}}, listener);
    if (!result) return result.error();
    ToolResult out;
    if (const auto* structured = object_in(*result, "structuredContent")) out.structured = *structured;
    const auto* failed = result->if_contains("isError");
    out.is_error = failed != nullptr && failed->is_bool() && failed->get_bool();
    const auto* content = result->if_contains("content");
    if (content != nullptr && content->is_array())
        for (const auto& item : content->get_array())
            if (const auto* object = item.if_object()) out.text += string_or(*object, "text");
    return out;
}

std::optional<std::string> StdioClient::read_line(Milliseconds time_max) {
    std::string_view line;
    if (!reader_) return std::nullopt;
    if (reader_->next(line, static_cast<int>(time_max.count())) != LineReader::Outcome::line)
        return std::nullopt;
    return std::string(line);
}

int StdioClient::end(Milliseconds time_max) {
    writer_.reset();
    reader_.reset();
    to_child_ = {};
    from_child_ = {};
    if (process_ < 0) return -1;
    int status = 0;
    bool ended = wait_for_end(process_, time_max, status);
    const bool by_itself = ended;
    for (const int signal : {SIGTERM, SIGKILL}) {
        if (ended) break;
        ::kill(process_, signal);
        ended = wait_for_end(process_, std::chrono::seconds(2), status);
    }
    process_ = -1;
    return by_itself && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace casefile::mcp

#include "mcp/methods.h"

#include "base/text.h"
#include "mcp/completion_request.h"
#include "mcp/cursor.h"
#include "mcp/peer.h"
#include "mcp/refusals.h"
#include "mcp/shapes.h"

namespace casefile::mcp {
namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t completions_max = 100;
constexpr std::size_t name_bytes_max = 2'048;  ///< of a URI or task that a client wants to hear of

Reader reader_of(const CallContext& context) {
    return {.principal = context.principal, .stop = context.stop};
}

/// Where the page begins: after this item of the list, or at the beginning when empty.
Answer<std::string> page_start(const json::object& params, std::string_view list,
                               const ServerOptions& options) {
    const auto* cursor = params.if_contains("cursor");
    if (cursor == nullptr || cursor->is_null()) return std::string();
    if (!cursor->is_string()) return expected("cursor", "a string", type_name(*cursor));
    auto after = open_cursor(options.state_key.get(), list, cursor->get_string());
    if (!after) return invalid_params(describe(after.error()));
    return *std::move(after);
}

/// The page of `items` that begins after the one named `after`, as {key: [...], nextCursor?}.
template <class Items, class NameOf, class EntryOf>
Answer<json::object> page_of(const Items& items, const std::string& after, const char* key,
                             const ServerOptions& options, NameOf name_of, EntryOf entry_of) {
    auto begin = items.begin();
    if (!after.empty()) {
        begin = std::find_if(items.begin(), items.end(),
                             [&](const auto& item) { return name_of(item) == after; });
        if (begin == items.end())
            return invalid_params("cursor: the list has changed; begin at the first page");
        ++begin;
    }
    json::array entries;
    std::string last;
    while (begin != items.end() && entries.size() < page_size) {
        last = name_of(*begin);
        entries.push_back(entry_of(*begin++));
    }
    json::object out{{key, std::move(entries)}};
    if (begin != items.end()) out["nextCursor"] = make_cursor(options.state_key.get(), key, last);
    return out;
}

/// Results of tools in the client's revision. A client that knows no tasks waits for long work.
Outcome shaped(ToolOutcome outcome, const Peer& peer, CallContext& context, const std::string& subject) {
    if (auto* work = std::get_if<LongWork>(&outcome)) {
        if (peer.knows_tasks || work->only_as_task) return std::move(*work);
        outcome = work->run(context);
    }
    if (auto* result = std::get_if<ToolResult>(&outcome))
        return call_result(std::move(*result), *peer.revision);
    if (auto* needs = std::get_if<NeedsInput>(&outcome)) {
        if (needs->only_at_terminal && needs->when_nobody_can_ask)
            return call_result(*std::move(needs->when_nobody_can_ask), *peer.revision);
        Asking asking{.questions = std::move(needs->questions),
                      .state = std::move(needs->state),
                      .when_nobody_can_ask = {},
                      .answers_stand_alone = needs->answers_stand_alone};
        if (needs->when_nobody_can_ask)
            asking.when_nobody_can_ask = call_result(*std::move(needs->when_nobody_can_ask), *peer.revision);
        return asking;
    }
    const auto* error = std::get_if<Error>(&outcome);
    return failed_inside(subject, error == nullptr ? "long work within long work" : describe(*error));
}

/// What stands in the way is the request, or this server.
RpcError not_given(const Error& error) {
    const bool fault = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::internal;
    return {.code = fault ? rpc::internal_error : rpc::invalid_params, .message = describe(error)};
}

RpcError no_resource(const std::string& uri, const Revision& revision) {
    return {.code = revision.modern ? rpc::invalid_params : rpc::resource_not_found,
            .message = "uri: no such resource: " + shown(uri) +
                       "; resources/list and resources/templates/list tell what there is",
            .data = json::object{{"uri", shorten(uri, name_bytes_max)}}};
}

}  // namespace

bool Methods::offers(Method method) const {
    switch (method) {
        case Method::resources_list:
        case Method::resource_templates_list:
        case Method::resources_read:
        case Method::resources_subscribe:
        case Method::resources_unsubscribe:
            return catalog.resources() != nullptr;
        case Method::complete:
            return catalog.completer() != nullptr;
        case Method::set_log_level:
            return info.logging;
        case Method::tasks_get:
        case Method::tasks_update:
        case Method::tasks_cancel:
            return !options.tasks_folder.empty();
        default:
            return true;
    }
}

Answer<Methods::Doing> Methods::begin(Method method, const json::object& params, const Peer& peer,
                                      const std::shared_ptr<Client>& client) const {
    const auto doing = [](auto answer) -> Answer<Doing> {
        if (!answer) return answer.error();
        return Doing(*std::move(answer));
    };
    switch (method) {
        case Method::initialize:
            return doing(initialize(params, client));
        case Method::discover:
            return Doing(keepable(discover_result(info, catalog, options), *peer.revision));
        case Method::tools_list:
        case Method::prompts_list:
        case Method::resource_templates_list:
            return doing(list(method, params, *peer.revision));
        case Method::tools_call:
            return doing(call_tool(params, peer));
        case Method::prompts_get:
            return doing(get_prompt(params));
        case Method::resources_list:
            return doing(list_resources(params, *peer.revision));
        case Method::resources_read:
            return doing(read_resource(params, *peer.revision));
        case Method::complete:
            return doing(complete(params));
        case Method::resources_subscribe:
        case Method::resources_unsubscribe:
            return doing(watch_resource(method, params, *peer.revision, *client));
        case Method::set_log_level:
            return doing(set_log_level(params, *client));
        case Method::tasks_get:
        case Method::tasks_update:
        case Method::tasks_cancel:
            return doing(tell_task(method, params, peer, *client));
        case Method::ping:
        case Method::listen:
            break;
    }
    return Doing(json::object());
}

Answer<json::object> Methods::initialize(const json::object& params,
                                         const std::shared_ptr<Client>& client) const {
    auto peer = introduced_peer(params);
    if (!peer) return peer.error();
    const auto& revision = *peer->revision;
    client->begin_session(*std::move(peer));
    subscriptions.add(client);
    return initialize_result(info, catalog, revision);
}

Answer<json::object> Methods::list(Method method, const json::object& params,
                                   const Revision& revision) const {
    const char* key = method == Method::tools_list     ? "tools"
                      : method == Method::prompts_list ? "prompts"
                                                       : "resourceTemplates";
    const auto after = page_start(params, key, options);
    if (!after) return after.error();
    auto page = [&]() -> Answer<json::object> {
        if (method == Method::tools_list)
            return page_of(
                catalog.tools(), *after, key, options, [](const auto& tool) { return tool->info().name; },
                [&](const auto& tool) { return tool_entry(tool->info(), revision); });
        if (method == Method::prompts_list)
            return page_of(
                catalog.prompts(), *after, key, options, [](const auto& prompt) { return prompt.name; },
                [&](const auto& prompt) { return prompt_entry(prompt, revision); });
        const auto templates = catalog.resources()->templates();
        return page_of(
            templates, *after, key, options, [](const auto& one) { return one.uri_template; },
            [&](const auto& one) { return template_entry(one, revision); });
    }();
    if (!page) return page.error();
    return keepable(*std::move(page), revision);
}

Answer<Work> Methods::list_resources(const json::object& params, const Revision& revision) const {
    auto after = page_start(params, "resources", options);
    if (!after) return after.error();
    return Work{"resources/list", {}, [this, &revision, after = *after](CallContext& context) -> Outcome {
                    // One more than a page, to know whether another follows.
                    auto found = catalog.resources()->list(reader_of(context), after, page_size + 1);
                    if (!found) return failed_inside("resources/list", describe(found.error()));
                    const bool more = found->size() > page_size;
                    if (more) found->pop_back();
                    json::array entries;
                    for (const auto& resource : *found) entries.push_back(resource_entry(resource, revision));
                    json::object out{{"resources", std::move(entries)}};
                    if (more)
                        out["nextCursor"] =
                            make_cursor(options.state_key.get(), "resources", found->back().uri);
                    return changing(std::move(out), revision);
                }};
}

Answer<Work> Methods::read_resource(const json::object& params, const Revision& revision) const {
    auto uri = required_string(params, "uri");
    if (!uri) return uri.error();
    return Work{"resources/read", {}, [this, &revision, uri = *uri](CallContext& context) -> Outcome {
                    auto contents = catalog.resources()->read(reader_of(context), uri);
                    if (contents) return changing(contents_result(*contents), revision);
                    if (contents.error().kind == ErrorKind::not_found) return no_resource(uri, revision);
                    return not_given(contents.error());
                }};
}

Answer<Work> Methods::get_prompt(const json::object& params) const {
    const auto name = required_string(params, "name");
    if (!name) return name.error();
    const auto* prompt = catalog.find_prompt(*name);
    if (prompt == nullptr) return invalid_params("name: unknown prompt: " + shown(*name));
    auto arguments = optional_strings(params, "arguments");
    if (!arguments) return arguments.error();
    if (const auto good = check_arguments(*prompt, *arguments); !good)
        return invalid_params(describe(good.error()));
    json::object given;
    for (const auto& [argument, value] : *arguments) given[argument] = value;
    return Work{
        "prompts/get " + prompt->name, std::make_shared<const json::object>(std::move(given)),
        [prompt, &facts = catalog.prompt_facts(),
         arguments = *std::move(arguments)](CallContext& context) -> Outcome {
            if (!prompt->make) {
                auto values = facts ? facts(arguments, context.principal) : Result<PromptArguments>();
                if (!values) return not_given(values.error());
                values->insert(arguments.begin(), arguments.end());
                return prompt_result(*prompt, render_prompt(*prompt, *values));
            }
            auto made = prompt->make(arguments, context);
            if (auto* messages = std::get_if<json::array>(&made))
                return json::object{{"description", prompt->description}, {"messages", std::move(*messages)}};
            if (auto* needs = std::get_if<NeedsInput>(&made))
                return Asking{.questions = std::move(needs->questions),
                              .state = std::move(needs->state),
                              .when_nobody_can_ask = {},
                              .answers_stand_alone = needs->answers_stand_alone};
            return invalid_params(describe(std::get<Error>(made)));
        }};
}

Answer<Work> Methods::call_tool(const json::object& params, const Peer& peer) const {
    const auto name = required_string(params, "name");
    if (!name) return name.error();
    const auto* tool = catalog.find_tool(*name);
    if (tool == nullptr)
        return invalid_params("name: unknown tool: " + shown(*name) + "; tools/list tells what there is");
    const auto arguments = optional_object(params, "arguments");
    if (!arguments) return arguments.error();
    // Kept once: a call may bring megabytes, and work is copied on its way to a thread.
    const auto given =
        std::make_shared<const json::object>(*arguments == nullptr ? json::object() : **arguments);
    auto subject = "tools/call " + tool->info().name;
    auto run = [tool, given, peer, subject](CallContext& context) -> Outcome {
        return shaped(tool->call(*given, context), peer, context, subject);
    };
    return Work{std::move(subject), given, std::move(run), tool->info().scope, true};
}

Answer<Work> Methods::complete(const json::object& params) const {
    auto asked = read_completion(params, catalog);
    if (!asked) return asked.error();
    return Work{
        "completion/complete", {}, [this, request = *std::move(asked)](CallContext& context) -> Outcome {
            auto values = catalog.completer()(request, reader_of(context));
            const auto total = values.size();
            if (total > completions_max) values.resize(completions_max);
            json::array shown_values(values.begin(), values.end());
            return json::object{{"completion", json::object{{"values", std::move(shown_values)},
                                                            {"total", total},
                                                            {"hasMore", total > completions_max}}}};
        }};
}

Answer<json::object> Methods::tell_task(Method method, const json::object& params, const Peer& peer,
                                        const Client& client) const {
    if (!peer.knows_tasks) return lacking_tasks();
    const auto id = required_string(params, "taskId");
    if (!id) return id.error();
    auto told = [&]() -> Tasks::Answer {
        if (method == Method::tasks_get) return tasks.get(client.principal(), *id);
        if (method == Method::tasks_cancel) return tasks.cancel(client.principal(), *id);
        const auto responses = required_object(params, "inputResponses");
        if (!responses) return responses.error();
        return tasks.update(client.principal(), *id, **responses);
    }();
    if (auto* error = std::get_if<RpcError>(&told)) return std::move(*error);
    return std::get<json::object>(std::move(told));
}

Answer<json::object> Methods::watch_resource(Method method, const json::object& params,
                                             const Revision& revision, Client& client) const {
    const auto uri = required_string(params, "uri");
    if (!uri) return uri.error();
    if (method == Method::resources_unsubscribe) {
        client.unsubscribe(*uri);
        return json::object();
    }
    if (uri->size() > name_bytes_max)
        return expected("uri", "at most " + std::to_string(name_bytes_max) + " bytes",
                        std::to_string(uri->size()));
    const Reader reader{.principal = client.principal(), .stop = {}};
    if (const auto told = catalog.resources()->watch(reader, *uri); !told)
        return told.error().kind == ErrorKind::not_found ? no_resource(*uri, revision)
                                                         : not_given(told.error());
    if (!client.subscribe(*uri))
        return RpcError{.code = rpc::internal_error,
                        .message = "too many subscriptions: expected at most " +
                                   std::to_string(Client::subscriptions_max) +
                                   " of one client; end one with resources/unsubscribe, then try again"};
    return json::object();
}

Answer<json::object> Methods::set_log_level(const json::object& params, Client& client) const {
    const auto level = required_string(params, "level");
    if (!level) return level.error();
    const auto severity = log_severity(*level);
    if (!severity) return expected("level", log_levels, shown(*level));
    client.set_log_severity(*severity);
    return json::object();
}

Answer<ChangeFilter> Methods::change_filter(const json::object& params, const Peer& peer,
                                            const Client& client) const {
    const auto wanted = required_object(params, "notifications");
    if (!wanted) return wanted.error();
    const auto names = [&](const char* name) -> Answer<std::set<std::string>> {
        constexpr std::size_t names_max = 1'000;
        std::set<std::string> out;
        const auto* value = (*wanted)->if_contains(name);
        if (value == nullptr || value->is_null()) return out;
        if (!value->is_array()) return expected(name, "an array of strings", type_name(*value));
        const auto& items = value->get_array();
        if (items.size() > names_max)
            return expected(name, "at most 1000 strings", std::to_string(items.size()));
        for (const auto& item : items) {
            if (!item.is_string()) return expected(name, "strings", type_name(item));
            if (item.get_string().size() > name_bytes_max)
                return expected(name, "strings of at most " + std::to_string(name_bytes_max) + " bytes",
                                std::to_string(item.get_string().size()));
            out.emplace(item.get_string());
        }
        return out;
    };
    ChangeFilter filter;
    for (const auto& [name, into, offered] :
         {std::tuple("toolsListChanged", &filter.tools, info.lists_change),
          std::tuple("promptsListChanged", &filter.prompts, info.lists_change),
          std::tuple("resourcesListChanged", &filter.resources, catalog.resources() != nullptr)}) {
        const auto* value = (*wanted)->if_contains(name);
        if (value == nullptr || value->is_null()) continue;
        if (!value->is_bool()) return expected(name, "a boolean", type_name(*value));
        *into = value->get_bool() && offered;
    }
    auto uris = names("resourceSubscriptions");
    if (!uris) return uris.error();
    const Reader reader{.principal = client.principal(), .stop = {}};
    for (const auto& uri : *uris)
        if (catalog.resources() != nullptr && catalog.resources()->watch(reader, uri))
            filter.uris.insert(uri);
    auto ids = names("taskIds");
    if (!ids) return ids.error();
    if (!ids->empty() && !peer.knows_tasks) return lacking_tasks();
    for (const auto& id : *ids)
        if (tasks.exists(client.principal(), id)) filter.tasks.insert(id);
    return filter;
}

}  // namespace casefile::mcp

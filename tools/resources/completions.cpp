#include "tools/resources/completions.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cases/told.h"
#include "tools/resources/filed_names.h"

namespace casefile::tools::resources {
namespace {

using mcp::CompletionRequest;

constexpr std::size_t cases_max = 1'000'000;

/// All of them: what fits is chosen later, and counted.
std::vector<std::string> cases_of(Workbench& bench, const mcp::Reader& reader) {
    std::vector<std::string> ids;
    if (const auto found = bench.cases.list(reader.principal, "", cases_max))
        for (const auto& summary : *found) ids.push_back(summary.id);
    return ids;
}

/// Newest first. A run that is still open has no files yet, and no manifest.
std::vector<std::string> runs_of(const cases::CaseState& state) {
    std::vector<std::string> ids;
    for (const auto& run : state.runs.newest_first())
        if (!run.outcome.empty()) ids.push_back(run.run_id);
    return ids;
}

/// "order 4711", of the ids that the case tells.
std::vector<std::string> entities_of(const cases::CaseState& state) {
    std::vector<std::string> out;
    const auto add = [&](std::string_view kind, const json::value& id) {
        if (id.is_string() || id.is_int64())
            out.push_back(printable(kind) + " " +
                          printable(id.is_string() ? std::string(id.get_string()) : canonical(id)));
    };
    for (const auto& pair : state.fields.entity_ids.value_or(json::object())) {
        if (const auto* ids = pair.value().if_array())
            for (const auto& id : *ids) add(pair.key(), id);
        else
            add(pair.key(), pair.value());
    }
    return out;
}

std::vector<std::string> drafts_of(const cases::CaseState& state) {
    std::set<std::string> kinds;
    for (const auto& draft : state.drafts) kinds.insert(string_or(draft, "kind"));
    return {kinds.begin(), kinds.end()};
}

std::vector<std::string> attachments_of(const cases::CaseState& state) {
    std::vector<std::string> names;
    for (const auto& one : state.attachments) names.push_back(string_or(one, "name"));
    return names;
}

std::vector<std::string> hypotheses_of(const cases::CaseState& state) {
    std::vector<std::string> keys;
    for (const auto& one : cases::hypotheses(state)) keys.push_back(printable(one.key));
    return keys;
}

std::string given(const CompletionRequest& request, const std::string& name) {
    const auto found = request.given.find(name);
    return found == request.given.end() ? "" : found->second;
}

/// What belongs to one case, which the request has to name.
std::vector<std::string> values_of_case(Workbench& bench, const CompletionRequest& request,
                                        const mcp::Reader& reader) {
    const auto state = bench.cases.find(given(request, "case"), reader.principal);
    if (!state) return {};
    const auto env = given(request, "env");
    if (request.argument == "run") return runs_of(*state);
    if (request.argument == "kind") return drafts_of(*state);
    if (request.argument == "name") return attachments_of(*state);
    if (request.argument == "table") return filed_tables(bench, *state, env);
    if (request.argument == "group") return filed_groups(bench, *state, env);
    if (request.argument == "entity") return entities_of(*state);
    if (request.argument == "hypothesis") return hypotheses_of(*state);
    if (request.argument == "file")
        if (const auto run = state->run(given(request, "run"))) return run->files();
    return {};
}

std::vector<std::string> values(Workbench& bench, const CompletionRequest& request,
                                const mcp::Reader& reader) {
    if (request.argument == "case") return cases_of(bench, reader);
    if (request.argument == "env") return bench.sources.environments();
    if (request.argument == "source") return {"mysql", "redis", "kafka"};
    if (request.argument == "severity") return {"P0", "P1", "P2", "P3"};
    if (request.argument == "audience") return {"internal", "customer", "partner"};
    if (request.argument == "percent") return {"1", "5", "10", "25", "50"};
    if (request.argument == "kind" && request.of == CompletionRequest::Of::prompt)
        return {"teammate", "leader", "postmortem", "report"};
    return values_of_case(bench, request, reader);
}

}  // namespace

mcp::Completer completer(Workbench& bench) {
    return [&bench](const CompletionRequest& request, const mcp::Reader& reader) {
        auto all = values(bench, request, reader);
        const auto begun = lower(request.begun);
        std::erase_if(all, [&](const std::string& value) { return !lower(value).starts_with(begun); });
        return all;
    };
}

}  // namespace casefile::tools::resources

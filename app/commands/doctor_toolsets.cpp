#include "app/commands/doctor_toolsets.h"

#include "base/text.h"
#include "tools/toolsets.h"
#include "tools/work/runbooks.h"

namespace casefile::app {
namespace {

using State = Finding::State;

constexpr SourceKind kinds[] = {SourceKind::mysql, SourceKind::redis, SourceKind::kafka};

/// The kind that a tool reads; nothing for those that read none, or any.
std::optional<SourceKind> read_by(const std::string& tool) {
    for (const auto kind : kinds)
        if (tool.ends_with(std::string("_") + name_of(kind))) return kind;
    return tool == "kafka_lag" ? std::optional(SourceKind::kafka) : std::nullopt;
}

std::string variable_of(const std::string& env, SourceKind kind) {
    return upper(name_of(kind)) + "_" + env + (kind == SourceKind::kafka ? "_BROKERS" : "_URL");
}

Finding look_at_source(const std::string& what, const std::string& env, SourceKind kind,
                       const Answered& answered) {
    const auto variable = variable_of(env, kind);
    const auto found = answered.find({env, kind});
    if (found == answered.end()) return {State::missing, what, variable + " is not set"};
    if (!found->second)
        return {State::failing, what, variable + " names a source that does not answer, see above"};
    return {State::ready, what, variable + " answers"};
}

Finding look_at_pages(Installation& installation) {
    const auto& folder = installation.bench().pages_folder;
    if (folder.empty())
        return {State::missing, "export_page", "pages_folder is not set in the configuration file"};
    std::error_code none;
    if (!std::filesystem::is_directory(folder, none))
        return {State::failing, "export_page", folder.string() + " is no folder"};
    return {State::ready, "export_page", folder.string()};
}

Finding look_at_runbooks(Installation& installation) {
    const auto& home = installation.bench().cases.store().home();
    const auto count = tools::work::read_runbooks(home).size();
    if (count == 0)
        return {State::missing, "find_runbook", "no Markdown file is in " + (home / "runbooks").string()};
    return {State::ready, "find_runbook", std::to_string(count) + " runbooks"};
}

}  // namespace

std::vector<Finding> look_at_toolset(Installation& installation, const std::string& toolset,
                                     const Answered& answered) {
    mcp::Catalog catalog;
    tools::add_tools(catalog, installation.bench(), {toolset});
    std::map<SourceKind, std::vector<std::string>> reading;
    std::vector<std::string> others;
    bool pages = false, runbooks = false;
    for (const auto& tool : catalog.tools()) {
        const auto& name = tool->info().name;
        if (const auto kind = read_by(name))
            reading[*kind].push_back(name);
        else if (name == "export_page")
            pages = true;
        else if (name == "find_runbook")
            runbooks = true;
        else
            others.push_back(name);
    }
    std::vector<Finding> findings;
    if (!others.empty())
        findings.push_back({State::ready, join(others, ", "), "need no source of their own"});
    for (const auto& env : installation.directory().environments())
        for (const auto& [kind, names] : reading)
            findings.push_back(look_at_source(join(names, ", ") + " on " + env, env, kind, answered));
    if (pages) findings.push_back(look_at_pages(installation));
    if (runbooks) findings.push_back(look_at_runbooks(installation));
    return findings;
}

}  // namespace casefile::app

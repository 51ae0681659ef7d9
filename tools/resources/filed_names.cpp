#include "tools/resources/filed_names.h"

#include <algorithm>

#include "base/text.h"
#include "evidence/files.h"

namespace casefile::tools::resources {
namespace {

constexpr int runs_max = 10;
constexpr std::uint64_t file_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t names_max = 1'000;

/// Where the names stand: in files of a tool that begin so, as `name` of each object in `list`, or of the one
/// object `single`.
struct Place {
    std::string_view tool, file_begins, list, single, name;
};

json::object parsed_file(Workbench& bench, const std::string& case_id, const std::string& run,
                         const std::string& name) {
    auto opened = bench.cases.store().open_file(case_id, run, name);
    if (!opened) return {};
    const evidence::Descriptor file(*opened);
    const auto text = evidence::read_whole(file.get(), file_bytes_max);
    if (!text) return {};
    auto document = parse_json(*text);
    return document && document->is_object() ? std::move(document->get_object()) : json::object();
}

void add_names(const json::object& document, const Place& place, std::vector<std::string>& names) {
    const auto add = [&](const json::value& one) {
        if (!one.is_object() || names.size() >= names_max) return;
        auto name = string_or(one.get_object(), place.name);
        const bool shown_as_is = !name.empty() && printable(name) == name;
        if (shown_as_is && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    };
    if (const auto* list = member(document, place.list); list != nullptr && list->is_array())
        for (const auto& one : list->get_array()) add(one);
    if (const auto* single = member(document, place.single)) add(*single);
}

std::vector<std::string> filed_names(Workbench& bench, const cases::CaseState& state, const std::string& env,
                                     const Place& place) {
    std::vector<std::string> names;
    int looked = 0;
    for (auto run = state.runs.rbegin(); run != state.runs.rend() && looked < runs_max; ++run) {
        if (run->tool != place.tool || run->outcome != "answered" || (!env.empty() && run->env != env))
            continue;
        ++looked;
        for (const auto& file : run->files)
            if (file.starts_with(place.file_begins))
                add_names(parsed_file(bench, state.id, run->run_id, file), place, names);
    }
    return names;
}

}  // namespace

std::vector<std::string> filed_tables(Workbench& bench, const cases::CaseState& state,
                                      const std::string& env) {
    return filed_names(bench, state, env, {"describe_mysql", "db_schema.", "tables", "table", "name"});
}

std::vector<std::string> filed_groups(Workbench& bench, const cases::CaseState& state,
                                      const std::string& env) {
    return filed_names(bench, state, env, {"kafka_lag", "kafka_offsets.", "groups", "", "group"});
}

}  // namespace casefile::tools::resources

#include "tools/resources/filed_names.h"

#include <algorithm>

#include "base/text.h"
#include "evidence/files.h"
#include "policy/sql_masks.h"
#include "policy/sql_statement.h"

namespace casefile::tools::resources {
namespace {

constexpr int runs_max = 10;
constexpr std::uint64_t file_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t names_max = 1'000;

/// Where the names stand: in files of a tool that begin so, as `name` of each object in `list`, or of the one
/// object `single`; without those whose member `mark` says OK.
struct Place {
    std::string_view tool, file_begins, list, single, name, mark = {};
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80) != 0;
}

json::object parsed_file(Workbench& bench, const std::string& case_id, const std::string& run,
                         const std::string& name) {
    const auto file = bench.cases.store().open_file(case_id, run, name);
    if (!file) return {};
    const auto text = evidence::read_whole(file->get(), file_bytes_max);
    if (!text) return {};
    auto document = parse_json(*text);
    return document && document->is_object() ? std::move(document->get_object()) : json::object();
}

void add_names(const json::object& document, const Place& place, std::vector<std::string>& names) {
    const auto add = [&](const json::value& one) {
        if (!one.is_object() || names.size() >= names_max) return;
        if (!place.mark.empty() && string_or(one.get_object(), place.mark) == "OK") return;
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
    for (const auto& run : state.runs.newest_first()) {
        if (run.tool != place.tool || run.outcome != "answered" || (!env.empty() && run.env != env)) continue;
        if (++looked > runs_max) break;
        for (const auto& file : run.files())
            if (file.starts_with(place.file_begins))
                add_names(parsed_file(bench, state.id, run.run_id, file), place, names);
    }
    return names;
}

bool begins_with_show(std::string_view sql) {
    const auto first = sql.substr(std::min(sql.size(), sql.find_first_not_of(" \t\r\n")));
    return equals_ignoring_case(first.substr(0, 4), "show");
}

void add_words_after_from(std::string_view sql, std::vector<std::string>& names) {
    std::string word, before;
    for (std::size_t i = 0; i <= sql.size(); ++i) {
        const char c = i < sql.size() ? sql[i] : ' ';
        if (is_word(c) || c == '.' || c == '`') {
            if (c != '`') word += c;
            continue;
        }
        if (word.empty()) continue;
        if (before == "from" || before == "join" || before == "update" || before == "describe")
            for (const auto& part : split(word, '.')) names.push_back(part);
        before = lower(word);
        word.clear();
    }
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

std::vector<std::string> filed_topics(Workbench& bench, const cases::CaseState& state) {
    return filed_names(bench, state, "", {"kafka_lag", "kafka_offsets.", "partitions", "", "topic"});
}

std::vector<std::string> names_hit(Workbench& bench, const cases::CaseState& state) {
    std::vector<std::string> names;
    const auto add = [&](const char* kind, const std::string& name) {
        auto text = std::string(kind) + " " + name;
        if (std::ranges::find(names, text) == names.end()) names.push_back(std::move(text));
    };
    for (const auto& name :
         filed_names(bench, state, "", {"kafka_lag", "kafka_offsets.", "groups", "", "group", "verdict"}))
        add("group", name);
    for (const auto& name :
         filed_names(bench, state, "", {"kafka_lag", "kafka_offsets.", "partitions", "", "topic", "state"}))
        add("topic", name);
    int looked = 0;
    for (const auto& run : state.runs.newest_first()) {
        if (run.tool != "diff" || run.outcome != "answered") continue;
        if (++looked > runs_max) break;
        const auto found = parsed_file(bench, state.id, run.run_id, "diff." + run.task + ".json");
        for (const auto* side : {"left", "right"}) {
            const auto* told = member(found, side);
            if (told == nullptr || !told->is_object()) continue;
            if (const auto* rows = member(told->get_object(), "mysql"); rows != nullptr && rows->is_object())
                if (const auto* tables = member(rows->get_object(), "tables"); tables != nullptr)
                    for (const auto& table : tables->is_array() ? tables->get_array() : json::array())
                        if (table.is_string()) add("table", std::string(table.get_string()));
            const auto* cache = member(told->get_object(), "redis");
            const auto keys = cache != nullptr && cache->is_object()
                                  ? string_or(cache->get_object(), "key_template")
                                  : std::string();
            if (!keys.empty() && printable(keys) == keys) add("keys", keys);
        }
    }
    return names;
}

std::vector<std::string> tables_in(std::string_view sql) {
    std::vector<std::string> names;
    const auto tables = policy::tables_of(sql);
    for (const auto& [schema, table] : tables ? *tables : std::vector<policy::TableName>()) {
        if (!schema.empty()) names.push_back(schema);
        names.push_back(table);
    }
    // Of what is not one reading query, policy sees no more than the queries within.
    const bool followed = !names.empty() && !begins_with_show(sql) && policy::judge_sql(sql).allowed;
    if (!followed) add_words_after_from(sql, names);
    return names;
}

}  // namespace casefile::tools::resources

#include "tools/work/diff_found.h"

#include "base/text.h"
#include "evidence/files.h"

namespace casefile::tools::work {
namespace {

constexpr std::uint64_t file_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t keys_max = 1'000;

std::optional<cases::RunLine> find_run(const cases::CaseState& state, const std::string& wanted) {
    for (const auto& run : state.runs.newest_first()) {
        const bool named = wanted.empty() || run.run_id == wanted || std::to_string(run.seq) == wanted;
        if (named && run.tool == "diff" && run.outcome == "answered") return run;
    }
    return std::nullopt;
}

/// "mysql", "redis", "csv": the kind of a side, which is its member.
std::string kind_of_side(const json::object& document, std::string_view name) {
    const auto* side = member(document, name);
    if (side == nullptr || !side->is_object()) return std::string(name);
    for (const auto* kind : {"mysql", "redis", "csv", "attachment", "evidence", "symptom"})
        if (side->get_object().contains(kind)) return kind;
    return std::string(name);
}

std::string value_text(const json::object& field, std::string_view side) {
    const auto* value = member(field, side);
    if (value == nullptr) return "absent";
    return shorten(value->is_string() ? std::string(value->get_string()) : canonical(*value), 200);
}

/// "price:{id}" of the side that is a cache; empty where none is.
std::string key_template_of(const json::object& document) {
    for (const auto* side : {"left", "right"}) {
        const auto* told = member(document, side);
        const auto* cache =
            told == nullptr || !told->is_object() ? nullptr : member(told->get_object(), "redis");
        if (cache != nullptr && cache->is_object()) return string_or(cache->get_object(), "key_template");
    }
    return {};
}

/// The entry of one key: its members in the places of the template. Empty where one of them is not told.
std::string entry_of(std::string key_template, const json::object& key) {
    for (const auto& pair : key) {
        const auto value =
            pair.value().is_string() ? std::string(pair.value().get_string()) : canonical(pair.value());
        const auto mark = "{" + std::string(pair.key()) + "}";
        if (const auto at = key_template.find(mark); at != std::string::npos)
            key_template.replace(at, mark.size(), value);
    }
    return key_template.find('{') == std::string::npos ? key_template : "";
}

/// What differs under one key, with the names of both sides.
cases::DifferingKey read_key(const json::object& line, const cases::DiffFound& found,
                             const std::string& key_template) {
    cases::DifferingKey out;
    if (const auto* key = member(line, "key"); key != nullptr && key->is_object())
        out.entry = entry_of(key_template, key->get_object());
    if (const auto* key = member(line, "key"); key != nullptr && key->is_object())
        for (const auto& pair : key->get_object())
            out.key +=
                (out.key.empty() ? "" : ", ") + std::string(pair.key()) + " " +
                (pair.value().is_string() ? std::string(pair.value().get_string()) : canonical(pair.value()));
    out.verdict = string_or(line, "verdict");
    if (const auto* fields = member(line, "fields"); fields != nullptr && fields->is_array())
        for (const auto& field : fields->get_array())
            if (field.is_object())
                out.fields.push_back(string_or(field.get_object(), "field") + ": " + found.left + " " +
                                     value_text(field.get_object(), "left") + ", " + found.right + " " +
                                     value_text(field.get_object(), "right"));
    return out;
}

}  // namespace

Result<cases::DiffFound> read_diff(Workbench& bench, const cases::CaseState& state,
                                   const std::string& wanted) {
    const auto run = find_run(state, wanted);
    if (!run)
        return not_found("run: expected an answered diff of this case" +
                             (wanted.empty() ? "" : ", got '" + printable(shorten(wanted, 60)) + "'"),
                         "compare with diff first; its run lists the affected keys");
    const auto file = "diff." + run->task + ".json";
    if (std::find(run->files().begin(), run->files().end(), file) == run->files().end())
        return not_found("run: the diff has no file of differences");
    const auto descriptor = bench.cases.store().open_file(state.id, run->run_id, file);
    if (!descriptor) return descriptor.error();
    const auto text = evidence::read_whole(descriptor->get(), file_bytes_max);
    if (!text) return text.error();
    const auto document = parse_json(*text);
    if (!document || !document->is_object()) return internal("diff: its file is no JSON object");
    const auto& object = document->get_object();
    cases::DiffFound found{run->run_id, kind_of_side(object, "left"), kind_of_side(object, "right"), {}, 0};
    const auto key_template = key_template_of(object);
    const auto* differences = member(object, "differences");
    if (differences == nullptr || !differences->is_array()) return found;
    for (const auto& line : differences->get_array()) {
        if (!line.is_object()) continue;
        ++found.keys_total;
        if (found.keys.size() < keys_max)
            found.keys.push_back(read_key(line.get_object(), found, key_template));
    }
    return found;
}

}  // namespace casefile::tools::work

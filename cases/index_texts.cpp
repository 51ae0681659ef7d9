#include "cases/index_texts.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/attachments.h"
#include "evidence/files.h"

namespace casefile::cases {
namespace {

constexpr std::size_t script_bytes_max = 4'096, log_bytes_max = 4'096, output_bytes_max = 2'048;
constexpr std::size_t text_bytes_max = 64 * 1024, runs_shown = 3;
constexpr std::array text_endings = {".csv", ".tsv", ".json", ".jsonl", ".txt", ".md",
                                     ".log", ".sql", ".xml",  ".yaml",  ".html"};

bool is_text_file(std::string_view name) {
    return std::any_of(text_endings.begin(), text_endings.end(),
                       [&](const char* ending) { return name.ends_with(ending); });
}

/// At most `bytes_max` from the start of a file.
std::string head_of(const Result<Descriptor>& file, std::size_t bytes_max) {
    if (!file) return {};
    std::string text(bytes_max, '\0');
    const auto source = evidence::bytes_from(file->get());
    std::size_t have = 0;
    while (have < bytes_max) {
        const auto got = source({text.data() + have, bytes_max - have});
        if (!got || *got == 0) break;
        have += *got;
    }
    text.resize(have);
    return printable(text);
}

std::string first_of(const std::vector<std::string>& runs) {
    return join({runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(std::min(runs.size(), runs_shown))},
                " ");
}

Result<Descriptor> open_run(const std::filesystem::path& folder, const RunLine& run) {
    auto at = evidence::open_folder(folder);
    if (!at) return at;
    return evidence::open_folder_beneath(at->get(), run.folder());
}

/// Members of the scripts of our tools whose texts are names, not values that were asked for.
constexpr std::array name_members = {"topic", "topics", "group", "groups", "table", "file", "env"};

void add_names(const json::value& value, std::string_view key, std::string& out) {
    const auto is_one = [&](const auto& names) { return std::ranges::find(names, key) != names.end(); };
    if (const auto* object = value.if_object()) {
        for (const auto& pair : *object) {
            out += " " + std::string(pair.key());
            add_names(pair.value(), pair.key(), out);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) add_names(item, key, out);
    } else if (value.is_string()) {
        const std::string text(value.get_string());
        if (is_one(name_members)) out += " " + text;
        if (key == "sql") out += " " + without_literals(text, ScriptKind::sql);
        if (key == "key_template" || key == "match") out += " " + without_literals(text, ScriptKind::redis);
    }
}

/// Of a script that is cut off, nothing.
std::string names_in_json(std::string_view script) {
    std::string out;
    if (const auto value = parse_json(trim(script))) add_names(*value, {}, out);
    return std::string(trim(out));
}

ScriptKind kind_of_script(std::string_view name) {
    return name.ends_with(".sql")    ? ScriptKind::sql
           : name.ends_with(".json") ? ScriptKind::json
                                     : ScriptKind::redis;
}

std::vector<IndexText> texts_of_run(const std::filesystem::path& folder, const RunLine& run) {
    std::vector<IndexText> texts;
    const auto add = [&](const char* kind, std::string text) {
        if (!trim(text).empty()) texts.push_back({kind, run.run_id, std::move(text)});
    };
    add("run",
        run.run_id + " " + run.tool + " " + run.task + " " + run.env + " " + run.outcome + " " + run.summary);
    const auto opened = open_run(folder, run);
    if (!opened) return texts;
    for (const auto& name : run.files()) {
        if (!evidence::is_plain_name(name) || name == run.task + ".manifest.json" ||
            name == run.task + ".input.json")
            continue;
        const auto file = evidence::open_file_at(opened->get(), name);
        if (name == run.task + ".log")
            add("log", head_of(file, log_bytes_max));
        else if (name.starts_with(run.task + "."))
            add("script", without_literals(head_of(file, script_bytes_max), kind_of_script(name)));
        else if (is_text_file(name))
            add("output", name + " " + head_of(file, output_bytes_max));
    }
    return texts;
}

IndexText text_of_fields(const CaseState& state) {
    std::string text = state.id;
    for (const auto& pair : write_fields(state.fields))
        text += "\n" +
                (pair.value().is_string() ? std::string(pair.value().get_string()) : canonical(pair.value()));
    return {"case", "", shorten(text, text_bytes_max)};
}

std::string key_of(const Entry& entry) { return "entry:" + std::to_string(entry.n) + ":" + entry.at; }

std::string key_of(const RunLine& run) {
    return "run:" + run.run_id + ":" + (run.outcome.empty() ? "open" : run.outcome);
}

std::string key_of_attachment(const json::object& one) { return "attachment:" + string_or(one, "path"); }

IndexUnit of_attachment(const json::object& one, const std::filesystem::path& folder) {
    const auto path = string_or(one, "path");
    return {key_of_attachment(one), [one, path, folder] {
                auto text = string_or(one, "name") + " " + string_or(one, "original_name");
                const auto at = evidence::open_folder(folder);
                if (at && is_text_file(path))
                    text += " " + head_of(evidence::open_attachment(at->get(), path), output_bytes_max);
                return std::vector<IndexText>{{"attachment", "", std::move(text)}};
            }};
}

}  // namespace

SettledTexts settled_texts(const CaseState& state, std::size_t from) {
    SettledTexts out{.entries = state.entries.size(), .attachments = state.attachments.size()};
    out.runs = from;
    while (out.runs < state.runs.size() && !state.runs[out.runs].outcome.empty()) ++out.runs;
    return out;
}

void visit_index_units(const CaseState& state, const std::filesystem::path& folder,
                       const SettledTexts& settled, const std::function<void(const IndexUnit&)>& visit) {
    auto fields = text_of_fields(state);
    auto key = "case:" + sha256_hex(fields.text);
    visit({std::move(key), [fields = std::move(fields)] { return std::vector{fields}; }});
    for (const auto& entry : state.entries | std::views::drop(settled.entries))
        visit({key_of(entry), [&entry] {
                   return std::vector<IndexText>{
                       {entry.kind, first_of(entry.evidence),
                        shorten(entry.key.empty() ? entry.text : entry.key + " " + entry.text,
                                text_bytes_max)}};
               }});
    for (const auto& run : state.runs | std::views::drop(settled.runs))
        visit({key_of(run), [&] { return texts_of_run(folder, run); }});
    for (const auto& one : state.attachments | std::views::drop(settled.attachments))
        visit(of_attachment(one, folder));
}

std::string without_literals(std::string_view script, ScriptKind kind) {
    if (kind == ScriptKind::json) return names_in_json(script);
    std::string out, word;
    bool has_digit = false;
    const auto finish = [&] {
        // In SQL a word that begins with a letter is a name, whatever digits follow.
        const bool is_name = !has_digit || (kind == ScriptKind::sql && (word[0] < '0' || word[0] > '9'));
        if (!word.empty() && is_name) out += (out.empty() ? "" : " ") + word;
        word.clear();
        has_digit = false;
    };
    for (std::size_t i = 0; i < script.size(); ++i) {
        const char c = script[i];
        // x'4f' is a value as well.
        if (kind == ScriptKind::sql && (c == '\'' || c == '"') && word.size() == 1) word.clear();
        if (c == '\'' || c == '"') {
            finish();
            // To the quote that closes it, or to the end: what is left open is a value as well.
            for (++i; i < script.size() && script[i] != c; ++i)
                if (script[i] == '\\') ++i;
            continue;
        }
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                            (static_cast<unsigned char>(c) & 0x80) != 0;
        if (!digit && !letter) {
            finish();
            continue;
        }
        has_digit = has_digit || digit;
        word += c;
    }
    finish();
    return out;
}

}  // namespace casefile::cases

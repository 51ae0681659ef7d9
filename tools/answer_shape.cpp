#include "tools/answer_shape.h"

#include "base/text.h"

namespace casefile::tools {
namespace {

bool is_scalar(const json::value& value) { return !value.is_array() && !value.is_object(); }

std::string scalar(const json::value& value) {
    if (value.is_string()) return printable(value.get_string());
    if (value.is_null()) return "NULL";
    return canonical(value);
}

/// One cell of a table: scalars as they are, everything else as compact JSON.
std::string cell(const json::value& value) {
    std::string out;
    append_table_cell(out, value.is_string()  ? std::string_view(value.get_string())
                           : is_scalar(value) ? scalar(value)
                                              : json::serialize(value));
    return out;
}

void line(std::string& out, std::size_t depth, const std::string& text) {
    out.append(depth * 2, ' ');
    out += text;
    out += '\n';
}

void write_object(std::string& out, const json::object& object, std::size_t depth);

/// Objects that share their keys become a table, named once; others are listed one after the other.
void write_objects(std::string& out, const json::array& items, std::size_t depth) {
    std::vector<std::string> names;
    for (const auto& item : items)
        for (const auto& pair : item.get_object())
            if (std::find(names.begin(), names.end(), pair.key()) == names.end())
                names.emplace_back(pair.key());
    line(out, depth, join(names, " | "));
    for (const auto& item : items) {
        std::vector<std::string> cells;
        for (const auto& name : names) {
            const auto* value = item.get_object().if_contains(name);
            cells.push_back(value == nullptr ? "" : cell(*value));
        }
        line(out, depth, join(cells, " | "));
    }
}

void write_array(std::string& out, const std::string& name, const json::array& items, std::size_t depth) {
    if (items.empty()) return line(out, depth, name + ": none");
    const bool objects =
        std::all_of(items.begin(), items.end(), [](const auto& item) { return item.is_object(); });
    const bool scalars = std::all_of(items.begin(), items.end(), is_scalar);
    if (scalars) {
        std::vector<std::string> parts;
        for (const auto& item : items) parts.push_back(scalar(item));
        // Sentences with commas of their own stand each in its line.
        const bool sentences = std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
            return part.find(", ") != std::string::npos || part.find(": ") != std::string::npos;
        });
        if (!sentences || parts.size() == 1) return line(out, depth, name + ": " + join(parts, ", "));
        line(out, depth, name + ":");
        for (const auto& part : parts) line(out, depth + 1, "- " + part);
        return;
    }
    line(out, depth, name + ":");
    if (objects) return write_objects(out, items, depth + 1);
    for (const auto& item : items) {
        std::vector<std::string> cells;
        if (const auto* row = item.if_array())
            for (const auto& value : *row) cells.push_back(cell(value));
        else
            cells.push_back(cell(item));
        line(out, depth + 1, join(cells, " | "));
    }
}

void write_object(std::string& out, const json::object& object, std::size_t depth) {
    for (const auto& pair : object) {
        const std::string name(pair.key());
        const auto& value = pair.value();
        if (const auto* items = value.if_array()) {
            write_array(out, name, *items, depth);
        } else if (const auto* nested = value.if_object()) {
            line(out, depth, name + ":");
            write_object(out, *nested, depth + 1);
        } else if (value.is_string() && value.get_string().find('\n') != json::string::npos) {
            // Indented, so that no line of a text can pass for a field of the answer.
            line(out, depth, name + ":");
            for (const auto& one : split(printable(value.get_string(), true), '\n'))
                line(out, depth + 1, one);
        } else {
            line(out, depth, name + ": " + scalar(value));
        }
    }
}

}  // namespace

std::string text_twin(const json::object& structured) {
    std::string out;
    write_object(out, structured, 0);
    if (!out.empty()) out.pop_back();
    return out;
}

void append_table_cell(std::string& out, std::string_view text) {
    const auto shown = printable(text);
    for (std::size_t at = 0; at < shown.size();) {
        const auto bar = std::min(shown.find('|', at), shown.size());
        out.append(shown, at, bar - at);
        if (bar < shown.size()) out += "\\|";
        at = bar + 1;
    }
}

mcp::ToolResult answered(json::object structured, std::optional<Rows> rows) {
    mcp::ToolResult result{.structured = std::move(structured), .text = {}};
    result.text = text_twin(result.structured);
    if (!rows) return result;
    result.text += rows->escaped_lines.empty() ? "\nrows: none" : "\nrows:\n";
    result.written = {"rows", std::move(rows->json), std::move(rows->escaped_lines)};
    return result;
}

mcp::ToolResult refused(const Error& error, const evidence::Receipt* receipt) {
    json::object told{
        {"kind", name_of(error.kind)}, {"layer", name_of(error.layer)}, {"message", error.message}};
    if (!error.hint.empty()) told["hint"] = error.hint;
    json::object structured{{"error", std::move(told)}};
    if (receipt != nullptr) structured["run"] = run_member(*receipt);
    auto result = answered(std::move(structured));
    result.is_error = true;
    return result;
}

json::object run_member(const evidence::Receipt& receipt) {
    json::array files;
    for (const auto& file : receipt.files) files.emplace_back(file.path);
    return {{"id", receipt.id},
            {"seq", receipt.seq},
            {"sha256", receipt.sha256},
            {"folder", receipt.folder.string()},
            {"files", std::move(files)}};
}

}  // namespace casefile::tools

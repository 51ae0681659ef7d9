#include "evidence/manifest.h"

#include <array>
#include <cstdio>

#include "base/text.h"

namespace casefile::evidence {
namespace {

json::value or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

json::array names_of(const Held& held) {
    json::array names;
    for (const auto& [name, bytes] : held) names.emplace_back(name);
    return names;
}

json::object valid(json::object object) {
    json::value value = std::move(object);
    make_text_valid(value);
    return std::move(value.get_object());
}

}  // namespace

const char* name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::answered:
            return "answered";
        case Outcome::refused:
            return "refused";
        case Outcome::failed:
            return "failed";
        case Outcome::cancelled:
            return "cancelled";
    }
    return "failed";
}

Outcome outcome_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::cancelled:
            return Outcome::cancelled;
        case ErrorKind::unavailable:
        case ErrorKind::timed_out:
        case ErrorKind::internal:
            return Outcome::failed;
        default:
            return error.layer == Layer::casefile ? Outcome::refused : Outcome::failed;
    }
}

std::string run_number(std::uint64_t seq) {
    std::array<char, 24> number{};
    std::snprintf(number.data(), number.size(), "%04llu", static_cast<unsigned long long>(seq));
    return number.data();
}

std::string run_folder_name(std::uint64_t seq, std::string_view task, std::string_view run_id) {
    return run_number(seq) + "-" + std::string(task) + "." + std::string(run_id);
}

std::string pending_folder_name(std::string_view run_id) { return "." + std::string(run_id) + ".new"; }

void make_text_valid(json::value& value) {
    if (auto* text = value.if_string()) {
        if (!is_utf8(*text)) *text = printable(*text, true);
    } else if (auto* items = value.if_array()) {
        for (auto& item : *items) make_text_valid(item);
    } else if (auto* object = value.if_object()) {
        for (auto& pair : *object) make_text_valid(pair.value());
        if (std::all_of(object->begin(), object->end(), [](const auto& pair) { return is_utf8(pair.key()); }))
            return;
        json::object renamed;
        for (auto& pair : *object)
            renamed[is_utf8(pair.key()) ? std::string(pair.key()) : printable(pair.key())] =
                std::move(pair.value());
        *object = std::move(renamed);
    }
}

std::string input_text(const Opening& opening) {
    json::object input{{"time_window", nullptr}, {"entity_ids", json::object()}, {"notes", ""}};
    for (const auto& pair : opening.context) input[pair.key()] = pair.value();
    input["arguments"] = opening.arguments;
    input["tool"] = opening.tool;
    input["env"] = or_null(opening.env);
    return canonical(valid(std::move(input))) + "\n";
}

std::string manifest_text(const RunFacts& facts, const Opening& opening, Outcome outcome,
                          const json::object& details) {
    json::array outputs;
    for (const auto& file : facts.files) {
        json::object output{{"path", file.path},     {"role", file.role},   {"category", file.category},
                            {"format", file.format}, {"bytes", file.bytes}, {"sha256", file.sha256}};
        // Exactly what was asked, with its literals; everything else went through the masks.
        if (file.role == "script" || file.role == "input") output["sensitive"] = true;
        outputs.push_back(std::move(output));
    }
    json::object manifest{{"run_id", facts.id},
                          {"seq", facts.seq},
                          {"case", facts.case_id},
                          {"tool", opening.tool},
                          {"task", facts.task},
                          {"env", or_null(opening.env)},
                          {"principal", opening.principal},
                          {"client", opening.client},
                          {"traceparent", or_null(opening.traceparent)},
                          {"opened_at", facts.opened_at},
                          {"sealed_at", facts.sealed_at},
                          {"outcome", name_of(outcome)},
                          {"success", outcome == Outcome::answered},
                          {"output_dir", facts.folder},
                          {"script_path", facts.script.path},
                          {"input_path", facts.input.path},
                          {"grant", opening.grant.empty() ? json::value() : json::value(opening.grant)},
                          {"masks", opening.masks.empty() ? json::value() : json::value(opening.masks)},
                          {"details", details},
                          {"outputs", std::move(outputs)}};
    return canonical(valid(std::move(manifest))) + "\n";
}

json::object opening_body(const RunFacts& facts, const Opening& opening, const Held& held) {
    return valid({{"run_id", facts.id},
                  {"seq", facts.seq},
                  {"tool", opening.tool},
                  {"task", facts.task},
                  {"env", or_null(opening.env)},
                  {"principal", opening.principal},
                  {"client", opening.client},
                  {"folder", facts.folder},
                  {"script", facts.script.path},
                  {"script_sha256", facts.script.sha256},
                  {"input_sha256", facts.input.sha256},
                  {"held", names_of(held)}});
}

json::object sealing_body(const RunFacts& facts, const FileEntry& manifest, Outcome outcome,
                          const json::object& details, const Held& held) {
    json::array files;
    for (const auto& file : facts.files)
        files.push_back(
            {{"path", file.path}, {"role", file.role}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    json::object body{{"run_id", facts.id},          {"seq", facts.seq},
                      {"outcome", name_of(outcome)}, {"manifest_sha256", manifest.sha256},
                      {"files", std::move(files)},   {"held", names_of(held)}};
    if (const auto summary = string_or(details, "summary"); !summary.empty()) body["summary"] = summary;
    return valid(std::move(body));
}

}  // namespace casefile::evidence

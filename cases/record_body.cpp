// How the parts of a case are written into journal records and read back.

#include "cases/case.h"

namespace casefile::cases {
namespace {

void put(json::object& out, const char* name, const std::optional<std::string>& value) {
    if (value) out[name] = *value;
}
void put(json::object& out, const char* name, const std::string& value) {
    if (!value.empty()) out[name] = value;
}

std::optional<std::string> text_of(const json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

std::optional<json::object> object_of(const json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr || !value->is_object()) return std::nullopt;
    return value->get_object();
}

std::vector<std::string> texts_of(const json::object& body, std::string_view name) {
    std::vector<std::string> out;
    if (const auto* value = member(body, name); value != nullptr && value->is_array())
        for (const auto& item : value->get_array())
            if (item.is_string()) out.emplace_back(item.get_string());
    return out;
}

}  // namespace

json::object write_fields(const CaseFields& fields) {
    json::object out;
    put(out, "topic", fields.topic);
    put(out, "env", fields.env);
    put(out, "severity", fields.severity);
    put(out, "status", fields.status);
    put(out, "entrypoint", fields.entrypoint);
    put(out, "notes", fields.notes);
    put(out, "root_cause", fields.root_cause);
    put(out, "impact", fields.impact);
    put(out, "stage", fields.stage);
    if (fields.entity_ids) out["entity_ids"] = *fields.entity_ids;
    if (fields.metadata) out["metadata"] = *fields.metadata;
    if (fields.framing) out["framing"] = *fields.framing;
    if (const auto& window = fields.time_window)
        out["time_window"] = {{"start", window->start}, {"end", window->end}, {"timezone", window->timezone}};
    if (const auto& symptoms = fields.symptoms)
        out["symptoms"] = {{"expected", symptoms->expected}, {"actual", symptoms->actual}};
    if (fields.tags) out["tags"] = json::array(fields.tags->begin(), fields.tags->end());
    return out;
}

CaseFields read_fields(const json::object& body) {
    CaseFields fields;
    fields.topic = text_of(body, "topic");
    fields.env = text_of(body, "env");
    fields.severity = text_of(body, "severity");
    fields.status = text_of(body, "status");
    fields.entrypoint = text_of(body, "entrypoint");
    fields.notes = text_of(body, "notes");
    fields.root_cause = text_of(body, "root_cause");
    fields.impact = text_of(body, "impact");
    fields.stage = text_of(body, "stage");
    fields.entity_ids = object_of(body, "entity_ids");
    fields.metadata = object_of(body, "metadata");
    fields.framing = object_of(body, "framing");
    if (const auto window = object_of(body, "time_window"))
        fields.time_window = {string_or(*window, "start"), string_or(*window, "end"),
                              string_or(*window, "timezone")};
    if (const auto symptoms = object_of(body, "symptoms"))
        fields.symptoms = {string_or(*symptoms, "expected"), string_or(*symptoms, "actual")};
    if (member(body, "tags") != nullptr) fields.tags = texts_of(body, "tags");
    return fields;
}

json::object write_grant(const Grant& grant) {
    json::array sources;
    for (const auto kind : grant.sources) sources.emplace_back(name_of(kind));
    json::object variables;
    for (const auto& [name, endpoint] : grant.variables) variables[name] = endpoint;
    json::object body{{"env", grant.env},
                      {"principal", grant.principal},
                      {"confirmed_by", grant.confirmed_by},
                      {"how", grant.how},
                      {"given_at", grant.given_at},
                      {"expires_at", grant.expires_at},
                      {"sources", std::move(sources)},
                      {"variables", std::move(variables)},
                      {"fingerprints", grant.fingerprints}};
    if (!grant.witness.empty()) body["witness"] = grant.witness;
    if (!grant.question.empty()) body["question"] = grant.question;
    if (!grant.suspended.empty()) body["suspended"] = grant.suspended;
    return body;
}

Grant read_grant(const json::object& body) {
    Grant grant;
    grant.env = string_or(body, "env");
    grant.principal = string_or(body, "principal");
    grant.confirmed_by = string_or(body, "confirmed_by");
    grant.how = string_or(body, "how");
    grant.given_at = string_or(body, "given_at");
    grant.expires_at = string_or(body, "expires_at");
    grant.suspended = string_or(body, "suspended");
    grant.question = string_or(body, "question");
    if (const auto* witness = body.if_contains("witness"); witness != nullptr && witness->is_object())
        grant.witness = witness->get_object();
    for (const auto& name : texts_of(body, "sources"))
        if (const auto kind = source_kind_of(name)) grant.sources.push_back(*kind);
    if (const auto variables = object_of(body, "variables"))
        for (const auto& pair : *variables)
            grant.variables.emplace(pair.key(), string_or(*variables, pair.key()));
    if (const auto* shown = member(body, "fingerprints"); shown != nullptr && shown->is_array())
        grant.fingerprints = shown->get_array();
    return grant;
}

json::object write_entry(const Entry& entry) {
    json::object out{{"kind", entry.kind}, {"text", entry.text}};
    put(out, "key", entry.key);
    put(out, "state", entry.state);
    put(out, "source", entry.source);
    put(out, "happened_at", entry.happened_at);
    put(out, "by", entry.by);
    if (!entry.evidence.empty()) out["evidence"] = json::array(entry.evidence.begin(), entry.evidence.end());
    if (!entry.value.is_null()) out["value"] = entry.value;
    return out;
}

Entry read_entry(const json::object& body) {
    Entry entry;
    entry.kind = string_or(body, "kind");
    entry.text = string_or(body, "text");
    entry.key = string_or(body, "key");
    entry.state = string_or(body, "state");
    entry.source = string_or(body, "source");
    entry.happened_at = string_or(body, "happened_at");
    entry.by = string_or(body, "by");
    entry.evidence = texts_of(body, "evidence");
    if (const auto* value = member(body, "value")) entry.value = *value;
    return entry;
}

}  // namespace casefile::cases

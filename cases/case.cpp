#include "cases/case.h"

#include <algorithm>

#include "base/text.h"
#include "cases/told.h"
#include "cases/vocabulary.h"
#include "cases/zone.h"
#include "evidence/run_records.h"

namespace casefile::cases {
namespace {

void add_members(std::optional<json::object>& into, const json::object& changes) {
    if (!into) into.emplace();
    for (const auto& pair : changes) {
        if (pair.value().is_null())
            into->erase(pair.key());
        else
            (*into)[pair.key()] = pair.value();
    }
}

void take_fields(CaseState& state, const evidence::Record& record) {
    auto changes = read_fields(record.body);
    auto& fields = state.fields;
    const auto take = [](auto& into, auto& from) {
        if (from) into = std::move(from);
    };
    if (changes.status && *changes.status != state.status() && check_step(state.status(), *changes.status)) {
        state.statuses.emplace_back(record.at, *changes.status);
        fields.status = changes.status;
    }
    take(fields.topic, changes.topic);
    take(fields.env, changes.env);
    if (changes.severity && fields.metadata) fields.metadata->erase(severity_as_told_key);
    take(fields.severity, changes.severity);
    take(fields.entrypoint, changes.entrypoint);
    take(fields.notes, changes.notes);
    take(fields.root_cause, changes.root_cause);
    take(fields.impact, changes.impact);
    take(fields.time_window, changes.time_window);
    take(fields.symptoms, changes.symptoms);
    take(fields.tags, changes.tags);
    take(fields.stage, changes.stage);
    if (changes.entity_ids) add_members(fields.entity_ids, *changes.entity_ids);
    if (changes.metadata) add_members(fields.metadata, *changes.metadata);
    if (changes.framing) add_members(fields.framing, *changes.framing);
}

void take_opening(CaseState& state, const evidence::Record& record) {
    state.id = string_or(record.body, "case");
    state.principal = string_or(record.body, "principal");
    state.opened_run_id = string_or(record.body, "opened_run_id");
    state.opened_topic = string_or(record.body, "topic");
    state.opened_at = record.at;
    state.statuses.emplace_back(record.at, "open");
    take_fields(state, record);
}

void take_grant(CaseState& state, const evidence::Record& record) {
    auto grant = read_grant(record.body);
    grant.record = record.n;
    grant.record_hash = record.hash;
    state.grants.push_back(std::make_shared<const Grant>(std::move(grant)));
}

void take_entry(CaseState& state, const evidence::Record& record) {
    auto entry = read_entry(record.body);
    entry.n = record.n;
    entry.at = record.at;
    state.entries.push_back(std::move(entry));
}

void take_run(CaseState& state, const evidence::Record& record) {
    const auto& body = record.body;
    RunLine run;
    const auto* seq = member(body, "seq");
    run.seq = seq != nullptr && seq->is_int64() ? static_cast<std::uint64_t>(seq->get_int64())
                                                : state.runs.size() + 1;
    run.run_id = string_or(body, "run_id");
    run.tool = string_or(body, "tool");
    run.task = string_or(body, "task");
    run.env = string_or(body, "env");
    run.opened_at = record.at;
    state.runs.push_back(run);
}

void take_seal(CaseState& state, const evidence::Record& record) {
    const auto place = state.runs.find(string_or(record.body, "run_id"));
    if (place == state.runs.size()) return;
    RunLine::FileNames names;
    if (const auto* files = member(record.body, "files"); files != nullptr && files->is_array())
        for (const auto& file : files->get_array())
            if (file.is_object()) names.push_back(string_or(file.get_object(), "path"));
    const auto shared = std::make_shared<const RunLine::FileNames>(std::move(names));
    state.runs.change(place, [&](RunLine& run) {
        run.sealed_at = record.at;
        run.outcome = string_or(record.body, "outcome");
        run.summary = string_or(record.body, "summary");
        run.file_names = shared;
    });
}

void take_interruption(CaseState& state, const evidence::Record& record) {
    const auto place = state.runs.find(string_or(record.body, "run_id"));
    if (place < state.runs.size() && state.runs[place].outcome.empty())
        state.runs.change(place, [](RunLine& run) { run.outcome = "interrupted"; });
}

void take_pruning(CaseState& state, const evidence::Record& record) {
    for (const auto& [run_id, file] : evidence::files_pruned_by(record))
        if (const auto place = state.runs.find(run_id); place < state.runs.size())
            state.runs.change(place, [&](RunLine& run) { run.pruned.insert(file); });
}

json::object with_time(const evidence::Record& record) {
    auto body = record.body;
    body["at"] = record.at;
    return body;
}

}  // namespace

void CaseState::apply(const evidence::Record& record) {
    if (record.kind == "opened") take_opening(*this, record);
    if (record.kind == "status" || record.kind == "closed") take_fields(*this, record);
    if (record.kind == "closed" && member(record.body, "count") != nullptr)
        closing = {{"record", record.n},
                   {"count", *member(record.body, "count")},
                   {"root", string_or(record.body, "root")}};
    if (record.kind == "grant") take_grant(*this, record);
    if (record.kind == "entry") take_entry(*this, record);
    if (record.kind == "run") take_run(*this, record);
    if (record.kind == "sealed") take_seal(*this, record);
    if (record.kind == "interrupted") take_interruption(*this, record);
    if (record.kind == "pruned") take_pruning(*this, record);
    if (record.kind == "draft") drafts.push_back(with_time(record));
    if (record.kind == "attachment") attachments.push_back(with_time(record));
    count = record.n;
    head = record.hash;
    changed_at = record.at;
}

std::optional<RunLine> CaseState::run(const std::string& run_id) const {
    const auto place = runs.find(run_id);
    return place == runs.size() ? std::nullopt : std::optional(runs[place]);
}

std::optional<RunLine> CaseState::run_meant_by(const std::string& name) const {
    if (auto found = run(name)) return found;
    const auto found = std::find_if(runs.begin(), runs.end(),
                                    [&](const RunLine& run) { return std::to_string(run.seq) == name; });
    return found == runs.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::string> CaseState::questions() const {
    std::vector<std::string> out;
    if (fields.env.value_or("").empty())
        out.emplace_back("env: which environment shows it, for example PROD or STAGING?");
    if (!fields.entity_ids || fields.entity_ids->empty())
        out.emplace_back("entity_ids: which ids are involved (user, order, payment)?");
    const auto window = fields.time_window.value_or(TimeWindow{});
    if (window.start.empty() && window.end.empty())
        out.emplace_back("time_window: from when until when, and in which time zone?");
    // "14:00" is kept as it was told, and begins no timeline and no write-up.
    for (const auto& [name, at] : {std::pair("start", &window.start), std::pair("end", &window.end)})
        if (!at->empty() && !parse_rfc3339(*at))
            out.push_back(std::string("time_window.") + name + ": '" + printable(shorten(*at, 60)) +
                          "' is no instant; which one is it, such as 2026-11-22T14:00:00+01:00?");
    if (!window.timezone.empty() && !offset_in(window.timezone, WallTime{}))
        out.push_back("time_window.timezone: '" + printable(shorten(window.timezone, 60)) +
                      "' is no zone that is known here; which one is it: UTC, +02:00 or a name such as "
                      "Europe/Berlin?");
    const auto symptoms = fields.symptoms.value_or(Symptoms{});
    if (symptoms.expected.empty() || symptoms.actual.empty())
        out.emplace_back("symptoms: what was expected, and what is seen instead?");
    if (const auto as_told = string_or(fields.metadata.value_or(json::object()), severity_as_told_key);
        !as_told.empty())
        out.push_back("severity: '" + as_told + "' is none of P0 to P3, so P2 is taken; which is it?");
    if (!is_past_finding(status())) return out;
    for (const auto& known : known_keys())
        if (known.asked && told(*this, known.key).empty())
            out.push_back(std::string(known.key) + ": " + std::string(known.question));
    return out;
}

json::object CaseState::context() const {
    json::object out{{"time_window", nullptr}, {"entity_ids", json::object()}, {"notes", ""}};
    const auto told_fields = write_fields(fields);
    for (const auto* name : {"time_window", "entity_ids", "notes", "topic", "env", "severity", "entrypoint",
                             "symptoms", "framing"})
        if (const auto* value = member(told_fields, name)) out[name] = *value;
    return out;
}

}  // namespace casefile::cases

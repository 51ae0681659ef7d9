// case.json: the record as it stands, made from the journal alone.

#include "cases/derived.h"

#include "cases/inspect_log.h"

namespace casefile::cases {
namespace {

/// Two spaces a level. Values that came from outside are written with sorted keys, so that the same record
/// gives the same bytes whichever way it was held in memory.
void write_pretty(const json::value& value, std::size_t depth, std::string& out) {
    const std::string indent(2 * depth + 2, ' '), outdent(2 * depth, ' ');
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if (object != nullptr && !object->empty()) {
        out += "{\n";
        for (const auto& pair : *object) {
            if (&pair != object->begin()) out += ",\n";
            out += indent + canonical(json::value(pair.key())) + ": ";
            write_pretty(pair.value(), depth + 1, out);
        }
        out += "\n" + outdent + "}";
    } else if (array != nullptr && !array->empty()) {
        out += "[\n";
        for (const auto& item : *array) {
            if (&item != array->begin()) out += ",\n";
            out += indent;
            write_pretty(item, depth + 1, out);
        }
        out += "\n" + outdent + "]";
    } else {
        out += canonical(value);
    }
}

json::value sorted(const json::value& value) {
    if (const auto* array = value.if_array()) {
        json::array out;
        for (const auto& item : *array) out.push_back(sorted(item));
        return out;
    }
    const auto* object = value.if_object();
    if (object == nullptr) return value;
    std::map<std::string, json::value> members;
    for (const auto& pair : *object) members.emplace(pair.key(), sorted(pair.value()));
    json::object out;
    for (auto& [name, member] : members) out[name] = std::move(member);
    return out;
}

json::object run_json(const RunLine& run) {
    json::object out{{"seq", run.seq},
                     {"run_id", run.run_id},
                     {"tool", run.tool},
                     {"task", run.task},
                     {"env", run.env},
                     {"opened_at", run.opened_at},
                     {"sealed_at", run.sealed_at},
                     {"outcome", run.outcome},
                     {"summary", run.summary},
                     {"folder", run.folder},
                     {"files", json::array(run.files.begin(), run.files.end())}};
    if (!run.pruned.empty()) out["pruned"] = json::array(run.pruned.begin(), run.pruned.end());
    return out;
}

template <class Items, class Write>
json::array array_of(const Items& items, Write write) {
    json::array out;
    for (const auto& item : items) out.push_back(sorted(write(item)));
    return out;
}

}  // namespace

std::string render_case_json(const CaseState& state, const std::string& key_fingerprint) {
    json::object out{{"case", state.id},
                     {"principal", state.principal},
                     {"opened_at", state.opened_at},
                     {"changed_at", state.changed_at},
                     {"inspect_log", inspect_file_name(state)},
                     {"status", state.status()}};
    for (const auto& pair : write_fields(state.fields))
        if (pair.key() != "status") out[pair.key()] = sorted(pair.value());
    out["statuses"] = array_of(state.statuses, [](const auto& one) {
        return json::object{{"at", one.first}, {"status", one.second}};
    });
    out["grants"] = array_of(state.grants, [](const GrantPtr& shared) {
        const auto& grant = *shared;
        auto one = write_grant(grant);
        one["record"] = grant.record;
        return one;
    });
    out["entries"] = array_of(state.entries, [](const Entry& entry) {
        auto one = write_entry(entry);
        one["record"] = entry.n;
        one["at"] = entry.at;
        return one;
    });
    out["runs"] = array_of(state.runs, run_json);
    const auto same = [](const json::object& one) { return one; };
    out["drafts"] = array_of(state.drafts, same);
    out["attachments"] = array_of(state.attachments, same);
    if (!state.closing.empty()) out["closing"] = state.closing;
    out["anchor"] = {{"records", state.count},
                     {"layout", derived_layout},
                     {"head", state.head},
                     {"key_fingerprint", key_fingerprint}};
    std::string text;
    write_pretty(out, 0, text);
    return text + "\n";
}

}  // namespace casefile::cases

#include "cases/told.h"

#include <limits>

#include "base/ids.h"
#include "base/text.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

constexpr std::size_t run_id_length = 24;

/// Puts `entry` in the place of the one with the same full key, or at the end.
void replace_or_add(std::vector<Entry>& entries, const Entry& entry, bool by_key) {
    if (by_key)
        for (auto& one : entries)
            if (one.key == entry.key) {
                one = entry;
                return;
            }
    entries.push_back(entry);
}

bool counts(const Entry& entry) { return entry.state != "withdrawn" && entry.state != "answered"; }

Told told_by(const CaseState& state, const Entry& entry) {
    return {entry.text, cited_runs(state, entry.text, entry.evidence), entry.state, entry.value};
}

std::vector<Told> standing(const CaseState& state, const std::vector<Entry>& entries) {
    std::vector<Told> out;
    for (const auto& entry : entries)
        if (counts(entry)) out.push_back(told_by(state, entry));
    return out;
}

std::string field_of(const CaseState& state, std::string_view key) {
    if (key == "root_cause") return state.fields.root_cause.value_or("");
    if (key == "impact") return state.fields.impact.value_or("");
    return {};
}

}  // namespace

std::vector<Told> told(const CaseState& state, std::string_view key) {
    const auto& known = known_key(key);
    std::vector<Entry> entries;
    for (const auto& entry : state.entries) {
        const bool bare = entry.key == key;
        const bool named =
            entry.key.starts_with(key) && entry.key.size() > key.size() && entry.key[key.size()] == '.';
        if (bare || named) replace_or_add(entries, entry, named || !known.many);
    }
    auto out = standing(state, entries);
    if (!known.many && out.size() > 1) out.erase(out.begin(), out.end() - 1);
    if (const auto field = field_of(state, key); !field.empty()) {
        const auto given = out.empty() ? std::vector<std::string>() : out.back().evidence;
        out = {Told{field, cited_runs(state, field, given), {}, {}}};
    }
    return out;
}

std::vector<Told> findings(const CaseState& state) {
    std::vector<Entry> entries;
    for (const auto& entry : state.entries)
        if (entry.kind == "finding") replace_or_add(entries, entry, !entry.key.empty());
    return standing(state, entries);
}

std::vector<Entry> hypotheses(const CaseState& state) {
    std::vector<Entry> entries;
    for (const auto& entry : state.entries) {
        if (entry.kind != "hypothesis") continue;
        const auto earlier = std::find_if(entries.begin(), entries.end(),
                                          [&](const Entry& one) { return one.key == entry.key; });
        if (earlier == entries.end()) {
            entries.push_back(entry);
            continue;
        }
        // A later word on a hypothesis may leave out what has not changed, and adds to its runs. Those that
        // settled it one way do not speak for another verdict.
        auto merged = entry;
        if (merged.text.empty()) merged.text = earlier->text;
        if (const auto* before = earlier->value.if_object()) {
            auto value = *before;
            if (const auto* changes = entry.value.if_object())
                for (const auto& pair : *changes) value[pair.key()] = pair.value();
            merged.value = std::move(value);
        }
        auto runs = earlier->state == "open" || earlier->state == entry.state ? earlier->evidence
                                                                              : std::vector<std::string>();
        runs.insert(runs.end(), entry.evidence.begin(), entry.evidence.end());
        merged.evidence = cited_runs(state, {}, runs);
        *earlier = std::move(merged);
    }
    // Those with a rank come first, in its order; the others as they were written.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& one, const Entry& other) { return rank_of(one) < rank_of(other); });
    return entries;
}

std::vector<Entry> bare_verdicts(const CaseState& state) {
    auto bare = hypotheses(state);
    std::erase_if(bare, [&](const Entry& one) {
        return (one.state != "supported" && one.state != "refuted") ||
               !runs_with_data(state, one.evidence).empty();
    });
    return bare;
}

std::optional<std::string> warning_of_verdict(const CaseState& state, std::string_view key) {
    for (const auto& one : bare_verdicts(state))
        if (one.key == key)
            return one.key + " is " + one.state +
                   " without a run behind it that shows data; give its evidence";
    return std::nullopt;
}

std::int64_t rank_of(const Entry& hypothesis) {
    const auto* value = hypothesis.value.if_object();
    const auto* rank = value == nullptr ? nullptr : member(*value, "rank");
    return rank != nullptr && rank->is_int64() ? rank->get_int64() : std::numeric_limits<std::int64_t>::max();
}

std::vector<Entry> newest_of(const CaseState& state, std::string_view kind) {
    std::vector<Entry> entries;
    for (const auto& entry : state.entries)
        if (entry.kind == kind) replace_or_add(entries, entry, !entry.key.empty());
    std::erase_if(entries, [](const Entry& entry) { return !counts(entry); });
    return entries;
}

const Entry* newest_with_key(const CaseState& state, std::string_view key) {
    for (auto entry = state.entries.rbegin(); entry != state.entries.rend(); ++entry)
        if (entry->key == key) return &*entry;
    return nullptr;
}

std::string window_text(const TimeWindow& window) {
    auto text = window.start.empty() ? "until " + window.end
                : window.end.empty() ? "since " + window.start
                                     : window.start + " to " + window.end;
    return text + (window.timezone.empty() ? "" : ", " + window.timezone);
}

std::string ids_text(const CaseState& state) {
    std::vector<std::string> kinds;
    const auto text_of = [](const json::value& id) {
        return id.is_string() ? std::string(id.get_string()) : canonical(id);
    };
    for (const auto& pair : state.fields.entity_ids.value_or(json::object())) {
        std::vector<std::string> ids;
        if (const auto* list = pair.value().if_array())
            for (const auto& id : *list) ids.push_back(text_of(id));
        else
            ids.push_back(text_of(pair.value()));
        kinds.push_back(std::string(pair.key()) + " " + join(ids, ", "));
    }
    return join(kinds, "; ");
}

std::string member_of(const Entry& entry, std::string_view name) {
    const auto* value = entry.value.if_object();
    const auto* one = value == nullptr ? nullptr : member(*value, name);
    if (one == nullptr || one->is_null()) return {};
    return one->is_string() ? std::string(one->get_string()) : canonical(*one);
}

std::vector<std::string> cited_runs(const CaseState& state, std::string_view text,
                                    const std::vector<std::string>& given) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& run_id) {
        if (state.run(run_id) && std::find(out.begin(), out.end(), run_id) == out.end())
            out.push_back(run_id);
    };
    for (const auto& run_id : given) add(run_id);
    for (std::size_t at = 0; at + run_id_length <= text.size(); ++at)
        if (is_run_id(text.substr(at, run_id_length))) add(std::string(text.substr(at, run_id_length)));
    return out;
}

std::vector<std::string> runs_with_data(const CaseState& state, const std::vector<std::string>& run_ids) {
    std::vector<std::string> out;
    for (const auto& run_id : run_ids)
        if (const auto run = state.run(run_id); run && run->no_data_because().empty()) out.push_back(run_id);
    return out;
}

std::vector<std::string> doubts_about(const CaseState& state, const std::vector<std::string>& run_ids) {
    std::vector<std::string> doubts;
    for (const auto& run_id : run_ids) {
        const auto run = state.run(run_id);
        const auto reason = run ? run->no_data_because() : "";
        if (reason.empty()) continue;
        const bool answered = run->outcome == "answered";
        doubts.push_back("run " + std::to_string(run->seq) + (answered ? " is " : " was ") + reason +
                         (answered ? ": it shows who the servers are, and no data"
                                   : ": it shows that it was asked, and no data"));
    }
    return doubts;
}

std::string run_numbers(const CaseState& state, const std::vector<std::string>& run_ids,
                        std::size_t runs_max) {
    std::vector<std::string> numbers;
    for (const auto& run_id : run_ids) {
        const auto run = state.run(run_id);
        if (!run || numbers.size() == runs_max) continue;
        const auto reason = run->no_data_because();
        numbers.push_back(std::to_string(run->seq) + (reason.empty() ? "" : " (" + reason + ")"));
    }
    return join(numbers, ", ");
}

}  // namespace casefile::cases

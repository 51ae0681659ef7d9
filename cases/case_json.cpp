// case.json: the record as it stands, made from the journal alone.

#include "cases/derived.h"

#include <algorithm>

#include "cases/inspect_log.h"

namespace casefile::cases {
namespace {

/// As they stand, or by name: values that came from outside give the same bytes whichever way they were held
/// in memory.
enum class Members { as_they_stand, by_name };

void write_pretty(const json::value& value, std::size_t depth, Members order, std::string& out);

/// The items between `brackets`, one a line, two spaces a level.
template <class Items, class Write>
void write_lines(const Items& items, std::string_view brackets, std::size_t depth, std::string& out,
                 Write write) {
    char before = brackets.front();
    for (const auto& item : items) {
        (out += before) += '\n';
        out.append(2 * depth + 2, ' ');
        write(item);
        before = ',';
    }
    if (before == ',')
        (out += '\n').append(2 * depth, ' ');
    else
        out += before;
    out += brackets.back();
}

void write_object(const json::object& object, std::size_t depth, Members order, std::string& out) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& pair : object) members.push_back(&pair);
    if (order == Members::by_name)
        std::sort(members.begin(), members.end(),
                  [](const auto* left, const auto* right) { return left->key() < right->key(); });
    write_lines(members, "{}", depth, out, [&](const json::key_value_pair* member) {
        append_json_string(out, member->key());
        out += ": ";
        write_pretty(member->value(), depth + 1, order, out);
    });
}

void write_pretty(const json::value& value, std::size_t depth, Members order, std::string& out) {
    if (const auto* object = value.if_object()) return write_object(*object, depth, order, out);
    if (const auto* array = value.if_array())
        return write_lines(*array, "[]", depth, out,
                           [&](const json::value& item) { write_pretty(item, depth + 1, order, out); });
    if (const auto* text = value.if_string()) return append_json_string(out, *text);
    out += canonical(value);
}

/// Written member by member and item by item, without a tree of the whole: a case has thousands of runs.
class Document {
  public:
    explicit Document(const TakeText& take) : take_(take) {}

    void member(std::string_view name, const json::value& value, Members order = Members::by_name) {
        begin(name);
        write_pretty(value, 1, order, text_);
    }
    template <class Items, class Write>
    void list(std::string_view name, const Items& items, Write write) {
        begin(name);
        write_lines(items, "[]", 1, text_, [&](const auto& item) {
            write_pretty(write(item), 2, Members::by_name, text_);
            if (text_.size() >= text_piece_bytes) hand_over();
        });
    }
    void end() {
        text_ += "\n}\n";
        hand_over();
    }

  private:
    void hand_over() {
        take_(text_);
        text_.clear();
    }
    void begin(std::string_view name) {
        text_ += begun_ ? ",\n  " : "{\n  ";
        begun_ = true;
        append_json_string(text_, name);
        text_ += ": ";
    }

    const TakeText& take_;
    std::string text_;
    bool begun_ = false;
};

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
                     {"folder", run.folder()},
                     {"files", json::array(run.files().begin(), run.files().end())}};
    if (!run.pruned.empty()) out["pruned"] = json::array(run.pruned.begin(), run.pruned.end());
    return out;
}

}  // namespace

void write_case_json(const CaseState& state, const std::string& key_fingerprint, const TakeText& take) {
    Document out(take);
    out.member("case", json::value_from(state.id));
    out.member("principal", json::value_from(state.principal));
    out.member("opened_at", json::value_from(state.opened_at));
    out.member("changed_at", json::value_from(state.changed_at));
    out.member("inspect_log", json::value_from(inspect_file_name(state)));
    out.member("status", json::value_from(state.status()));
    for (const auto& pair : write_fields(state.fields))
        if (pair.key() != "status") out.member(pair.key(), pair.value());
    out.list("statuses", state.statuses, [](const auto& one) {
        return json::object{{"at", one.first}, {"status", one.second}};
    });
    out.list("grants", state.grants, [](const GrantPtr& shared) {
        const auto& grant = *shared;
        auto one = write_grant(grant);
        one["record"] = grant.record;
        return one;
    });
    out.list("entries", state.entries, [](const Entry& entry) {
        auto one = write_entry(entry);
        one["record"] = entry.n;
        one["at"] = entry.at;
        return one;
    });
    out.list("runs", state.runs, run_json);
    const auto same = [](const json::object& one) -> const json::object& { return one; };
    out.list("drafts", state.drafts, same);
    out.list("attachments", state.attachments, same);
    if (!state.closing.empty()) out.member("closing", state.closing, Members::as_they_stand);
    out.member("anchor",
               {{"records", state.count},
                {"layout", derived_layout},
                {"head", state.head},
                {"key_fingerprint", key_fingerprint}},
               Members::as_they_stand);
    out.end();
}

std::string render_case_json(const CaseState& state, const std::string& key_fingerprint) {
    std::string text;
    write_case_json(state, key_fingerprint, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace casefile::cases

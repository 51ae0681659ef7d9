#include "tools/admin/identifiers.h"

#include <algorithm>

#include "base/text.h"
#include "evidence/files.h"
#include "tools/resources/filed_names.h"

namespace casefile::tools::admin {
namespace {

constexpr std::uint64_t input_bytes_max = 1024 * 1024;
constexpr std::size_t runs_max = 500, identifiers_max = 5'000;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80) != 0;
}

class Collector {
  public:
    /// One that says something: two characters at least, and a number has three digits.
    void add(const std::string& kind, std::string_view name) {
        const auto text = std::string(trim(name));
        const bool number = text.find_first_not_of("0123456789.") == std::string::npos;
        if (text.size() < (number ? 3U : 2U) || found_.size() >= identifiers_max) return;
        auto& one = found_[lower(text)];
        if (one.name.empty()) one.placeholder = "<" + kind + "-" + std::to_string(++counts_[kind]) + ">";
        // The spelling of what is there goes before that of what was only asked for.
        if (one.name.empty() || (meets_ && !one.met)) one.name = text;
        one.met = one.met || meets_;
    }
    /// Whether what is added from here on is there, and not only asked for.
    void meets(bool there) { meets_ = there; }
    void add_value(const std::string& kind, const json::value& value) {
        if (const auto* list = value.if_array())
            for (const auto& one : *list) add_value(kind, one);
        else if (value.is_string())
            add(kind, value.get_string());
        else if (value.is_int64())
            add(kind, std::to_string(value.get_int64()));
    }
    void add_tables(std::string_view sql) {
        for (const auto& table : resources::tables_in(sql)) add("table", table);
    }
    /// "price:{id}" and "price:4711" both name "price".
    void add_key(std::string_view key) {
        add("key", key);
        for (const auto& part : split(key, ':'))
            if (part.find_first_of("{}*?[]") == std::string::npos) add("key", part);
    }
    Identifiers take() { return std::move(found_); }

  private:
    Identifiers found_;
    std::map<std::string, int> counts_;
    bool meets_ = true;
};

json::object arguments_of(Workbench& bench, const cases::CaseState& state, const cases::RunLine& run) {
    const auto file = bench.cases.store().open_file(state.id, run.run_id, run.task + ".input.json");
    if (!file) return {};
    const auto text = evidence::read_whole(file->get(), input_bytes_max);
    if (!text) return {};
    const auto document = parse_json(*text);
    if (!document || !document->is_object()) return {};
    const auto* arguments = member(document->get_object(), "arguments");
    return arguments != nullptr && arguments->is_object() ? arguments->get_object() : document->get_object();
}

void add_arguments(Collector& collector, const json::value& value, std::string_view name) {
    if (const auto* object = value.if_object()) {
        for (const auto& pair : *object) add_arguments(collector, pair.value(), pair.key());
        return;
    }
    if (name == "sql" && value.is_string()) collector.add_tables(value.get_string());
    if (name == "table") collector.add_value("table", value);
    if (name == "topic" || name == "topics") collector.add_value("topic", value);
    if (name == "group" || name == "groups") collector.add_value("group", value);
    if ((name == "match" || name == "key_template") && value.is_string())
        collector.add_key(value.get_string());
    const auto* commands = name == "commands" ? value.if_array() : nullptr;
    for (const auto& command : commands == nullptr ? json::array() : *commands)
        if (const auto* words = command.if_array();
            words != nullptr && words->size() > 1 && (*words)[1].is_string())
            collector.add_key((*words)[1].get_string());
}

void add_record(Collector& collector, const cases::CaseState& state) {
    collector.add("case", state.id);
    collector.add("person", state.principal);
    collector.add("environment", state.fields.env.value_or(""));
    collector.add("module", state.fields.entrypoint.value_or(""));
    for (const auto& pair : state.fields.entity_ids.value_or(json::object()))
        collector.add_value("id", pair.value());
    const auto framing = state.fields.framing.value_or(json::object());
    for (const auto* name : {"service", "endpoint", "alert"}) collector.add(name, string_or(framing, name));
    for (const auto& grant : state.grants) {
        collector.add("environment", grant->env);
        collector.add("person", grant->confirmed_by);
        for (const auto& [variable, endpoint] : grant->variables) {
            collector.add("variable", variable);
            // "127.0.0.1:3306/shop as reader" names an address, a schema and an account.
            const auto account = endpoint.find(" as ");
            const auto place = endpoint.substr(0, account);
            const auto slash = place.find('/');
            collector.add("endpoint", place.substr(0, slash));
            if (slash != std::string::npos) collector.add("schema", place.substr(slash + 1));
            if (account != std::string::npos) collector.add("account", endpoint.substr(account + 4));
        }
    }
    for (const auto& run : state.runs) collector.add("run", run.run_id);
    for (const auto& entry : state.entries)
        if (const auto* value = entry.value.if_object()) collector.add("person", string_or(*value, "owner"));
}

/// For each character, whether it stands in <something-1>, the brackets with it.
std::vector<bool> within_placeholders(std::string_view text) {
    std::vector<bool> within(text.size());
    auto open = std::string_view::npos;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ' || text[i] == '\n') open = std::string_view::npos;
        if (text[i] == '<' && open == std::string_view::npos) open = i;
        if (text[i] != '>' || open == std::string_view::npos) continue;
        std::fill(within.begin() + static_cast<std::ptrdiff_t>(open),
                  within.begin() + static_cast<std::ptrdiff_t>(i) + 1, true);
        open = std::string_view::npos;
    }
    return within;
}

/// Calls `found` with each place where an identifier stands as a whole word.
template <class Found>
void each_place(const std::string& text, const Identifiers& identifiers, Found found) {
    const auto low = lower(text);
    const auto within = within_placeholders(low);
    for (const auto& [name, identifier] : identifiers)
        for (auto at = low.find(name); at != std::string::npos; at = low.find(name, at + 1)) {
            const bool begins = at == 0 || !is_word(low[at - 1]) || !is_word(name.front());
            const auto end = at + name.size();
            const bool ends = end == low.size() || !is_word(low[end]) || !is_word(name.back());
            // What stands in a placeholder is one already.
            if (begins && ends && !within[at]) found(at, identifier);
        }
}

}  // namespace

Identifiers identifiers_of(Workbench& bench, const cases::CaseState& state) {
    Collector collector;
    add_record(collector, state);
    for (const auto& table : resources::filed_tables(bench, state, "")) collector.add("table", table);
    for (const auto& group : resources::filed_groups(bench, state, "")) collector.add("group", group);
    for (const auto& topic : resources::filed_topics(bench, state)) collector.add("topic", topic);
    std::size_t looked_at = 0;
    for (const auto& run : state.runs.newest_first()) {
        if (++looked_at > runs_max) break;
        collector.meets(run.outcome == "answered");
        add_arguments(collector, arguments_of(bench, state, run), "");
    }
    return collector.take();
}

std::string without_identifiers(const std::string& text, const Identifiers& identifiers) {
    // The longest first: "shop.orders" before "orders".
    struct Place {
        std::size_t at, size;
        std::string placeholder;
    };
    std::vector<Place> places;
    each_place(text, identifiers, [&](std::size_t at, const Identifier& one) {
        places.push_back({at, one.name.size(), one.placeholder});
    });
    std::sort(places.begin(), places.end(), [](const Place& one, const Place& other) {
        return one.at != other.at ? one.at < other.at : one.size > other.size;
    });
    std::string out;
    std::size_t at = 0;
    for (const auto& place : places) {
        if (place.at < at) continue;
        out += text.substr(at, place.at - at) + place.placeholder;
        at = place.at + place.size;
    }
    return out + text.substr(at);
}

std::vector<Identifier> identifiers_in(const std::string& text, const Identifiers& identifiers) {
    std::vector<Identifier> found;
    each_place(text, identifiers, [&](std::size_t, const Identifier& one) {
        // Those of one name come one after the other.
        if (found.empty() || found.back().name != one.name) found.push_back(one);
    });
    return found;
}

}  // namespace casefile::tools::admin

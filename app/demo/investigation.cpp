#include "app/demo/investigation.h"

#include <charconv>

#include "app/demo/pairing.h"
#include "base/text.h"

namespace casefile::app {
namespace {

constexpr const char* differences_file = "diff.db-cache.csv";

/// Runs that carry a claim, by what they showed.
struct Evidence {
    std::string row, cached, diff, lag, messages;
};

std::int64_t integer(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return 0;
    if (value->is_int64()) return value->get_int64();
    std::int64_t number = 0;
    if (const auto* text = value->if_string())
        std::from_chars(text->data(), text->data() + text->size(), number);
    return number;
}

const json::array& items(const json::object& object, const char* name) {
    static const json::array none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

json::array runs(std::initializer_list<std::string> ids) {
    json::array out;
    for (const auto& id : ids)
        if (!id.empty()) out.emplace_back(id);
    return out;
}

/// "17 (1042, 1077, 1101, …)"
std::string counted(const std::vector<std::string>& ids) {
    std::vector<std::string> shown(
        ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, ids.size())));
    auto text = std::to_string(ids.size());
    if (!ids.empty()) text += " (" + join(shown, ", ") + (ids.size() > shown.size() ? ", …)" : ")");
    return text;
}

class Investigation {
  public:
    Investigation(Conversation& talk, const json::object& complaint) : talk_(talk), complaint_(complaint) {}

    Result<Findings> run() {
        for (const auto step : {&Investigation::begin, &Investigation::suspect, &Investigation::look_at_one,
                                &Investigation::compare_all, &Investigation::look_at_queue,
                                &Investigation::conclude, &Investigation::write_up})
            if (auto done = (this->*step)(); !done) return done.error();
        return std::move(found_);
    }

  private:
    Result<void> begin();
    Result<void> suspect();
    Result<void> look_at_one();
    Result<void> compare_all();
    void sort_in(const json::object& slice);
    Result<void> look_at_queue();
    Result<void> conclude();
    Result<void> write_up();
    Result<void> log(json::object entry, const std::string& why);
    std::string entity() const;

    Conversation& talk_;
    const json::object& complaint_;
    Findings found_;
    Evidence evidence_;
    Pair pair_;
};

/// The entity that the complaint names, or a sample.
std::string Investigation::entity() const {
    if (const auto* ids = complaint_.if_contains("entity_ids"); ids != nullptr && ids->is_object())
        for (const auto& pair : ids->get_object())
            if (pair.value().is_string()) return std::string(pair.value().get_string());
    return pair_.sample_id;
}

Result<void> Investigation::log(json::object entry, const std::string& why) {
    auto written = talk_.ask("write_log", std::move(entry), why);
    if (!written) return written.error();
    return {};
}

Result<void> Investigation::begin() {
    auto listed = talk_.ask("list_environments", {}, "what is there? Nothing is contacted yet");
    if (!listed) return listed.error();
    const auto& environments = items(*listed, "environments");
    if (environments.empty()) return not_found("no environment was found");
    const auto env = string_or(environments.front().as_object(), "env");
    talk_.say("found " + env + "; the complaint speaks of it");

    auto intake = complaint_;
    intake["env"] = env;
    auto opened =
        talk_.ask("open_case", std::move(intake), "what a person noticed: " + string_or(complaint_, "topic"));
    if (!opened) return opened.error();
    found_.case_id = string_or(*opened, "case");
    talk_.set_case(found_.case_id);
    talk_.say("opened " + found_.case_id);

    auto confirmed = talk_.ask("confirm_environment", {{"env", env}}, "only a human can confirm " + env);
    if (!confirmed) return confirmed.error();
    auto fingerprint = talk_.ask("fingerprint", {{"env", env}}, "is this the system that is meant?");
    if (!fingerprint) return fingerprint.error();
    for (const auto& item : items(*fingerprint, "fingerprints"))
        talk_.say(string_or(item.as_object(), "source") + " at " + string_or(item.as_object(), "endpoint"));
    return {};
}

Result<void> Investigation::suspect() {
    if (auto done = log(
            {{"kind", "hypothesis"},
             {"key", "h1"},
             {"text", "The consumer that refreshes the cache stopped: rows changed, cached copies did not."}},
            "first suspicion");
        !done)
        return done;
    return log({{"kind", "hypothesis"},
                {"key", "h2"},
                {"text", "The change never reached the database, and the cache is right."}},
               "second suspicion");
}

/// Follows the one entity that the complaint names: its row, then its cached copy.
Result<void> Investigation::look_at_one() {
    auto described = talk_.ask("describe_mysql", {}, "the database first: which tables are there?");
    if (!described) return described.error();
    auto tables = read_tables(talk_);
    if (!tables) return tables.error();
    auto kinds = read_key_kinds(talk_);
    if (!kinds) return kinds.error();
    auto pair = find_pair(talk_, *tables, *kinds);
    if (!pair) return pair.error();
    if (!*pair) return not_found("no cache key could be matched with a table");
    pair_ = **std::move(pair);
    found_.table = pair_.table.name;
    found_.key_template = pair_.key_template;
    talk_.say("table " + found_.table + " stands behind the keys " + found_.key_template);

    const auto id = entity();
    auto row =
        talk_.ask("query_mysql",
                  {{"sql", "SELECT * FROM `" + pair_.table.name + "` WHERE `" + pair_.table.key + "` = ?"},
                   {"params", {id}},
                   {"task", "row"}},
                  "the row of " + id);
    if (!row) return row.error();
    evidence_.row = run_of(*row);
    for (const auto& values : items(*row, "rows")) talk_.say(shorten(json::serialize(values), 160));
    auto key = pair_.key_template;
    const auto mark = "{" + pair_.table.key + "}";
    key.replace(key.find(mark), mark.size(), id);
    auto cached = talk_.ask(
        "read_redis", {{"commands", json::array{json::array{pair_.kind.read, key}}}, {"task", "cached"}},
        "its cached copy");
    if (!cached) return cached.error();
    for (const auto& reply : items(*cached, "replies"))
        if (const auto* value = reply.as_object().if_contains("value"))
            talk_.say(shorten(json::serialize(*value), 160));
    evidence_.cached = run_of(*cached);
    return {};
}

/// Sorts the rows of the differences' file, one per field: key, field, verdict, left, right, state.
void Investigation::sort_in(const json::object& slice) {
    const auto& names = items(slice, "columns");
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(names.begin(), names.end(), json::value(name)) -
                                        names.begin());
    };
    const auto key = column("key"), verdict = column("verdict"), field = column("field");
    for (const auto& row : items(slice, "rows")) {
        const std::string id(row.at(key).as_string()), what(row.at(verdict).as_string());
        const bool whole = row.at(field).is_null() || row.at(field).as_string().empty();
        auto& list = whole && what == "missing_right"  ? found_.missing
                     : whole && what == "missing_left" ? found_.left_over
                                                       : found_.stale;
        if (list.empty() || list.back() != id) list.push_back(id);
    }
}

Result<void> Investigation::compare_all() {
    std::string columns = "`" + pair_.table.key + "`";
    json::array fields;
    for (const auto& field : pair_.fields) {
        columns += ", `" + field + "`";
        fields.emplace_back(field);
    }
    auto compared = talk_.ask("diff",
                              {{"left",
                                {{"mysql",
                                  {{"sql", "SELECT " + columns + " FROM `" + pair_.table.name +
                                               "` ORDER BY `" + pair_.table.key + "`"}}}}},
                               {"right", {{"redis", {{"key_template", pair_.key_template}}}}},
                               {"key", {pair_.table.key}},
                               {"fields", std::move(fields)},
                               {"compare", {{"left_over", true}}},
                               {"task", "db-cache"}},
                              "every row against its cached copy, and copies without a row");
    if (!compared) return compared.error();
    evidence_.diff = run_of(*compared);

    auto all = talk_.ask("read_evidence", {{"run", evidence_.diff}, {"file", differences_file}},
                         "all differences, from the evidence");
    while (all) {
        sort_in(*all);
        const auto next = integer(*all, "next_offset");
        if (next == 0) break;
        all = talk_.quietly("read_evidence",
                            {{"run", evidence_.diff}, {"file", differences_file}, {"offset", next}});
    }
    if (!all) return all.error();
    for (auto* ids : {&found_.stale, &found_.missing, &found_.left_over}) std::sort(ids->begin(), ids->end());
    talk_.say("stale copies: " + counted(found_.stale));
    talk_.say("missing copies: " + counted(found_.missing));
    talk_.say("copies without a row: " + counted(found_.left_over));
    return {};
}

Result<void> Investigation::look_at_queue() {
    auto lag = talk_.ask("kafka_lag", {{"sample_seconds", 1}, {"task", "lag"}},
                         "the queue: does a consumer group lag?");
    if (!lag) return lag.error();
    evidence_.lag = run_of(*lag);
    for (const auto& item : items(*lag, "groups")) {
        const auto& group = item.as_object();
        const auto behind = integer(group, "lag");
        talk_.say(string_or(group, "group") + ": " + string_or(group, "verdict") + ", lag " +
                  std::to_string(behind));
        if (behind <= found_.lag) continue;
        found_.group = string_or(group, "group");
        found_.verdict = string_or(group, "verdict");
        found_.lag = behind;
    }
    for (const auto& item : items(*lag, "partitions"))
        if (string_or(item.as_object(), "group") == found_.group && integer(item.as_object(), "lag") > 0)
            found_.topic = string_or(item.as_object(), "topic");
    if (found_.topic.empty()) return {};
    auto messages =
        talk_.ask("read_kafka",
                  {{"topic", found_.topic}, {"from", "earliest"}, {"key", entity()}, {"task", "messages"}},
                  "was the change of " + entity() + " sent?");
    if (!messages) return messages.error();
    evidence_.messages = run_of(*messages);
    for (const auto& item : items(*messages, "messages")) {
        const auto& message = item.as_object();
        const auto* value = message.if_contains("value");
        talk_.say("offset " + std::to_string(integer(message, "offset")) + ": " +
                  (value != nullptr && value->is_string() ? shorten(value->get_string(), 140) : "no value"));
    }
    return {};
}

Result<void> Investigation::conclude() {
    const auto cited =
        runs({evidence_.row, evidence_.cached, evidence_.diff, evidence_.lag, evidence_.messages});
    if (auto done = log(
            {{"kind", "hypothesis"},
             {"key", "h1"},
             {"state", found_.group.empty() ? "open" : "supported"},
             {"evidence", cited},
             {"text", "The consumer that refreshes the cache stopped: rows changed, cached copies did not."}},
            "the first suspicion holds");
        !done)
        return done;
    const auto what = counted(found_.stale) + " cached copies of " + found_.table + " are stale, " +
                      counted(found_.missing) + " are missing and " + counted(found_.left_over) +
                      " are left over";
    const auto why = found_.group.empty()
                         ? std::string()
                         : "; consumer group " + found_.group + " of topic " + found_.topic + " is " +
                               found_.verdict + " with a lag of " + std::to_string(found_.lag) + " messages";
    if (auto done =
            log({{"kind", "finding"}, {"key", "finding"}, {"text", what + why + "."}, {"evidence", cited}},
                "what is known, with its runs");
        !done)
        return done;
    if (auto done =
            log({{"kind", "decision"},
                 {"key", "data_correction"},
                 {"text",
                  "After the consumer runs again, refresh the stale and missing copies and remove those "
                  "without a row; the list is in the diff."},
                 {"evidence", runs({evidence_.diff})}},
                "what has to be put right");
        !done)
        return done;
    auto updated = talk_.ask("update_case",
                             {{"status", "identified"},
                              {"root_cause", found_.group.empty() ? "not established"
                                                                  : "consumer group " + found_.group +
                                                                        " stopped reading " + found_.topic},
                              {"impact", what}},
                             "root cause and impact");
    if (!updated) return updated.error();
    return {};
}

Result<void> Investigation::write_up() {
    auto verified = talk_.ask("verify_evidence", {}, "does every file agree with the signed chain?");
    if (!verified) return verified.error();
    const auto* ok = verified->if_contains("ok");
    if (ok == nullptr || !ok->is_bool() || !ok->get_bool())
        return internal("the evidence of the demo does not verify");
    found_.verified_head = string_or(*verified, "head");
    talk_.say(std::to_string(integer(*verified, "runs")) + " runs verified, head " +
              found_.verified_head.substr(0, 16) + "…");
    for (const std::string kind : {"teammate", "postmortem"}) {
        auto draft = talk_.ask("draft_postmortem", {{"kind", kind}}, "the write-up: " + kind);
        if (!draft) return draft.error();
        found_.drafts[kind] = string_or(*draft, "file");
        talk_.say("uncited: " + std::to_string(items(*draft, "uncited").size()) +
                  ", not told yet: " + std::to_string(items(*draft, "missing").size()));
    }
    return {};
}

}  // namespace

Result<Findings> investigate(Conversation& talk, const json::object& complaint) {
    return Investigation(talk, complaint).run();
}

}  // namespace casefile::app

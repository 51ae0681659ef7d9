#include "tests/support/catch.h"

#include <thread>

#include "base/ids.h"
#include "cases/inspect_log.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("a case opened with a topic alone asks for the four things that are missing") {
    CaseHome home;
    Casebook book(*home.store);

    const auto state = home.open(book, "Wrong prices");

    CHECK(is_case_id(state.id));
    CHECK(is_run_id(state.opened_run_id));
    CHECK(state.status() == "open");
    const auto questions = state.questions();
    REQUIRE(questions.size() == 4);
    CHECK(questions[0].starts_with("env:"));
    CHECK(questions[1].starts_with("entity_ids:"));
    CHECK(questions[2].starts_with("time_window:"));
    CHECK(questions[3].starts_with("symptoms:"));
}

TEST_CASE("a time that is no instant is kept, and asked about") {
    CaseHome home;
    Casebook book(*home.store);
    CaseFields fields;
    fields.topic = "Orders pile up";
    fields.time_window = TimeWindow{"yesterday afternoon", "2026-11-22T14:00:00Z", "UTC"};

    const auto state = book.open(fields, alice).value();

    CHECK(state.fields.time_window->start == "yesterday afternoon");
    const auto questions = state.questions();
    CHECK(std::ranges::count_if(questions, [](const auto& one) { return one.starts_with("time_window"); }) ==
          1);
    CHECK(std::ranges::any_of(questions, [](const auto& one) {
        return one.starts_with("time_window.start: 'yesterday afternoon' is no instant");
    }));
}

TEST_CASE("every field comes back, and what belongs there goes into each input file") {
    CaseHome home;
    Casebook book(*home.store);
    CaseFields fields;
    fields.topic = "Wrong prices";
    fields.env = "PROD";
    fields.severity = "p1_high";
    fields.entrypoint = "PriceService.update";
    fields.notes = "since noon";
    fields.entity_ids = json::object{{"product", {17, 18}}};
    fields.metadata = json::object{{"team", "shop"}};
    fields.time_window = TimeWindow{"2026-11-22T12:00:00Z", "2026-11-22T14:00:00Z", "UTC"};
    fields.symptoms = Symptoms{"new price", "old price"};
    fields.tags = std::vector<std::string>{"cache"};

    const auto id = book.open(fields, alice).value().id;
    const auto state = Casebook(*home.store).find(id, alice).value();

    CHECK(state.fields.severity == "P1");
    CHECK(state.questions().empty());
    auto expected = write_fields(fields);
    expected["severity"] = "P1";
    CHECK(canonical(write_fields(state.fields)) == canonical(expected));
    const auto context = state.context();
    CHECK(canonical(context.at("entity_ids")) == R"({"product":[17,18]})");
    CHECK(string_or(context.at("time_window").as_object(), "timezone") == "UTC");
    CHECK(string_or(context, "notes") == "since noon");
    CHECK(string_or(context.at("symptoms").as_object(), "actual") == "old price");
}

TEST_CASE("an update changes what it names; ids are added, and null takes one away") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    CaseFields first, second;
    first.entity_ids = json::object{{"product", 17}, {"user", 3}};
    first.notes = "since noon";
    second.entity_ids = json::object{{"order", 5}, {"user", nullptr}};

    book.update(id, first, alice).value();
    const auto state = book.update(id, second, alice).value();

    CHECK(canonical(*state.fields.entity_ids) == R"({"order":5,"product":17})");
    CHECK(state.fields.notes == "since noon");
    CHECK(state.topic() == "Wrong prices");
}

TEST_CASE("what cannot be taken is refused with what would be") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto update = [&](auto change) {
        CaseFields fields;
        change(fields);
        const auto result = book.update(id, fields, alice);
        return result ? std::string("taken") : result.error().message;
    };

    CHECK(update([](CaseFields& f) { f.status = "done"; }).find("investigating") != std::string::npos);
    CHECK(update([](CaseFields& f) { f.topic = " "; }).starts_with("topic:"));
    CHECK(update([](CaseFields& f) { f.topic = std::string(201, 'x'); }).starts_with("topic:"));
    CHECK(update([](CaseFields& f) { f.notes = "\xFF"; }).find("UTF-8") != std::string::npos);
    CHECK(update([](CaseFields& f) { f.notes = std::string(2'000'000, 'x'); }).find("at most") !=
          std::string::npos);
    CHECK(update([](CaseFields& f) {
              f.time_window = {"2026-11-22T14:00:00Z", "2026-11-22T12:00:00Z", "UTC"};
          }).starts_with("time_window.end:"));
    CHECK(update([](CaseFields&) {}).find("at least one field") != std::string::npos);
    CHECK(book.find(id, alice).value().count == 1);
}

TEST_CASE("a status goes forward in any step, and back only to investigating from resolved or closed") {
    struct Step {
        const char *from, *to;
        bool allowed;
    };
    const Step steps[] = {
        {"open", "investigating", true},  {"open", "closed", true},
        {"open", "open", true},           {"identified", "resolved", true},
        {"identified", "open", false},    {"mitigated", "investigating", false},
        {"resolved", "open", false},      {"resolved", "investigating", true},
        {"resolved", "mitigated", false}, {"closed", "investigating", true},
        {"closed", "resolved", false},
    };
    CaseHome home;
    Casebook book(*home.store);
    for (const auto& step : steps) {
        INFO(step.from << " to " << step.to);
        const auto id = home.open(book, "Wrong prices").id;
        book.update(id, with_status(step.from), alice).value();

        const auto result = book.update(id, with_status(step.to), alice);

        CHECK(result.has_value() == step.allowed);
        if (!step.allowed)
            CHECK(result.error().message.find(std::string("after ") + step.from) != std::string::npos);
        CHECK(book.find(id, alice).value().status() == (step.allowed ? step.to : step.from));
    }
}

TEST_CASE("a status that another process made impossible has no effect on anybody") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    book.update(id, with_status("closed"), alice).value();

    // What a slower process writes that had still seen the case open.
    home.store->journal(id).value()->append("status", {{"status", "mitigated"}}).value();

    CHECK(book.find(id, alice).value().status() == "closed");
    CHECK(Casebook(*home.store).find(id, alice).value().status() == "closed");
}

TEST_CASE("somebody else's case is answered like one that is not there") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto words = [&](const auto& result, const std::string& of) {
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().kind == ErrorKind::not_found);
        auto text = describe(result.error());
        return text.replace(text.find(of), of.size(), "?");
    };
    const std::string unknown = "INC-2026-11-22-999";

    const auto expected = words(book.find(unknown, mallory), unknown);

    CHECK(words(book.find(id, mallory), id) == expected);
    CHECK(words(book.glance(id, mallory), id) == expected);
    CHECK(words(book.update(id, with_status("closed"), mallory), id) == expected);
    CHECK(words(book.write(id, entry_of("note", "x"), mallory), id) == expected);
    CHECK(words(book.give(id, home.grant("PROD"), mallory), id) == expected);
    CHECK(words(book.grant(id, "PROD", mallory), id) == expected);
    CHECK(words(book.file_draft(id, "teammate", "x", mallory), id) == expected);
    CHECK(words(book.verify(id, mallory), id) == expected);
    CHECK(words(book.find("../../etc", mallory), "../../etc") == expected);
    CHECK(book.list(mallory, "", 10).value().empty());
    CHECK(book.list(mallory, "prices", 10).value().empty());
    CHECK(book.find(id, alice).value().count == 1);
}

TEST_CASE("that somebody else's case is broken is not told either") {
    CaseHome home;
    const auto id = [&] {
        Casebook book(*home.store);
        return home.open(book, "Wrong prices").id;
    }();
    REQUIRE(tamper(home.file(id, "chain.jsonl"), "Wrong", "wrong"));
    const auto other_store = home.open_store();
    Casebook book(*other_store);

    CHECK(book.find(id, mallory).error().kind == ErrorKind::not_found);
    CHECK(book.find(id, owner()).error().kind == ErrorKind::internal);
    CHECK(book.list(owner(), "", 10).has_value());
}

TEST_CASE("the owner of the home sees all of it, another local user only what is theirs") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    CHECK(book.find(id, owner()).has_value());
    CHECK(book.list(owner(), "", 10).value().size() == 1);
    CHECK_FALSE(book.find(id, "local:4294967294").has_value());
}

TEST_CASE("two processes on one home see each other's changes") {
    CaseHome home;
    const auto other_store = home.open_store();
    Casebook book(*home.store), other(*other_store);
    const auto id = home.open(book, "Wrong prices").id;

    other.write(id, entry_of("note", "seen by the other"), alice).value();
    book.update(id, with_status("investigating"), alice).value();
    const auto run_id = home.run(id, "query_mysql", "3 rows");

    const auto here = book.find(id, alice).value(), there = other.find(id, alice).value();
    CHECK(here.entries.size() == 1);
    CHECK(there.status() == "investigating");
    REQUIRE(there.runs.size() == 1);
    CHECK(there.runs[0].run_id == run_id);
    CHECK(there.runs[0].outcome == "answered");
    CHECK(render_case_json(here, "key") == render_case_json(there, "key"));
}

TEST_CASE("the fold is the same whichever way the records come") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto run_id = home.run(id, "query_mysql", "3 rows");
    auto entry = entry_of("finding", "stale", {run_id});
    entry.value = json::object{{"b", 1.0}, {"a", {1, "x"}}};
    book.write(id, entry, alice).value();
    book.give(id, home.grant("PROD"), alice).value();
    book.update(id, with_status("closed"), alice).value();
    book.file_draft(id, "teammate", "text", alice).value();

    CaseState folded;
    for (const auto& record : home.store->journal(id).value()->records().value()) folded.apply(record);
    const auto followed = book.find(id, alice).value();

    CHECK(render_case_json(folded, "key") == render_case_json(followed, "key"));
    CHECK(render_inspect_log(folded, "key") == render_inspect_log(followed, "key"));
    CHECK(canonical(write_fields(folded.fields)) == canonical(write_fields(followed.fields)));
    CHECK(followed.count == 7);
}

TEST_CASE("a glance holds what a data call needs and nothing that grows") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "query_mysql", "3 rows");
    book.write(id, entry_of("note", "x"), alice).value();
    book.give(id, home.grant("PROD"), alice).value();

    const auto brief = book.glance(id, alice).value();

    CHECK(brief.id == id);
    CHECK(brief.grants.size() == 1);
    CHECK(brief.topic() == "Wrong prices");
    CHECK(brief.runs.empty());
    CHECK(brief.entries.empty());
    CHECK(brief.head == book.find(id, alice).value().head);
}

TEST_CASE("an entry cites runs of its own case, by id or by number") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id, other = home.open(book, "Other").id;
    const auto run_id = home.run(id, "query_mysql", "3 rows");
    const auto foreign = home.run(other, "query_mysql", "3 rows");

    CHECK(book.write(id, entry_of("finding", "stale", {"1"}), alice).value().evidence.front() == run_id);
    CHECK(book.write(id, entry_of("finding", "stale", {run_id}), alice).value().evidence.front() == run_id);
    CHECK_FALSE(book.write(id, entry_of("finding", "stale", {foreign}), alice).has_value());
    CHECK_FALSE(book.write(id, entry_of("finding", "stale", {"2"}), alice).has_value());
}

TEST_CASE("a hypothesis gets a key and a state, and takes only known states") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    const auto written = book.write(id, entry_of("hypothesis", "the cache is stale"), alice).value();
    auto refuted = entry_of("hypothesis", "", {}, written.key);
    refuted.state = "refuted";
    auto wrong = refuted;
    wrong.state = "maybe";

    CHECK(written.key == "h2");
    CHECK(written.state == "open");
    CHECK(written.by == alice);
    CHECK(book.write(id, refuted, alice).has_value());
    CHECK_FALSE(book.write(id, wrong, alice).has_value());
    CHECK_FALSE(book.write(id, entry_of("poem", "x"), alice).has_value());
    CHECK_FALSE(book.write(id, entry_of("note", " "), alice).has_value());
}

TEST_CASE("closing is a record of its own, and a closed case can be opened again") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    book.update(id, with_status("closed"), alice).value();
    book.update(id, with_status("investigating"), alice).value();

    const auto records = home.store->journal(id).value()->records().value();
    REQUIRE(records.size() == 3);
    CHECK(records[1].kind == "closed");
    CHECK(string_or(records[1].body, "by") == alice);
    CHECK(records[2].kind == "status");
    const auto statuses = book.find(id, alice).value().statuses;
    REQUIRE(statuses.size() == 3);
    CHECK(statuses[1].second == "closed");
    CHECK(statuses[2].second == "investigating");
}

TEST_CASE("workers of two processes at once lose nothing and leave files that verify") {
    CaseHome home;
    const auto other_store = home.open_store();
    Casebook book(*home.store), other(*other_store);
    const auto id = home.open(book, "Wrong prices").id;
    constexpr int writes = 5;

    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker)
        workers.emplace_back([&, worker] {
            auto& mine = worker % 2 == 0 ? book : other;
            for (int i = 0; i < writes; ++i) {
                (void)mine.write(id, entry_of("note", "x"), alice);
                (void)mine.file_draft(id, "leader", std::to_string(worker * 100 + i), alice);
                (void)mine.refresh(id, false);
                (void)mine.list(alice, "prices", 5);
            }
        });
    for (auto& worker : workers) worker.join();

    const auto state = book.find(id, alice).value();
    CHECK(state.entries.size() == 4 * writes);
    CHECK(state.drafts.size() == 4 * writes);
    CHECK(book.verify(id, alice).value().ok);
    const auto record = parse_json(read_text(home.file(id, "case.json"))).value();
    CHECK(record.at("anchor").at("records").as_int64() == static_cast<std::int64_t>(state.count));
}

namespace {

evidence::Record record(const char* kind, json::object body) {
    evidence::Record made;
    made.kind = kind;
    made.body = std::move(body);
    return made;
}

}  // namespace

TEST_CASE("runs with the same files share their names") {
    CaseState state;
    const auto run = [&](const std::string& id, std::initializer_list<const char*> files) {
        json::array listed;
        for (const auto* file : files) listed.push_back(json::object{{"path", file}});
        state.apply(record("run", {{"run_id", id}, {"task", "prices"}}));
        state.apply(
            record("sealed", {{"run_id", id}, {"outcome", "answered"}, {"files", std::move(listed)}}));
    };
    run("20261122_140203_1a2b3c4d", {"prices.sql", "prices.log"});
    run("20261122_140204_1a2b3c4d", {"prices.sql"});
    run("20261122_140205_1a2b3c4d", {"prices.sql", "prices.log"});

    CHECK(state.runs[2].files() == RunLine::FileNames{"prices.sql", "prices.log"});
    CHECK(&state.runs[2].files() == &state.runs[0].files());
    CHECK(state.runs[1].files() == RunLine::FileNames{"prices.sql"});
    CHECK(state.runs[2].folder() == "runs/0003-prices.20261122_140205_1a2b3c4d");
}

TEST_CASE(
    "a copy of a case keeps each run as it was when it was copied, and shares those that stay the same") {
    const std::string first = "20261122_140203_1a2b3c4d", second = "20261122_140204_1a2b3c4d";
    CaseState live;
    live.apply(record("run", {{"run_id", first}, {"seq", 1}}));
    live.apply(record("run", {{"run_id", second}, {"seq", 2}}));

    const CaseState copy = live;
    live.apply(record("sealed", {{"run_id", second}, {"seq", 2}, {"outcome", "answered"}}));

    CHECK(live.run(second)->outcome == "answered");
    CHECK(copy.run(second)->outcome.empty());
    CHECK(live.run(first)->opened_at == copy.run(first)->opened_at);
}

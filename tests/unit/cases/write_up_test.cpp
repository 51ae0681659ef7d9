#include "tests/support/catch.h"

#include "base/text.h"
#include "cases/draft_writer.h"
#include "cases/inspect_log.h"
#include "cases/plan.h"
#include "cases/vocabulary.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

bool holds(const std::vector<std::string>& list, const std::string& beginning) {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.starts_with(beginning); });
}

std::string link(const CaseState& state, std::size_t run) {
    REQUIRE(run <= state.runs.size());
    return "[run " + std::to_string(run) + "](../" + state.runs[run - 1].folder() + "/prices.manifest.json)";
}

}  // namespace

TEST_CASE("a case that tells nothing yet says so, part by part") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");

    const auto teammate = write_up(state, "teammate", "key").value();
    const auto leader = write_up(state, "leader", "key").value();

    for (const auto* key : {"symptoms", "root_cause", "finding", "workaround", "eta", "data_correction"})
        CHECK(holds(teammate.missing, key));
    for (const auto* key : {"impact", "root_cause", "detection_gap", "action"})
        CHECK(holds(leader.missing, key));
    CHECK(teammate.uncited.empty());
    CHECK(teammate.text.find("## Workaround\n\n_not told yet_") != std::string::npos);
    CHECK_FALSE(write_up(state, "poem", "key").has_value());
}

TEST_CASE("what is told appears in the teammate's summary with its runs") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto run_id = home.run(id, "diff", "2 differ");
    CaseFields fields;
    fields.symptoms = Symptoms{"new price", "old price"};
    fields.root_cause = "The consumer stopped, see " + run_id;
    book.update(id, fields, alice).value();
    book.write(id, entry_of("finding", "Two cached prices are stale", {"1"}), alice).value();
    book.write(id, entry_of("note", "Reload the page", {}, "workaround"), alice).value();
    book.write(id, entry_of("decision", "Today at six", {}, "eta"), alice).value();
    book.write(id, entry_of("decision", "Delete the two keys", {"1"}, "data_correction"), alice).value();
    const auto state = book.find(id, alice).value();

    const auto draft = write_up(state, "teammate", "the-key").value();

    CHECK(draft.missing.empty());
    CHECK(draft.uncited.empty());
    for (const auto& text :
         {std::string("**Expected:** new price"), std::string("**Seen:** old price"),
          "Two cached prices are stale (" + link(state, 1) + ")", std::string("Reload the page"),
          std::string("Today at six"), "Delete the two keys (" + link(state, 1) + ")", id, state.head,
          std::to_string(state.count) + " records", std::string("the-key")}) {
        INFO(text);
        CHECK(draft.text.find(text) != std::string::npos);
    }
    // The run that the root cause names in its text stands behind it.
    CHECK(draft.text.find(markdown_text(run_id) + " (" + link(state, 1)) != std::string::npos);
    const auto manifest =
        home.file(id, "drafts") / ("../" + state.runs[0].folder() + "/prices.manifest.json");
    CHECK(std::filesystem::exists(manifest.lexically_normal()));
}

TEST_CASE("findings, root cause and impact without a run are listed") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    CaseFields fields;
    fields.root_cause = "the consumer stopped";
    fields.impact = "forty orders";
    book.update(id, fields, alice).value();
    book.write(id, entry_of("finding", "prices are stale"), alice).value();

    const auto draft = write_up(book.find(id, alice).value(), "postmortem", "key").value();

    CHECK(draft.uncited == std::vector<std::string>{"finding: prices are stale", "impact: forty orders",
                                                    "root cause: the consumer stopped"});
    // Also for who reads the document alone.
    CHECK(draft.text.find("prices are stale _(no run cited)_") != std::string::npos);
    CHECK(draft.text.find("forty orders _(no run cited)_") != std::string::npos);
}

TEST_CASE("a finding that a summary has no room for is still listed as uncited") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    for (int i = 0; i < 7; ++i)
        book.write(id, entry_of("finding", "finding " + std::to_string(i)), alice).value();

    const auto draft = write_up(book.find(id, alice).value(), "teammate", "key").value();

    CHECK(draft.uncited.size() == 7);
    CHECK(draft.text.find("finding 6") != std::string::npos);
    CHECK(draft.text.find("finding 1") == std::string::npos);
    CHECK(draft.text.find("- 2 more in the investigation log") != std::string::npos);
}

TEST_CASE("a root cause may stand on a supported hypothesis, and says so") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "kafka_lag", "stopped");
    CaseFields fields;
    fields.root_cause = "the consumer stopped";
    book.update(id, fields, alice).value();
    auto hypothesis = entry_of("hypothesis", "the consumer stopped", {"1"}, "consumer");
    book.write(id, hypothesis, alice).value();
    REQUIRE_FALSE(write_up(book.find(id, alice).value(), "leader", "key").value().uncited.empty());

    hypothesis.state = "supported";
    book.write(id, hypothesis, alice).value();
    const auto draft = write_up(book.find(id, alice).value(), "leader", "key").value();

    CHECK(draft.uncited.empty());
    CHECK(draft.text.find("the consumer stopped (hypothesis consumer supported by [run 1]") !=
          std::string::npos);
}

TEST_CASE("an action without an owner or a date is listed, and can be changed under its own key") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    auto alert = entry_of("decision", "alert on lag", {}, "action.alert");
    book.write(id, alert, alice).value();
    auto draft = write_up(book.find(id, alice).value(), "leader", "key").value();
    CHECK(holds(draft.missing, "action 'alert on lag': who"));
    CHECK(holds(draft.missing, "action 'alert on lag': by when"));

    alert.value = json::object{{"owner", "Ada"}, {"due", "2026-12-01"}};
    book.write(id, alert, alice).value();
    book.write(id, entry_of("decision", "write a test", {}, "action"), alice).value();
    draft = write_up(book.find(id, alice).value(), "leader", "key").value();

    CHECK_FALSE(holds(draft.missing, "action 'alert"));
    CHECK(holds(draft.missing, "action 'write a test': who"));
    CHECK(draft.text.find("- [ ] alert on lag (Ada, 2026-12-01)") != std::string::npos);
}

TEST_CASE("the teammate's summary stays within 250 words whatever the case holds") {
    CaseHome home;
    Casebook book(*home.store);
    std::string long_text;
    for (int i = 0; i < 400; ++i) long_text += "word" + std::to_string(i) + " ";
    CaseFields fields;
    fields.topic = long_text.substr(0, 190);
    fields.symptoms = Symptoms{long_text, long_text};
    fields.root_cause = long_text;
    const auto id = book.open(fields, alice).value().id;
    std::vector<std::string> runs;
    for (int i = 0; i < 4; ++i) runs.push_back(home.run(id, "diff", "differs"));
    for (const auto* key : {"root_cause", "workaround", "eta", "data_correction"})
        book.write(id, entry_of("note", long_text, runs, key), alice).value();
    for (int i = 0; i < 6; ++i)
        book.write(id, entry_of("finding", std::to_string(i) + " " + long_text, runs), alice).value();
    for (const auto* env : {"PROD", "EU", "US", "DEV", "TEST", "QA"})
        book.give(id, home.grant(env), alice).value();
    auto by_operator = home.grant("STAGING");
    by_operator.how = "operator flag";
    book.give(id, by_operator, alice).value();

    const auto draft = write_up(book.find(id, alice).value(), "teammate", std::string(64, 'a')).value();

    CHECK(words_in(draft.text) <= 250);
    CHECK(draft.text.find("## Data correction plan") != std::string::npos);
    CHECK(draft.text.find("STAGING (operator flag), PROD (form), EU (form) and 4 more") != std::string::npos);
    CHECK(draft.text.find(" more in the investigation log") != std::string::npos);
}

TEST_CASE("the postmortem has every part in order, and the duration") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "diff", "2 differ");
    home.clock.advance(std::chrono::minutes(65));
    book.update(id, with_status("resolved"), alice).value();

    const auto text = write_up(book.find(id, alice).value(), "postmortem", "key").value().text;

    std::size_t at = 0;
    for (const auto* part :
         {"# Postmortem: Wrong prices", "**Date:**", "**Incident:**", "**Severity:**",
          "**Duration:** 1 h 5 min", "**MTTR:** 1 h 5 min", "## What happened", "## Impact", "## Root cause",
          "## Timeline", "## What went well", "## What went wrong", "## Action items", "## Lessons",
          "## Evidence", "2 differ"}) {
        INFO(part);
        const auto found = text.find(part, at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
}

TEST_CASE("a confirmation by the operator's flag shows in every write-up") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    auto grant = home.grant("STAGING");
    grant.how = "operator flag";
    book.give(id, grant, alice).value();

    for (const auto* kind : {"teammate", "leader", "postmortem", "report"})
        CHECK(write_up(book.find(id, alice).value(), kind, "key")
                  .value()
                  .text.find("STAGING (operator flag)") != std::string::npos);
}

TEST_CASE("the timeline orders instants over several zones") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;  // 14:00 UTC
    const auto add = [&](const std::string& at, const std::string& text) {
        auto entry = entry_of("event", text);
        entry.happened_at = at;
        entry.source = "alerts";
        return book.write(id, entry, alice);
    };
    add("2026-11-22T14:30:00+01:00", "price update").value();     // 13:30 UTC
    add("2026-11-22T09:45:00-04:00", "first complaint").value();  // 13:45 UTC
    home.clock.advance(std::chrono::minutes(5));
    home.run(id, "diff", "2 differ");

    const auto state = book.find(id, alice).value();
    const Timeline events(state);

    std::vector<std::string> texts;
    for (const auto& event : events) texts.push_back(event.text);
    CHECK(texts == std::vector<std::string>{"price update", "first complaint", "status open",
                                            "diff PROD answered: 2 differ"});
    CHECK(events[0].at == "2026-11-22T14:30:00+01:00");
    CHECK(events[0].source == "alerts");
    CHECK(events[3].evidence.size() == 1);
    CHECK_FALSE(add("yesterday", "x").has_value());
}

TEST_CASE("an event of the timeline says what happened, and not under which key it was kept") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    book.write(id, entry_of("hypothesis", "the consumer stopped", {}, "h1"), alice).value();
    auto supported = entry_of("hypothesis", "", {}, "h1");
    supported.state = "supported";
    book.write(id, supported, alice).value();
    book.write(id, entry_of("handoff", "watch the lag", {}, "handoff.devops"), alice).value();
    const auto state = book.find(id, alice).value();

    std::vector<std::string> texts;
    for (const auto& event : Timeline(state)) texts.push_back(event.text);

    CHECK(texts == std::vector<std::string>{"status open", "hypothesis h1 open: the consumer stopped",
                                            "hypothesis h1 supported: the consumer stopped",
                                            "handed over to devops: watch the lag"});
    CHECK(write_up(state, "postmortem", "key")
              .value()
              .text.find("- 2026-11-22 14:00:00 UTC: handed over to devops: watch the lag") !=
          std::string::npos);
}

TEST_CASE("the plan is ticked by what was done") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto done = [&] {
        std::string marks;
        for (const auto& step : plan_of(book.find(id, alice).value())) marks += step.done ? 'x' : ' ';
        return marks;
    };
    CHECK(done() == "         ");

    book.give(id, home.grant("PROD"), alice).value();
    home.run(id, "confirm_environment", "confirmed");
    home.run(id, "query_mysql", "3 rows");
    home.run(id, "diff", "2 differ");
    book.write(id, entry_of("finding", "without a run"), alice).value();
    CHECK(done() == "xxx  x   ");

    book.write(id, entry_of("finding", "stale", {"2"}), alice).value();
    book.file_draft(id, "teammate", "x", alice).value();
    book.file_draft(id, "postmortem", "x", alice).value();
    CHECK(done() == "xxx  xxxx");
    const auto state = book.find(id, alice).value();
    CHECK(read_text(home.file(id, inspect_file_name(state)))
              .find("- [x] Compare with a diff ([run 3](runs/0003-prices.") != std::string::npos);
}

TEST_CASE("hypotheses stand as they were written last, with all their runs") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "query_mysql", "3 rows");
    home.run(id, "diff", "2 differ");
    book.write(id, entry_of("hypothesis", "the cache is stale", {"1"}, "cache"), alice).value();
    book.write(id, entry_of("hypothesis", "the row is wrong", {}, "row"), alice).value();
    auto supported = entry_of("hypothesis", "", {"2"}, "cache");
    supported.state = "supported";
    book.write(id, supported, alice).value();

    const auto board = hypotheses(book.find(id, alice).value());

    REQUIRE(board.size() == 2);
    CHECK(board[0].text == "the cache is stale");
    CHECK(board[0].state == "supported");
    CHECK(board[0].evidence.size() == 2);
    CHECK(board[1].state == "open");
}

TEST_CASE("once the cause is known, the case asks for what the write-ups need") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    CHECK_FALSE(holds(book.find(id, alice).value().questions(), "workaround"));

    const auto asked = book.update(id, with_status("identified"), alice).value().questions();
    for (const auto& known : known_keys()) CHECK(holds(asked, std::string(known.key) + ":") == known.asked);

    book.write(id, entry_of("note", "reload the page", {}, "workaround"), alice).value();
    CHECK_FALSE(holds(book.find(id, alice).value().questions(), "workaround"));
}

TEST_CASE("a verdict on a hypothesis that no run carries is marked and listed") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    auto hypothesis = entry_of("hypothesis", "the consumer stopped", {}, "h1");
    book.write(id, hypothesis, alice).value();
    CHECK(write_up(book.find(id, alice).value(), "postmortem", "key").value().uncited.empty());

    hypothesis.state = "supported";
    book.write(id, hypothesis, alice).value();
    const auto bare = write_up(book.find(id, alice).value(), "postmortem", "key").value();
    CHECK(bare.uncited == std::vector<std::string>{"hypothesis h1 supported: the consumer stopped"});
    const auto mark = bare.text.find("_(no run cited)_");
    CHECK(mark > bare.text.find("hypothesis h1 supported"));
    CHECK(bare.text.find("_(no run cited)_", mark + 1) == std::string::npos);

    home.run(id, "kafka_lag", "stopped");
    hypothesis.evidence = {"1"};
    book.write(id, hypothesis, alice).value();
    const auto carried = write_up(book.find(id, alice).value(), "postmortem", "key").value();
    CHECK(carried.uncited.empty());
    CHECK_THAT(carried.text, !Catch::Contains("_(no run cited)_"));
}

TEST_CASE("of many runs a write-up lists those that are cited, and counts the others") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    for (int i = 0; i < 201; ++i) home.run(id, "query_mysql", "read " + std::to_string(i));
    book.write(id, entry_of("finding", "prices are stale", {"7", "9"}), alice).value();

    const auto text = write_up(book.find(id, alice).value(), "postmortem", "key").value().text;

    CHECK_THAT(text, Catch::Contains("| read 6 |") && Catch::Contains("| read 8 |") &&
                         !Catch::Contains("| read 7 |"));
    CHECK_THAT(text, Catch::Contains("nothing here cites them: 199 answered."));
}

#include <sys/wait.h>

#include <array>
#include <csignal>

#include "tests/support/catch.h"

#include "base/text.h"
#include "cases/derived.h"
#include "cases/inspect_log.h"
#include "evidence/prune.h"
#include "evidence/writers.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

std::optional<evidence::Break> check(CaseHome& home, const std::string& id) {
    return check_derived(home.store->case_folder(id), home.store->journal(id).value()->records().value());
}

}  // namespace

TEST_CASE(
    "case.json and the inspect log are there after every change, private, and are what the journal gives") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");
    const auto log = home.file(state.id, inspect_file_name(state));

    for (const auto& file : {home.file(state.id, "case.json"), log}) {
        struct stat info {};
        REQUIRE(::stat(file.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0600);
    }
    CHECK(log.filename() == "wrong-prices." + state.opened_run_id + ".inspect.md");
    book.write(state.id, entry_of("finding", "the cache kept the old price"), alice).value();
    CHECK(read_text(log).find("the cache kept the old price") != std::string::npos);
    CHECK(read_text(log).find(home.store->key().fingerprint()) != std::string::npos);
    CHECK_FALSE(check(home, state.id).has_value());
}

TEST_CASE("the log keeps its name when the topic changes") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");
    CaseFields changes;
    changes.topic = "Stale cache";

    const auto changed = book.update(state.id, changes, alice).value();

    CHECK(inspect_file_name(changed) == inspect_file_name(state));
    CHECK(read_text(home.file(state.id, inspect_file_name(state))).starts_with("# Stale cache"));
    CHECK_FALSE(check(home, state.id).has_value());
}

TEST_CASE("a flipped byte anywhere in the derived files is found") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");
    home.run(state.id, "query_mysql", "3 rows");
    book.write(state.id, entry_of("note", "x"), alice).value();

    for (const auto& name : {std::string("case.json"), inspect_file_name(state)}) {
        const auto file = home.file(state.id, name);
        const auto good = read_text(file);
        for (std::size_t at = 0; at < good.size(); at += 29) {
            auto bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            write_text(file, bad);
            const auto found = check(home, state.id);
            INFO(name << " byte " << at);
            REQUIRE(found.has_value());
            CHECK(found->where == name);
        }
        write_text(file, good.substr(0, good.size() - 1));
        CHECK(check(home, state.id).has_value());
        write_text(file, good);
    }
    CHECK_FALSE(check(home, state.id).has_value());
}

TEST_CASE("derived files that are behind the journal, or not there, are no break") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");

    home.run(state.id, "query_mysql", "3 rows");
    CHECK_FALSE(check(home, state.id).has_value());
    std::filesystem::remove(home.file(state.id, "case.json"));
    CHECK_FALSE(check(home, state.id).has_value());
}

TEST_CASE("a case that goes on while it is verified is no break") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto read_before = home.store->journal(id).value()->records().value();

    book.write(id, entry_of("note", "x"), alice).value();

    CHECK_FALSE(check_derived(home.store->case_folder(id), read_before).has_value());
}

TEST_CASE("a second inspect log is no log of this case") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    write_text(home.file(id, "other.20261122_140000_00000000.inspect.md"), "# other\n");

    const auto found = check(home, id);
    REQUIRE(found.has_value());
    CHECK(found->kind == "file added");
}

TEST_CASE("a busy case is rewritten at most once a second, and never stays behind") {
    CaseHome home;
    std::string id, log;
    const auto count_in = [&] {
        const auto text = read_text(home.file(id, log));
        return text.substr(text.rfind("Records: ") + 9, 1);
    };
    {
        Casebook book(*home.store);
        const auto state = home.open(book, "Wrong prices");
        id = state.id;
        log = inspect_file_name(state);
        REQUIRE(count_in() == "1");

        home.run(id, "query_mysql", "3 rows");
        book.refresh(id, false).value();
        CHECK(count_in() == "1");

        // Reading the case makes up for it once the time has come.
        home.clock.advance(std::chrono::minutes(1));
        book.find(id, alice).value();
        CHECK(count_in() == "3");

        home.run(id, "query_mysql", "3 rows");
        book.refresh(id, false).value();
        CHECK(count_in() == "3");
        book.refresh(id, true).value();
        CHECK(count_in() == "5");

        home.run(id, "query_mysql", "3 rows");
        book.refresh(id, false).value();
        CHECK(count_in() == "5");
    }
    CHECK(count_in() == "7");
}

TEST_CASE("the whole case verifies, and a flipped byte in its record does not") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    home.run(id, "query_mysql", "3 rows");
    book.write(id, entry_of("note", "x"), alice).value();
    book.file_draft(id, "teammate", "text", alice).value();

    const auto good = book.verify(id, alice).value();
    INFO((good.first_break
              ? good.first_break->kind + " " + good.first_break->where + " " + good.first_break->what
              : ""));
    CHECK(good.ok);
    CHECK(good.runs == 1);

    REQUIRE(tamper(home.file(id, "case.json"), "Wrong", "wrong"));
    const auto bad = book.verify(id, alice).value();
    CHECK_FALSE(bad.ok);
    REQUIRE(bad.first_break.has_value());
    CHECK(bad.first_break->where == "case.json");
}

TEST_CASE(
    "the log and case.json tell what was interrupted, what was destroyed, and how the case was closed") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");
    home.run(state.id, "query_mysql", "3 rows");
    auto& journal = *home.store->journal(state.id).value();
    {
        evidence::Opening opening;
        opening.tool = "read_redis";
        opening.task = "lost";
        opening.script = {"redis", "GET a"};
        const auto lost = home.store->begin(state.id, std::move(opening)).value();
    }
    evidence::mark_interrupted(journal).value();
    const auto log = [&] {
        book.refresh(state.id, true).value();
        return read_text(home.file(state.id, inspect_file_name(state)));
    };
    CHECK(log().find("| read\\_redis |  | interrupted |") != std::string::npos);
    CHECK(log().find("- Closed:") == std::string::npos);

    const auto later = rfc3339(home.clock.now() + std::chrono::hours(1));
    evidence::prune(journal, evidence::plan_pruning(journal, later).value(), "local:1000", "old").value();
    CHECK(log().find("prices.csv (pruned)") != std::string::npos);
    CaseFields changes;
    changes.status = "closed";
    book.update(state.id, changes, alice).value();
    const auto found = book.verify(state.id, alice).value();
    REQUIRE(found.ok);
    REQUIRE(found.closed);
    CHECK(log().find("- Closed: record 7, over 6 records, root `" + found.closed->root + "`") !=
          std::string::npos);
    const auto text = read_text(home.file(state.id, "case.json"));
    CHECK(text.find(found.closed->root) != std::string::npos);
    CHECK(text.find(R"("outcome": "interrupted")") != std::string::npos);
    CHECK(text.find(R"("pruned": [)") != std::string::npos);
    CHECK_FALSE(check(home, state.id).has_value());
}

TEST_CASE("both verifiers find a changed byte of a derived file, and one of another case or key") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = home.open(book, "Wrong prices");
    home.run(state.id, "query_mysql", "3 rows");
    const auto before = read_text(home.file(state.id, "case.json"));
    book.write(state.id, entry_of("note", "x"), alice).value();
    const auto folder = home.store->case_folder(state.id);
    const auto other = home.open(book, "Wrong prices").id;
    const auto opinion = [&] { return second_opinion(folder); };
    REQUIRE(opinion() == "ok");

    for (const auto& name : {std::string("case.json"), inspect_file_name(state)}) {
        const auto file = home.file(state.id, name);
        const auto good = read_text(file);
        const auto is_found = [&](const std::string& bad) {
            write_text(file, bad);
            const auto found = check(home, state.id);
            REQUIRE(found.has_value());
            CHECK(found->where == name);
            CHECK(opinion() == "file altered: " + name);
        };
        for (const auto at : {std::size_t{3}, good.size() / 3, good.size() - 170, good.size() - 30}) {
            auto bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            INFO(name << " byte " << at);
            is_found(bad);
        }
        is_found(good + "\n");
        is_found("");
        // Signed by another key; and taken from another case.
        const auto mine = evidence::SigningKey::load_or_make(home.folder.path()).value();
        is_found(name == "case.json" ? signed_case_json(state, mine) : signed_inspect_log(state, mine));
        is_found(read_text(name == "case.json"
                               ? home.file(other, name)
                               : home.file(other, inspect_file_name(book.find(other, alice).value()))));
        write_text(file, good);
    }
    std::filesystem::rename(home.file(state.id, inspect_file_name(state)), folder / "other.inspect.md");
    CHECK(check(home, state.id)->kind == "file added");
    CHECK(opinion() == "file added: other.inspect.md");
    std::filesystem::remove(folder / "other.inspect.md");
    write_text(home.file(state.id, "case.json"), before);  // an earlier one is no break
    CHECK(opinion() == "ok");
}

TEST_CASE("files of an older layout are taken as they are, but not in a case that never had one") {
    CaseHome home;
    Casebook book(*home.store);
    const auto text_of = [&](const std::string& id) {
        return render_case_json(book.find(id, alice).value(), home.store->key().fingerprint());
    };
    const auto replace = [](std::string text, const std::string& from, const std::string& to) {
        const auto at = text.rfind(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    const auto now = "\"layout\": " + std::to_string(derived_layout);
    const auto id = home.store->make_case({{"topic", "Old prices"}, {"principal", alice}}).value();
    REQUIRE(book.refresh(id, true));
    CHECK_FALSE(check(home, id));
    const auto found_in = [&](const std::string& text) {
        write_text(home.file(id, "case.json"), text);
        return check(home, id);
    };

    const auto second = replace(text_of(id), now, "\"layout\": 2");
    CHECK(found_in(replace(second, "\"layout\": 2", "\"layout\": 1"))->kind == "file altered");
    CHECK_THAT(
        found_in(replace(second, "\"layout\": 2", "\"layout\": " + std::to_string(derived_layout + 1)))->what,
        Catch::Contains("of a newer casefile"));
    CHECK(found_in(replace(second, "\"layout\": 2", "\"layout\": 3"))->kind == "file altered");  // not signed

    const auto first = replace(second, "    \"layout\": 2,\n", "");
    for (const auto& older : {second, first}) {
        CHECK_FALSE(found_in(replace(older, "Old prices", "Odd prices")));
        const auto told = book.verify(id, alice).value();
        CHECK(told.ok);
        CHECK_THAT(join(told.not_proved, "\n"), Catch::Contains("case.json: written by an older casefile"));
    }

    const auto fresh = home.open(book, "Wrong prices").id;
    write_text(home.file(fresh, "case.json"), replace(text_of(fresh), now, "\"layout\": 2"));
    const auto only = std::to_string(derived_layout) + ".." + std::to_string(derived_layout);
    CHECK_THAT(check(home, fresh)->what, Catch::Contains("expected a layout of " + only + ", got 2"));
    CHECK(second_opinion(home.store->case_folder(fresh)) == "file altered: case.json");
}

TEST_CASE("a start brings the files up of a case whose process was killed", "[forks]") {
    CaseHome home;
    std::string id;
    {
        Casebook book(*home.store);
        id = home.open(book, "Wrong prices").id;
    }
    std::array<int, 2> opened{};
    REQUIRE(::pipe(opened.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto store = home.open_store();
        evidence::Opening opening;
        opening.tool = "query_mysql";
        opening.task = "prices";
        opening.script = {"sql", "SELECT 1"};
        const auto run = store->begin(id, std::move(opening)).value();
        if (::write(opened[1], "x", 1) != 1) ::_exit(1);
        for (;;) ::pause();
    }
    char byte = 0;
    REQUIRE(::read(opened[0], &byte, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (const int end : opened) ::close(end);
    {
        const auto store = home.open_store();
        const Casebook book(*store);
    }
    CHECK_THAT(read_text(home.file(id, "case.json")), Catch::Contains(R"("outcome": "interrupted")"));
    CHECK_FALSE(check(home, id));
}

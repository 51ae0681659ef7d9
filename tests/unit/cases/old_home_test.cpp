// The search index: what it finds, that it is made again to the same, and a home of an earlier version.

#include "base/text.h"
#include "cases/index_texts.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;
namespace fs = std::filesystem;

namespace {

/// A home as casefile left it when its index had one text for each case. tests/unit/cases/old_home is never
/// written to.
struct OldHome {
    TemporaryFolder folder;
    ManualClock clock;
    fs::path home = folder.path() / "home";
    std::unique_ptr<evidence::Store> store;

    OldHome() {
        fs::copy(fs::path(CASEFILE_SOURCE_DIR) / "tests/unit/cases/old_home", home,
                 fs::copy_options::recursive);
        fs::permissions(home / "key.pem", fs::perms::owner_read | fs::perms::owner_write);
        store = evidence::Store::open(home, clock).value();
    }
};

std::vector<std::string> hits_of(Casebook& book, const std::string& search,
                                 const std::string& principal = alice) {
    const auto list = book.list(principal, search, 10).value();
    return list.size() == 1 ? list[0].hits : std::vector<std::string>{std::to_string(list.size()) + " cases"};
}

}  // namespace

TEST_CASE("an older home is taken over: its cases verify, its index is made anew, and it goes on") {
    OldHome old;
    const std::string opener = "local:0", id = "INC-2026-11-28-001";
    Casebook book(*old.store);

    CHECK(book.list(opener, "tombstone consumer", 10).value().size() == 1);
    // In the output of a run, where the old index did not look.
    CHECK_FALSE(hits_of(book, "zebra", opener).empty());
    CHECK(book.list(opener, "", 10).value().size() == 2);
    CHECK(book.find(id, opener).value().runs.size() == 2);
    for (const auto* name : {"INC-2026-11-28-001", "INC-2026-11-28-002", "_unfiled"}) {
        INFO(name);
        CHECK(
            evidence::verify_case(old.home / "cases" / name, old.store->key().fingerprint(),
                                  std::string(name) == "_unfiled" ? evidence::CheckDerived() : check_derived)
                .value()
                .ok);
    }
    REQUIRE(book.write(id, entry_of("finding", "a walrus came later"), opener));
    CHECK(hits_of(book, "walrus", opener) == std::vector<std::string>{"finding: a walrus came later"});
    CHECK(book.verify(id, opener).value().ok);
}

TEST_CASE("a search finds fields, entries, scripts, logs, outputs and documents, and tells the runs") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    evidence::Opening opening;
    opening.tool = "query_mysql";
    opening.task = "prices";
    opening.principal = alice;
    opening.script = {"sql", "SELECT price FROM warehouse WHERE owner = 'Ada Secret' AND id = 4711"};
    auto run = home.store->begin(id, std::move(opening)).value();
    run.log("the giraffe was slow");
    run.write_output("db_rows.prices.csv", "data", "csv", "animal\nokapi\n").value();
    const auto run_id = run.id();
    run.seal(evidence::Outcome::answered, {{"summary", "one ibex"}}).value();
    book.write(id, entry_of("finding", "a tombstone was skipped", {run_id}), alice).value();
    book.attach(id, {"", "expected.csv", {}}, evidence::bytes_from("animal\nquagga\n"), alice).value();

    CHECK(hits_of(book, "Wrong")[0].starts_with("case: "));
    CHECK(hits_of(book, "tombstone") ==
          std::vector<std::string>{"finding " + run_id + ": a tombstone was skipped"});
    CHECK(hits_of(book, "warehouse")[0].starts_with("script " + run_id));
    CHECK(hits_of(book, "giraffe")[0].starts_with("log " + run_id));
    CHECK(hits_of(book, "okapi")[0].starts_with("output " + run_id));
    CHECK(hits_of(book, "ibex")[0].starts_with("run " + run_id));
    CHECK(hits_of(book, "quagga")[0].starts_with("attachment: "));
    // Each word somewhere in the case, though no text has them all.
    CHECK(hits_of(book, "giraffe okapi").size() == 2);
    for (const auto* literal : {"Secret", "Ada", "4711"}) {
        INFO(literal);
        CHECK(book.list(alice, literal, 10).value().empty());
    }
    CHECK(book.list(mallory, "okapi", 10).value().empty());
}

TEST_CASE("an index that is made again, or deleted, holds the same as the one that grew") {
    CaseHome home;
    Casebook book(*home.store);
    for (const auto* topic : {"Wrong prices", "Late mails"}) {
        const auto id = home.open(book, topic).id;
        const auto run = home.run(id, "query_mysql", std::string("rows of ") + topic);
        book.write(id, entry_of("hypothesis", "it was the cache", {run}, "h1"), alice).value();
        book.write(id, entry_of("hypothesis", "it was the queue", {run}, "h1"), alice).value();
        book.update(id, with_status("identified"), alice).value();
        book.attach(id, {"", "a.csv", {}}, evidence::bytes_from("a\n1\n"), alice).value();
        home.clock.advance(std::chrono::minutes(1));
    }
    book.list(alice, "", 10).value();
    const auto grown = book.dump_index();
    REQUIRE(grown.find("it was the queue") != std::string::npos);

    CHECK(book.reindex().value().cases == 2);
    CHECK(book.dump_index() == grown);
    for (const auto* ending : {"", "-wal", "-shm"})
        fs::remove(home.store->home() / (std::string("index.sqlite") + ending));
    const auto other_store = home.open_store();
    Casebook other(*other_store);
    other.list(alice, "", 10).value();
    CHECK(other.dump_index() == grown);
}

TEST_CASE("a script goes into the index without its values, and with the names in it") {
    struct Row {
        ScriptKind kind;
        std::string script, words;
    };
    const std::vector<Row> table = {
        {ScriptKind::sql, "SELECT a FROM t WHERE n = 'O''Brien' AND k = 17", "SELECT a FROM t WHERE n AND k"},
        {ScriptKind::sql, "SELECT `id2` FROM orders_v2 t1", "SELECT id2 FROM orders_v2 t1"},
        {ScriptKind::sql, "WHERE a = 0xFF AND b = x'4f50' AND c = 1e5", "WHERE a AND b AND c"},
        {ScriptKind::sql, "WHERE x = 'never closed", "WHERE x"},
        {ScriptKind::redis, "GET user:4711:name", "GET user name"},
        {ScriptKind::redis, "GET session:ab12cd34", "GET session"},
        {ScriptKind::redis, "t1 0xFF abc", "abc"},
        {ScriptKind::json, R"({"key":"a \" quote","n":5})", "key n"},
        {ScriptKind::json, R"({"groups":["billing-2"],"topic":"orders","key":"ada@example.com"})",
         "groups billing-2 topic orders key"},
        {ScriptKind::json, R"({"left":{"mysql":{"sql":"SELECT p FROM t WHERE o = 'Ada' AND i = 4711"}}})",
         "left mysql sql SELECT p FROM t WHERE o AND i"},
        {ScriptKind::json, R"({"right":{"redis":{"key_template":"price:{id}:v2"}}})",
         "right redis key_template price id"},
        {ScriptKind::json, R"({"topic":"cut off)", ""},
    };
    for (const auto& [kind, script, words] : table) {
        INFO(script);
        CHECK(without_literals(script, kind) == words);
    }
}

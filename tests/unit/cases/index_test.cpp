#include "tests/support/catch.h"

#include "cases/followed_case.h"
#include "cases/index.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

std::vector<std::string> ids_of(Casebook& book, const std::string& search,
                                const std::string& principal = alice) {
    std::vector<std::string> ids;
    for (const auto& one : book.list(principal, search, 10).value()) ids.push_back(one.id);
    return ids;
}

HashAt hashes_of(CaseHome& home, const std::string& id) {
    return [&home, id](std::uint64_t n) { return home.store->journal(id).value()->hash_of(n).value(); };
}

}  // namespace

TEST_CASE("the list is newest first and tells how each case stands") {
    CaseHome home;
    Casebook book(*home.store);
    const auto first = home.open(book, "Wrong prices").id;
    home.clock.advance(std::chrono::minutes(1));
    const auto second = home.open(book, "Late mails").id;
    home.run(first, "query_mysql", "3 rows");
    book.update(first, with_status("identified"), alice).value();

    const auto list = book.list(alice, "", 10).value();

    REQUIRE(list.size() == 2);
    CHECK(list[0].id == second);
    CHECK(list[1].id == first);
    CHECK(list[1].topic == "Wrong prices");
    CHECK(list[1].status == "identified");
    CHECK(list[1].runs == 1);
    CHECK(list[1].changed_at == rfc3339(home.clock.now()));
    CHECK(book.list(alice, "", 1).value().size() == 1);
}

TEST_CASE("a search finds the words of findings, of other processes too") {
    CaseHome home;
    const auto other_store = home.open_store();
    Casebook book(*home.store), other(*other_store);
    const auto id = home.open(book, "Wrong prices").id;
    home.open(book, "Late mails");
    REQUIRE(ids_of(book, "tombstone").empty());

    other.write(id, entry_of("finding", "a tombstone was skipped by the consumer"), alice).value();

    CHECK(ids_of(book, "tombstone") == std::vector<std::string>{id});
    CHECK(ids_of(book, "Consumer SKIPPED") == std::vector<std::string>{id});
    CHECK(ids_of(book, "tomb") == std::vector<std::string>{id});
    CHECK(ids_of(book, "tombstone mails").empty());
    CHECK(ids_of(book, id).front() == id);
    // A run that nobody has refreshed for yet.
    home.run(id, "diff", "seven zebras differ");
    CHECK(ids_of(book, "zebras") == std::vector<std::string>{id});
}

TEST_CASE("a search is words, never a query") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong \"prices\" NOT fixed").id;

    for (const auto* search :
         {"\"prices", "prices\"", "prices*", "(prices", "prices)", "topic:prices", "^prices", "prices -- ",
          "prices; DROP TABLE cases", "{prices}", "prices NOT", "NEAR(prices"}) {
        INFO(search);
        CHECK(book.list(alice, search, 10).has_value());
    }
    CHECK(ids_of(book, "prices NOT fixed") == std::vector<std::string>{id});
    CHECK(ids_of(book, "prices\"") == std::vector<std::string>{id});
    CHECK(ids_of(book, "\"*\"").empty());
    CHECK(book.list(alice, "—", 10).has_value());
    CHECK(search_words("a\"b OR c*") == std::vector<std::string>{"\"a\"*", "\"b\"*", "\"OR\"*", "\"c\"*"});
    CHECK(ids_of(book, "") == std::vector<std::string>{id});
}

TEST_CASE("an index that is gone, damaged or of another version is made again from the journals") {
    CaseHome home;
    auto book = std::make_unique<Casebook>(*home.store);
    const auto id = home.open(*book, "Wrong prices").id;
    book->write(id, entry_of("finding", "a tombstone was skipped"), alice).value();
    const auto file = home.store->home() / "index.sqlite";
    REQUIRE(ids_of(*book, "tombstone").size() == 1);
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    // The last one to close the database leaves everything in the main file.
    const auto reopen_with = [&](const auto& change) {
        book.reset();
        auto text = read_text(file);
        REQUIRE(text.size() > 4'096);
        change(text);
        write_text(file, text);
        book = std::make_unique<Casebook>(*home.store);
    };

    SECTION("deleted under a running process") {
        for (const auto* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
        CHECK(ids_of(*book, "tombstone").size() == 1);
        CHECK(std::filesystem::exists(file));
    }
    SECTION("not a database") {
        reopen_with([](std::string& text) { text.assign(8'192, 'x'); });
        CHECK(ids_of(*book, "tombstone").size() == 1);
        CHECK(read_text(file).starts_with("SQLite format 3"));
    }
    SECTION("damaged inside") {
        reopen_with([](std::string& text) { std::fill(text.begin() + 4'096, text.end(), '\x7F'); });
        CHECK(ids_of(*book, "tombstone").size() == 1);
        CHECK(ids_of(*book, "").size() == 1);
    }
    SECTION("of an older version") {
        reopen_with([](std::string& text) { text[63] = 0; });  // user_version stands big-endian at offset 60
        CHECK(ids_of(*book, "tombstone").size() == 1);
    }
}

TEST_CASE("an index that grew with its case holds what one holds that is made at once") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    Index grown(home.folder.path() / "grown.sqlite");
    auto bytes = [&] { return std::filesystem::file_size(home.file(id, "chain.jsonl")); };
    const auto hash = hashes_of(home, id);
    const auto grow = [&] {
        grown.put(book.find(id, alice).value(), bytes(), home.store->case_folder(id), hash);
    };
    const auto at_once = [&] {
        Index fresh(home.folder.path() / ("fresh" + std::to_string(bytes()) + ".sqlite"));
        fresh.put(book.find(id, alice).value(), bytes(), home.store->case_folder(id), hash);
        return fresh.dump();
    };
    const auto begin = [&] { return home.open_run(id, "slow", "SELECT walrus FROM zoo"); };
    home.run(id, "query_mysql", "3 rows");
    grow();
    // Two that overlap: the later one is sealed first.
    auto slow = begin(), quick = begin();
    book.write(id, entry_of("finding", "a tombstone was skipped"), alice).value();
    grow();
    quick.seal(evidence::Outcome::answered, {{"summary", "quick"}}).value();
    grow();
    CHECK(grown.dump() == at_once());

    SECTION("sealed and settled") {
        slow.seal(evidence::Outcome::refused, {{"summary", "slow"}}).value();
        book.update(id, with_status("identified"), alice).value();
        grow();
        home.run(id, "diff", "7 differ");
        grow();
    }
    SECTION("another process threw everything out") {
        Index(home.folder.path() / "grown.sqlite").make_anew();
        home.run(id, "diff", "7 differ");
        grow();
    }
    SECTION("another process went on with it") {
        slow.seal(evidence::Outcome::answered, {{"summary", "slow"}}).value();
        auto later = begin();
        Index(home.folder.path() / "grown.sqlite")
            .put(book.find(id, alice).value(), bytes(), home.store->case_folder(id), hash);
        later.seal(evidence::Outcome::answered, {{"summary", "later"}}).value();
        grow();
    }
    SECTION("a call with less of it came later") {
        const auto older = book.find(id, alice).value();
        const auto older_bytes = bytes();
        slow.seal(evidence::Outcome::answered, {{"summary", "slow"}}).value();
        grow();
        grown.put(older, older_bytes, home.store->case_folder(id), hash);
        grow();
    }
    SECTION("another process put in less of it, of the same size") {
        const auto older = book.find(id, alice).value();
        home.run(id, "diff", "7 differ");
        grow();
        Index(home.folder.path() / "grown.sqlite").put(older, bytes(), home.store->case_folder(id), hash);
        home.run(id, "diff", "8 differ");
        grow();
    }
    SECTION("another process put in less of it") {
        auto older = book.find(id, alice).value();
        const auto older_bytes = bytes();
        home.run(id, "diff", "7 differ");
        grow();
        Index(home.folder.path() / "grown.sqlite").put(older, older_bytes, home.store->case_folder(id), hash);
        home.run(id, "diff", "8 differ");
        grow();
    }
    CHECK(grown.dump() == at_once());
}

TEST_CASE("after a case was restored from a backup, the index holds what it then tells") {
    CaseHome home;
    const auto backup = home.folder.path() / "backup";
    Index index(home.folder.path() / "one.sqlite"), fresh(home.folder.path() / "other.sqlite");
    auto book = std::make_unique<Casebook>(*home.store);
    const auto id = home.open(*book, "Wrong prices").id;
    const auto folder = home.store->case_folder(id);
    const auto put = [&](Index& where) {
        where.put(book->find(id, alice).value(), 1'000, folder, hashes_of(home, id));
    };
    {
        auto slow = home.open_run(id, "slow", "SELECT walrus FROM zoo");
        home.run(id, "query_mysql", "3 rows");
        std::filesystem::copy(folder, backup, std::filesystem::copy_options::recursive);
        slow.seal(evidence::Outcome::answered, {{"summary", "7 walruses"}}).value();
        put(index);
    }
    book.reset();
    home.store.reset();
    std::filesystem::remove_all(folder);
    std::filesystem::rename(backup, folder);
    home.store = home.open_store();
    book = std::make_unique<Casebook>(*home.store);
    home.run(id, "query_mysql", "8 rows");

    put(index);
    put(fresh);

    CHECK(index.dump() == fresh.dump());
    CHECK(index.dump().find("8 rows") != std::string::npos);
}

TEST_CASE("work on the index that ends in an exception leaves it open to others") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto file = home.folder.path() / "one.sqlite";
    Index index(file), of_another_process(file);
    const auto put = [&](Index& where, const HashAt& hash_at) {
        where.put(book.find(id, alice).value(), 1'000, home.store->case_folder(id), hash_at);
    };
    put(index, hashes_of(home, id));
    home.run(id, "query_mysql", "3 rows");
    const auto lost = [](std::uint64_t) -> std::string { throw std::logic_error("the journal is gone"); };
    CHECK_THROWS_AS(put(index, lost), std::logic_error);

    put(of_another_process, hashes_of(home, id));
    CHECK(of_another_process.dump().find("3 rows") != std::string::npos);
    home.run(id, "query_mysql", "8 rows");
    put(index, hashes_of(home, id));
    CHECK(index.dump().find("8 rows") != std::string::npos);
}

TEST_CASE("the texts of a case that took the place of another are all put in") {
    CaseHome home, other;
    Casebook book(*home.store), other_book(*other.store);
    const auto id = home.open(book, "Wrong prices").id;
    REQUIRE(other.open(other_book, "Late mails").id == id);
    home.run(id, "query_mysql", "3 rows");
    other.run(id, "query_mysql", "seven zebras");
    Index index(home.folder.path() / "one.sqlite"), fresh(home.folder.path() / "other.sqlite");
    const auto theirs = other_book.find(id, alice).value();

    index.put(book.find(id, alice).value(), 1'000, home.store->case_folder(id), hashes_of(home, id));
    index.put(theirs, 1'000, other.store->case_folder(id), hashes_of(other, id));
    fresh.put(theirs, 1'000, other.store->case_folder(id), hashes_of(other, id));

    CHECK(index.dump() == fresh.dump());
    CHECK(index.dump().find("zebras") != std::string::npos);
}

TEST_CASE("a case whose folder is gone is listed no more") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id, other = home.open(book, "Late mails").id;
    REQUIRE(ids_of(book, "").size() == 2);

    std::filesystem::remove_all(home.store->case_folder(id));

    CHECK(ids_of(book, "") == std::vector<std::string>{other});
    CHECK(ids_of(book, "prices").empty());
}

TEST_CASE("an index that cannot be written fails no call") {
    CaseHome home;
    // A folder in its place cannot be opened as a database, not even by root.
    std::filesystem::create_directories(home.store->home() / "index.sqlite" / "in-the-way");
    Casebook book(*home.store);

    const auto id = home.open(book, "Wrong prices").id;
    book.write(id, entry_of("finding", "a tombstone was skipped"), alice).value();

    CHECK(ids_of(book, "tombstone") == std::vector<std::string>{id});
    CHECK(ids_of(book, "") == std::vector<std::string>{id});
}

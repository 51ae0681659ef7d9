// Cases that do not hold: what is proved of them, and that none is missing unsaid.

#include "base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

/// A home with a case of alice's that holds and one that does not, as a process finds it that starts now.
struct BrokenHome {
    BrokenHome() {
        Casebook book(*home.store);
        good = home.open(book, "Late mails").id;
        broken = home.open(book, "Wrong prices").id;
        book.write(broken, entry_of("note", "a note"), alice).value();
        REQUIRE(tamper(home.file(broken, "chain.jsonl"), "a note", "a lie!"));
    }
    /// As one that was never in the index.
    void forget_index() const {
        for (const auto* ending : {"", "-wal", "-shm"})
            std::filesystem::remove(home.store->home() / (std::string("index.sqlite") + ending));
    }

    CaseHome home;
    std::string good, broken;
};

std::vector<std::string> ids_of(const std::vector<UnreadCase>& unread) {
    std::vector<std::string> ids;
    for (const auto& one : unread) ids.push_back(one.id);
    return ids;
}

}  // namespace

TEST_CASE("a process that starts on a broken case names the break to those who may see it") {
    BrokenHome at;
    const auto store = at.home.open_store();
    for (const auto& who : {owner(), alice}) {
        Casebook book(*store);
        const auto found = book.verify(at.broken, who);
        INFO(who);
        REQUIRE(found);
        CHECK_FALSE(found->ok);
        REQUIRE(found->first_break);
        CHECK(found->first_break->kind == "record altered");
        CHECK(found->first_break->where == "chain.jsonl line 2");
    }
    Casebook book(*store);
    CHECK(book.verify(at.broken, mallory).error().kind == ErrorKind::not_found);

    std::filesystem::remove(at.home.file(at.broken, "chain.jsonl"));
    CHECK(book.verify(at.broken, owner()).value().first_break->kind == "file missing");
    // Nothing tells any more that it is alice's.
    CHECK(Casebook(*store).verify(at.broken, alice).error().kind == ErrorKind::not_found);
}

TEST_CASE("an opening record that another key signed makes nobody the owner of a case") {
    BrokenHome at;
    CaseHome forger;
    Casebook theirs(*forger.store);
    const auto forged = forger.open(theirs, "Wrong prices", mallory).id;
    const auto copied = forger.open(theirs, "Wrong prices", mallory).id;
    REQUIRE(copied == at.broken);
    REQUIRE(forged == at.good);
    write_text(at.home.file(at.broken, "chain.jsonl"), read_text(forger.file(copied, "chain.jsonl")) + "x\n");

    CHECK(Casebook(*at.home.open_store()).verify(at.broken, mallory).error().kind == ErrorKind::not_found);
}

TEST_CASE("a list tells the cases that it could not read, to those who may see them") {
    BrokenHome at;
    at.forget_index();
    const auto store = at.home.open_store();
    for (const auto& who : {owner(), alice, mallory}) {
        Casebook book(*store);
        std::vector<UnreadCase> unread;
        const auto listed = book.list(who, "", 10, &unread).value();
        INFO(who);
        if (who == mallory) {
            CHECK(listed.empty());
            CHECK(unread.empty());
            continue;
        }
        REQUIRE(listed.size() == 1);
        CHECK(listed.front().id == at.good);
        REQUIRE(ids_of(unread) == std::vector<std::string>{at.broken});
        CHECK_THAT(unread.front().why.message, Catch::Contains("chain.jsonl line 2"));
    }
}

TEST_CASE("reindex tells what it left out, a case without its journal too") {
    BrokenHome at;
    std::filesystem::remove(at.home.file(at.good, "chain.jsonl"));
    const auto store = at.home.open_store();
    Casebook book(*store);

    const auto made = book.reindex().value();

    CHECK(made.cases == 0);
    CHECK(ids_of(made.unread) == std::vector<std::string>{at.good, at.broken});
}

TEST_CASE("reindex says that the index cannot be written, and a damaged one it makes anew") {
    CaseHome home;
    {
        Casebook book(*home.store);
        home.open(book, "Wrong prices");
    }
    for (const auto* ending : {"", "-wal", "-shm"})
        std::filesystem::remove(home.store->home() / (std::string("index.sqlite") + ending));
    write_text(home.store->home() / "index.sqlite", std::string(8'192, 'x'));
    CHECK(Casebook(*home.store).reindex().value().cases == 1);

    // A folder in its place cannot be opened as a database, not even by root.
    std::filesystem::remove(home.store->home() / "index.sqlite");
    std::filesystem::create_directories(home.store->home() / "index.sqlite" / "in-the-way");
    const auto refused = Casebook(*home.store).reindex();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::unavailable);
    CHECK_THAT(refused.error().message,
               Catch::Contains("index.sqlite: it cannot be written in " + home.store->home().string()));
}

#include "tests/support/catch.h"

#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("a grant counts for its environment and its principal") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices", alice).id;

    const auto given = book.give(id, home.grant("PROD"), alice).value();

    const auto found = book.grant(id, "PROD", alice).value();
    REQUIRE(found != nullptr);
    CHECK(found->record == given.record);
    CHECK(found->principal == alice);
    CHECK(found->variables.at("MYSQL_PROD_URL") == "127.0.0.1:3307");
    CHECK(book.grant(id, "STAGING", alice).value() == nullptr);
    // The home's owner sees the case, yet nobody confirmed the environment for that principal.
    CHECK(book.grant(id, "PROD", owner()).value() == nullptr);
}

TEST_CASE("the newest grant is the one that counts, and an expired one is still told") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    auto first = home.grant("PROD"), second = home.grant("PROD");
    first.how = "terminal";
    second.expires_at = rfc3339(home.clock.now() + std::chrono::minutes(1));
    book.give(id, first, alice).value();
    book.give(id, second, alice).value();
    home.clock.advance(std::chrono::hours(1));

    const auto found = book.grant(id, "PROD", alice).value();

    REQUIRE(found != nullptr);
    CHECK(found->how == "form");
    CHECK(found->expires_at < rfc3339(home.clock.now()));
}

TEST_CASE("a grant without an environment or an end is refused") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    auto endless = home.grant("PROD");
    endless.expires_at = "never";

    CHECK_FALSE(book.give(id, endless, alice).has_value());
    CHECK_FALSE(book.give(id, home.grant(""), alice).has_value());
}

TEST_CASE("a grant whose record was altered no longer counts, not even for a process that saw it before") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    book.give(id, home.grant("STAGE"), alice).value();
    REQUIRE(book.grant(id, "STAGE", alice).value() != nullptr);

    REQUIRE(tamper(home.file(id, "chain.jsonl"), R"("how":"form")", R"("how":"from")"));

    CHECK(book.grant(id, "STAGE", alice).value() == nullptr);
    const auto other_store = home.open_store();
    const auto found = Casebook(*other_store).grant(id, "STAGE", alice);
    CHECK_FALSE((found && *found != nullptr));
}

TEST_CASE("a grant signed by another installation's key does not count") {
    CaseHome home, foreign;
    Casebook theirs(*foreign.store);
    const auto id = home.open(theirs, "Wrong prices").id;
    theirs.give(id, foreign.grant("PROD"), alice).value();

    std::filesystem::copy(foreign.store->case_folder(id), home.store->case_folder(id),
                          std::filesystem::copy_options::recursive);

    Casebook book(*home.store);
    REQUIRE(book.find(id, alice).has_value());
    CHECK(book.grant(id, "PROD", alice).value() == nullptr);
}

TEST_CASE("a grant that somebody else writes into the journal is bound to its principal") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices", owner()).id;
    auto grant = home.grant("PROD");
    grant.principal = mallory;  // What a caller claims; who called is what counts.

    const auto given = book.give(id, grant, owner()).value();

    CHECK(given.principal == owner());
    CHECK_FALSE(book.grant(id, "PROD", mallory).has_value());
}

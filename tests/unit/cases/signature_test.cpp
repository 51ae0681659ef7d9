// What an error says once everything that changes from one time to the next is taken out of it.

#include "cases/signature.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("two occurrences of an error have one signature") {
    struct Row {
        std::string one, other, signature;
    };
    const std::vector<Row> table{
        {"Timeout after 5000 ms for user_456", "Timeout after 32 ms for user_7",
         "timeout after <n> ms for user_<n>"},
        {"cannot open /var/lib/a.db", "cannot open /srv/data/b.db", "cannot open <path>"},
        {"order 3f2a9c1d-77aa-4c11-9f00-aa12bc34de56 is gone",
         "order 11112222-3333-4444-5555-66667777888a is gone", "order <id> is gone"},
        {"GET https://a.example/x?y=1 failed", "GET http://b.example/ failed", "get <url> failed"},
        {"no column 'price' in row", "no column \"name\" in row", "no column <text> in row"},
        {"Traceback (most recent call last):\n  File \"/app/a.py\", line 145, in pay\nasyncio.TimeoutError\n",
         "Traceback (most recent call last):\n  File \"/app/b.py\", line 9, in buy\n\nasyncio.TimeoutError",
         "asyncio.timeouterror"},
        {"pool at 100.5 %\nmore below", "pool at 99 %", "pool at <n> %"},
    };
    for (const auto& row : table) {
        INFO(row.one);
        CHECK(signature_of(row.one) == row.signature);
        CHECK(signature_of(row.other) == row.signature);
    }
    CHECK(signature_of("it's the user's order") == "it's the user's order");
    CHECK(signature_of("").empty());
    CHECK(signature_of(std::string(100'000, 'x')).size() <= 300);
}

TEST_CASE("the nearest earlier case comes first, with what both share, and nobody else's comes at all") {
    CaseHome home;
    Casebook book(*home.store);
    const auto with_error = [&](const std::string& topic, const std::string& error, const std::string& who) {
        CaseFields fields;
        fields.topic = topic;
        fields.framing = json::object{{"error_sample", error}};
        return book.open(fields, who).value();
    };
    const auto twin = with_error("payments fail", "pool exhausted: all 10 connections in use", alice);
    CaseFields cause;
    cause.root_cause = "a new job holds the connections";
    book.update(twin.id, cause, alice).value();
    with_error("pool of the swimming bath", "water too cold", alice);
    with_error("theirs", "pool exhausted: all 12 connections in use", mallory);
    const auto now = with_error("checkout fails", "pool exhausted: all 50 connections in use", alice);

    const auto similar = book.similar(now, alice, 5).value();

    REQUIRE(similar.size() == 2);
    CHECK(similar[0].id == twin.id);
    CHECK(similar[0].same_signature);
    CHECK(similar[0].cause == "a new job holds the connections");
    CHECK(similar[0].score > similar[1].score);
    CHECK(std::find(similar[0].shared.begin(), similar[0].shared.end(), "exhausted") !=
          similar[0].shared.end());
    CHECK_FALSE(similar[1].same_signature);
}

TEST_CASE("an error that came three times is recurring") {
    CaseHome home;
    Casebook book(*home.store);
    for (const auto* topic : {"lag of 15 minutes", "lag of 40 minutes", "something else"})
        home.open(book, topic);
    CHECK(book.recurring(alice, 3).value().empty());
    home.open(book, "lag of 2 minutes");

    const auto recurring = book.recurring(alice, 3).value();

    REQUIRE(recurring.size() == 1);
    CHECK(recurring[0].signature == "lag of <n> minutes");
    CHECK(recurring[0].cases.size() == 3);
    CHECK(book.recurring(mallory, 1).value().empty());
}

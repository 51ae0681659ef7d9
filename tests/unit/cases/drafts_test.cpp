#include "tests/support/catch.h"

#include "base/text.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("a draft takes the place of the one that casefile wrote before") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    const auto first = book.file_draft(id, "leader", "one\n", alice).value();
    const auto second = book.file_draft(id, "leader", "two\n", alice).value();

    CHECK(first == home.file(id, "drafts/leader.md"));
    CHECK(second == first);
    CHECK(read_text(first) == "two\n");
    CHECK(book.find(id, alice).value().drafts.size() == 2);
    struct stat info {};
    REQUIRE(::stat(first.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("what a person wrote is never lost") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto first = book.file_draft(id, "leader", "one\n", alice).value();
    write_text(first, "one, edited\n");

    const auto second = book.file_draft(id, "leader", "two\n", alice).value();
    const auto third = book.file_draft(id, "leader", "three\n", alice).value();
    write_text(third, "three, edited\n");
    const auto fourth = book.file_draft(id, "leader", "four\n", alice).value();

    CHECK(second == home.file(id, "drafts/leader.2.md"));
    CHECK(third == second);
    CHECK(fourth == home.file(id, "drafts/leader.3.md"));
    CHECK(read_text(first) == "one, edited\n");
    CHECK(read_text(third) == "three, edited\n");
    CHECK(read_text(fourth) == "four\n");
}

TEST_CASE("a file that a person put there first is kept, and so is what a link leads to") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    std::filesystem::create_directory(home.file(id, "drafts"));
    write_text(home.file(id, "drafts/teammate.md"), "mine\n");
    write_text(home.folder.path() / "elsewhere", "untouched\n");
    std::filesystem::create_symlink(home.folder.path() / "elsewhere", home.file(id, "drafts/leader.md"));

    CHECK(book.file_draft(id, "teammate", "x\n", alice).value().filename() == "teammate.2.md");
    CHECK(book.file_draft(id, "leader", "x\n", alice).value().filename() == "leader.2.md");

    CHECK(read_text(home.file(id, "drafts/teammate.md")) == "mine\n");
    CHECK(read_text(home.folder.path() / "elsewhere") == "untouched\n");
}

TEST_CASE("a draft's kind cannot lead out of its folder") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    for (const auto* kind : {"../leader", "a/b", "", "A", ".hidden"})
        CHECK_FALSE(book.file_draft(id, kind, "x", alice).has_value());
}

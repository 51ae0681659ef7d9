#include "tests/support/catch.h"

#include "base/text.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

const std::string closing = "\n\n---\n\nCase INC-1, environments confirmed: none, ";

std::string leader_draft(const std::string& impact, const std::string& head) {
    return "# Leader\n\n## Impact\n\n" + impact + closing + head + "\n";
}

}  // namespace

TEST_CASE("a draft takes the place of the one that casefile wrote before") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    const auto first = book.file_draft(id, "leader", "one\n", alice).value().path;
    const auto second = book.file_draft(id, "leader", "two\n", alice).value().path;

    CHECK(first == home.file(id, "drafts/leader.md"));
    CHECK(second == first);
    CHECK(read_text(first) == "two\n");
    CHECK(book.find(id, alice).value().drafts.size() == 2);
    CHECK_THAT(join(book.verify(id, alice).value().not_proved, "\n"),
               Catch::Contains("outside the promise, 1 here"));
    struct stat info {};
    REQUIRE(::stat(first.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("what a person wrote is kept when the draft is made again, section by section") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const std::string first =
        "# Leader\n\n- a\n\n## Impact\n\nforty orders\n\n## Lessons\n\nnone" + closing + "head 1\n";
    const auto file = book.file_draft(id, "leader", first, alice).value().path;
    write_text(
        file,
        "# Leader\n\n- a\n\n## Impact\n\nforty orders, and two angry partners\n\n## Lessons\n\nnone\n\n"
        "## From the meeting\n\nwell done" +
            closing + "head 1\n");

    const std::string second =
        "# Leader\n\n- b\n\n## Impact\n\nfifty orders\n\n## Lessons\n\nalert on lag" + closing + "head 2\n";
    CHECK(book.file_draft(id, "leader", second, alice).value().path == file);
    const auto merged =
        "# Leader\n\n- b\n\n## Impact\n\nforty orders, and two angry partners\n\n> The record now says:\n> "
        "fifty "
        "orders\n\n## Lessons\n\nalert on lag\n\n## From the meeting\n\nwell done" +
        closing + "head 2\n";
    CHECK(read_text(file) == merged);

    // Made again from the same record, nothing of it is lost or doubled.
    CHECK(book.file_draft(id, "leader", second, alice).value().path == file);
    const auto again = read_text(file);
    CHECK(again.find("two angry partners") != std::string::npos);
    CHECK(again.find("well done") != std::string::npos);
    CHECK(again.find("The record now says", again.find("The record now says") + 1) == std::string::npos);
}

TEST_CASE("what a person wrote at the end of a draft, behind its closing lines, stays there") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto file = book.file_draft(id, "leader", leader_draft("forty", "head 1"), alice).value().path;
    const std::string added = "\nP.S. thanks\n\n---\n\n## From Ada\n\nwell done\n";
    write_text(file, leader_draft("forty", "head 1") + added);
    for (const auto* head : {"head 2", "head 3"}) {
        book.file_draft(id, "leader", leader_draft("fifty", head), alice).value();
        CHECK(read_text(file) == leader_draft("fifty", head) + added);
    }
    // Also where the closing lines themselves were changed.
    write_text(file, leader_draft("fifty", "head, they say") + "\n## From Ada\n\nwell done\n");
    book.file_draft(id, "leader", leader_draft("sixty", "head 4"), alice).value();
    CHECK(read_text(file) == leader_draft("sixty", "head 4") + "\n## From Ada\n\nwell done\n");
    // And where a line follows them at once, in no section.
    write_text(file, leader_draft("sixty", "head, they say") + "my note\n\nand another\n");
    book.file_draft(id, "leader", leader_draft("sixty", "head 5"), alice).value();
    CHECK(read_text(file) == leader_draft("sixty", "head 5") + "\nmy note\n\nand another\n");
}

TEST_CASE("what a person wrote below a rule of their own is no closing line") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto file = book.file_draft(id, "leader", leader_draft("forty", "head 1"), alice).value().path;
    // The closing lines are gone.
    const std::string edited = "# Leader\n\n## Impact\n\nforty\n\n---\n\nP.S. from Ada\n\nand thanks";
    write_text(file, edited + "\n");
    book.file_draft(id, "leader", leader_draft("forty", "head 2"), alice).value();
    CHECK(read_text(file) == edited + closing + "head 2\n");
}

TEST_CASE("a draft that was saved with CR and LF is merged like any other") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto text = [](const std::string& impact, const std::string& lesson, const std::string& head) {
        return "# Leader\n\n## Impact\n\n" + impact + "\n\n## Lessons\n\n" + lesson + closing + head + "\n";
    };
    const auto file = book.file_draft(id, "leader", text("forty", "none", "head 1"), alice).value().path;
    std::string saved;
    for (const char c : text("forty, says Ada", "none", "head 1"))
        saved += c == '\n' ? "\r\n" : std::string(1, c);
    write_text(file, saved);

    const auto filed = book.file_draft(id, "leader", text("forty", "alert", "head 2"), alice).value();

    CHECK(filed.path == file);
    CHECK(read_text(file) == text("forty, says Ada", "alert", "head 2"));
    CHECK(filed.text == read_text(file));
}

TEST_CASE("what looks like a heading or a rule within fenced code is code") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto file = book.file_draft(id, "leader", leader_draft("forty", "head 1"), alice).value().path;
    const std::string code = "````sh\n```\n## Impact\n---\nls\n~~~\n````\n\nsays Ada";
    // The closing lines were changed as well, so they are looked for.
    write_text(file, leader_draft("forty\n\n" + code, "head, they say"));

    book.file_draft(id, "leader", leader_draft("fifty", "head 2"), alice).value();
    CHECK(read_text(file) ==
          leader_draft("forty\n\n" + code + "\n\n> The record now says:\n> fifty", "head 2"));

    // A fence that nothing ends takes nothing along.
    write_text(file,
               leader_draft("forty", "head 2") + "\n## From Ada\n\n```\nls\n\n## From Bob\n\nwell done\n");
    book.file_draft(id, "leader", leader_draft("fifty", "head 3"), alice).value();
    CHECK_THAT(read_text(file), Catch::EndsWith("## From Ada\n\n```\nls\n\n## From Bob\n\nwell done\n"));
    CHECK_THAT(read_text(file), Catch::Contains("head 3") && !Catch::Contains("head 2"));
}

TEST_CASE("where the text that a draft was made from is gone or altered, the person's file stays") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto first = book.file_draft(id, "leader", "one\n", alice).value().path;
    write_text(first, "one, edited\n");
    write_text(home.file(id, "drafts/generated/leader.md"), "another\n");

    const auto second = book.file_draft(id, "leader", "two\n", alice).value().path;

    CHECK(second == home.file(id, "drafts/leader.2.md"));
    CHECK(read_text(first) == "one, edited\n");
    CHECK(read_text(second) == "two\n");
    CHECK(book.verify(id, alice).value().ok);
}

TEST_CASE("a patch that a person changed is not merged but kept") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto first = book.file_draft(id, "pool", "-10\n+50\n", alice, "patch").value().path;
    write_text(first, "-10\n+60\n");

    CHECK(book.file_draft(id, "pool", "-10\n+70\n", alice, "patch").value().path.filename() ==
          "pool.2.patch");
    CHECK(read_text(first) == "-10\n+60\n");
}

TEST_CASE("a file that a person put there first is kept, and so is what a link leads to") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    std::filesystem::create_directory(home.file(id, "drafts"));
    write_text(home.file(id, "drafts/teammate.md"), "mine\n");
    write_text(home.folder.path() / "elsewhere", "untouched\n");
    std::filesystem::create_symlink(home.folder.path() / "elsewhere", home.file(id, "drafts/leader.md"));

    CHECK(book.file_draft(id, "teammate", "x\n", alice).value().path.filename() == "teammate.2.md");
    CHECK(book.file_draft(id, "leader", "x\n", alice).value().path.filename() == "leader.2.md");

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

#include <sys/stat.h>

#include "base/hash.h"
#include "cases/inspect_log.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

Result<Attached> attach(Casebook& book, const std::string& id, const std::string& original,
                        std::string_view text, const std::string& name = {},
                        const std::string& principal = alice) {
    return book.attach(id, {name, original, {}}, evidence::bytes_from(text), principal);
}

std::string verdict(CaseHome& home, const std::string& id) {
    const auto found = evidence::verify_case(home.store->case_folder(id), {}, check_derived).value();
    const auto text =
        found.ok ? std::string("ok") : found.first_break->kind + ": " + found.first_break->where;
    CHECK(second_opinion(home.store->case_folder(id)) == text);
    return text;
}

std::filesystem::path file_of(CaseHome& home, const std::string& id, const Attached& attached) {
    return home.file(id, attached.path);
}

}  // namespace

TEST_CASE("a document is filed under a name made here, and what it was called is data") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;

    const auto attached = attach(book, id, "../../Expected \x1b[31m(final).CSV", "id,price\n7,29.90\n");

    REQUIRE(attached);
    CHECK(attached->name == "expected-31m-final.csv");
    CHECK(attached->sha256 == sha256_hex("id,price\n7,29.90\n"));
    CHECK(attached->bytes == 17);
    CHECK(attached->path.starts_with("attachments/"));
    CHECK(attached->path.ends_with(".csv"));
    const auto file = file_of(home, id, *attached);
    CHECK(read_text(file) == "id,price\n7,29.90\n");
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const auto state = book.find(id, alice).value();
    CHECK(read_text(home.file(id, inspect_file_name(state))).find("expected-31m-final.csv") !=
          std::string::npos);
    CHECK(verdict(home, id) == "ok");
    CHECK(book.list(alice, "expected final", 10).value().size() == 1);
    CHECK(book.list(alice, "29.90", 10).value().size() == 1);
}

TEST_CASE("two documents never share a name, and a name that was asked for is kept or refused") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    CHECK(attach(book, id, "a.csv", "1\n")->name == "a.csv");
    CHECK(attach(book, id, "a.csv", "2\n")->name == "a-2.csv");
    CHECK(attach(book, id, "b.bin", "3\n", "shot.png")->name == "shot.png");
    CHECK(attach(book, id, "c.csv", "4\n", "shot.png").error().message ==
          "name: this case has an attachment 'shot.png' already");
    for (const auto* name : {"../x", "a/b", ".hidden", "-rf", "a b"}) {
        INFO(name);
        CHECK(attach(book, id, "d.csv", "5\n", name).error().kind == ErrorKind::invalid_argument);
    }
    const auto second = book.open_attachment(book.find(id, alice).value(), "a-2.csv");
    REQUIRE(second);
    CHECK(evidence::read_whole(second->get(), 100).value() == "2\n");
}

TEST_CASE("a document above the limit is refused, and nothing of it stays") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    std::uint64_t given = 0;
    const auto endless = [&](std::span<char> into) -> Result<std::size_t> {
        std::fill(into.begin(), into.end(), 'x');
        given += into.size();
        return into.size();
    };

    const auto refused = book.attach(id, {"", "big.csv", {}}, endless, alice);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::limit_reached);
    CHECK(refused.error().message.find("expected at most 33554432 bytes (32 MiB)") != std::string::npos);
    CHECK(given < evidence::attachment_bytes_max + 1024 * 1024);
    CHECK(std::filesystem::is_empty(home.file(id, "attachments")));
    CHECK(book.find(id, alice).value().attachments.empty());
}

TEST_CASE("a document belongs to the case's opener, like the case") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    CHECK(attach(book, id, "a.csv", "1\n", {}, mallory).error().kind == ErrorKind::not_found);
    CHECK_FALSE(std::filesystem::exists(home.file(id, "attachments")));
}

TEST_CASE("verify names what happened to a document") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = home.open(book, "Wrong prices").id;
    const auto attached = attach(book, id, "a.csv", "id\n1\n").value();
    const auto file = file_of(home, id, attached);
    const auto name = file.filename().string();
    const auto folder = home.file(id, "attachments");
    REQUIRE(verdict(home, id) == "ok");

    SECTION("altered") {
        tamper(file, "1", "2");
        CHECK(verdict(home, id) == "file altered: " + attached.path);
    }
    SECTION("gone") {
        std::filesystem::remove(file);
        CHECK(verdict(home, id) == "file missing: " + attached.path);
    }
    SECTION("renamed") {
        std::filesystem::rename(file, folder / "20200101_000000_00000000.csv");
        CHECK(verdict(home, id) == "file renamed: " + attached.path);
    }
    SECTION("a link in its place") {
        std::filesystem::rename(file, home.folder.path() / "elsewhere");
        std::filesystem::create_symlink(home.folder.path() / "elsewhere", file);
        CHECK(verdict(home, id) == "file altered: " + attached.path);
        CHECK_FALSE(book.open_attachment(book.find(id, alice).value(), "a.csv"));
    }
    SECTION("the whole folder gone") {
        std::filesystem::remove_all(folder);
        CHECK(verdict(home, id) == "file missing: attachments");
    }
    SECTION("one added") {
        write_text(folder / "planted.csv", "id\n");
        CHECK(verdict(home, id) == "file added: attachments/planted.csv");
    }
    SECTION("a crash before the file got its name loses nothing") {
        std::filesystem::rename(file, folder / evidence::pending_attachment(attached.path));
        CHECK(verdict(home, id) == "ok");
        CHECK(book.open_attachment(book.find(id, alice).value(), "a.csv").has_value());
    }
    SECTION("a crash before the record leaves no evidence") {
        write_text(folder / ".20200101_000000_00000000.new", "id\n");
        CHECK(verdict(home, id) == "ok");
    }
}

// Archives that somebody made to do harm. Each is refused, and nothing of it is written.

#include <archive.h>
#include <archive_entry.h>

#include "cases/export.h"
#include "cases/import.h"
#include "cases/received.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;
namespace fs = std::filesystem;

namespace {

struct Member {
    std::string name, bytes;
    unsigned type = AE_IFREG;
    std::string target = {};  ///< of a link
    bool hard = false;
};

void pack(const fs::path& file, const std::vector<Member>& members, int times_compressed = 1) {
    auto* out = ::archive_write_new();
    REQUIRE(::archive_write_set_format_pax_restricted(out) == ARCHIVE_OK);
    for (int i = 0; i < times_compressed; ++i) REQUIRE(::archive_write_add_filter_gzip(out) == ARCHIVE_OK);
    REQUIRE(::archive_write_open_filename(out, file.c_str()) == ARCHIVE_OK);
    for (const auto& member : members) {
        auto* entry = ::archive_entry_new();
        ::archive_entry_set_pathname(entry, member.name.c_str());
        ::archive_entry_set_perm(entry, 0600);
        if (member.hard) {
            ::archive_entry_set_hardlink(entry, member.target.c_str());
        } else {
            ::archive_entry_set_filetype(entry, member.type);
            if (!member.target.empty()) ::archive_entry_set_symlink(entry, member.target.c_str());
            ::archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
        }
        REQUIRE(::archive_write_header(out, entry) >= ARCHIVE_WARN);
        if (!member.bytes.empty()) ::archive_write_data(out, member.bytes.data(), member.bytes.size());
        ::archive_entry_free(entry);
    }
    ::archive_write_close(out);
    ::archive_write_free(out);
}

std::vector<Member> unpack(const fs::path& file) {
    auto* in = ::archive_read_new();
    ::archive_read_support_filter_gzip(in);
    ::archive_read_support_format_tar(in);
    REQUIRE(::archive_read_open_filename(in, file.c_str(), 65536) == ARCHIVE_OK);
    std::vector<Member> members;
    for (archive_entry* entry = nullptr; ::archive_read_next_header(in, &entry) == ARCHIVE_OK;) {
        Member member{::archive_entry_pathname(entry),
                      std::string(static_cast<std::size_t>(::archive_entry_size(entry)), '\0')};
        if (!member.bytes.empty()) ::archive_read_data(in, member.bytes.data(), member.bytes.size());
        members.push_back(std::move(member));
    }
    ::archive_read_free(in);
    return members;
}

/// A good archive, taken apart.
struct Good {
    CaseHome home;
    Casebook book{*home.store};
    std::string id = home.open(book, "Wrong prices").id;
    fs::path file = home.folder.path() / "good.tar.gz", bad = home.folder.path() / "bad.tar.gz";
    std::vector<Member> members;
    CaseHome receiver;

    Good() {
        home.run(id, "query_mysql", "3 rows");
        export_case(*home.store, id, file, false).value();
        members = unpack(file);
    }
    Member& member(const std::string& ending) {
        for (auto& one : members)
            if (one.name.ends_with(ending)) return one;
        throw std::runtime_error("no such member");
    }
    /// What the import says, and that it left nothing behind.
    std::string refusal(int times_compressed = 1) {
        pack(bad, members, times_compressed);
        return refusal_of(bad);
    }
    std::string refusal_of(const fs::path& archive) {
        const auto imported = import_case(*receiver.store, archive, {});
        const auto folder = receiver.store->home() / "imported";
        CHECK((!fs::exists(folder) || fs::is_empty(folder)));
        CHECK_FALSE(fs::exists(receiver.folder.path() / "escaped"));
        return imported ? "imported" : imported.error().message;
    }
};

}  // namespace

TEST_CASE("an archive that was packed again without a change is imported") {
    Good good;
    pack(good.bad, good.members);
    CHECK(import_case(*good.receiver.store, good.bad, {}).has_value());
}

TEST_CASE("no name in an archive leads anywhere but into its case") {
    Good good;
    const auto id = good.id;
    const std::vector<std::string> names = {"../escaped",
                                            "/escaped",
                                            id + "/../../escaped",
                                            id + "/runs/../../../escaped",
                                            id + "/./chain.jsonl",
                                            id + "//chain.jsonl",
                                            id,
                                            id + "/",
                                            "chain.jsonl",
                                            "INC-1/chain.jsonl",
                                            id + "/.hidden",
                                            id + "/key.pem",
                                            id + "/runs/x",
                                            id + "/runs/a/b/c",
                                            id + "/drafts/.x",
                                            id + "/attachments/-rf",
                                            id + "/drafts/a b",
                                            id + "/drafts/a\nb",
                                            id + "/drafts/a\\b",
                                            id + "/drafts/" + std::string(250, 'x'),
                                            "C:/x",
                                            id + "/imported/x/y"};
    for (const auto& name : names) {
        INFO(name);
        CHECK_FALSE(parse_member_name(name).has_value());
    }
    CHECK(parse_member_name(id + "/runs/0001-a.20260101_000000_00000000/a.sql")->path ==
          "runs/0001-a.20260101_000000_00000000/a.sql");
    good.members.push_back({"../escaped", "x"});
    CHECK(good.refusal() == "archive: '../escaped' is no name that a case has");
}

TEST_CASE("links, pipes, devices and doubles are refused") {
    Good good;
    const auto name = good.id + "/drafts/x";
    std::string expected;
    SECTION("a symbolic link") {
        good.members.push_back({name, "", AE_IFLNK, "/etc/passwd"});
        expected = "archive: '" + name + "' is a link";
    }
    SECTION("a hard link") {
        good.members.push_back({name, "", AE_IFREG, "/etc/passwd", true});
        expected = "archive: '" + name + "' is a link";
    }
    SECTION("a pipe") {
        good.members.push_back({name, "", AE_IFIFO});
        expected = "archive: '" + name + "' is neither a file nor a folder";
    }
    SECTION("a device") {
        good.members.push_back({name, "", AE_IFCHR});
        expected = "archive: '" + name + "' is neither a file nor a folder";
    }
    SECTION("a name twice") {
        good.members.push_back(good.member("head.json"));
        expected = "archive: head.json is in it twice";
    }
    SECTION("two cases") {
        good.members.push_back({"INC-2020-01-01-001/chain.jsonl", "x"});
        expected = "archive: it holds more than one case";
    }
    CHECK(good.refusal() == expected);
}

TEST_CASE("an archive that is no whole one, or compressed twice, is refused") {
    Good good;
    SECTION("cut off") {
        auto bytes = read_text(good.file);
        write_text(good.bad, bytes.substr(0, bytes.size() / 2));
        CHECK(good.refusal_of(good.bad).starts_with("archive: "));
    }
    SECTION("something else") {
        write_text(good.bad, "PK\x03\x04 this is no tar");
        CHECK(good.refusal_of(good.bad).starts_with("archive: it cannot be read"));
    }
    SECTION("empty") {
        write_text(good.bad, "");
        CHECK(good.refusal_of(good.bad).starts_with("archive: "));
    }
    SECTION("compressed twice") { CHECK(good.refusal(2) == "archive: it is compressed more than once"); }
    SECTION("a folder") { CHECK(good.refusal_of(good.home.folder.path()) != "imported"); }
    SECTION("a link to one") {
        fs::create_symlink(good.file, good.bad);
        CHECK(good.refusal_of(good.bad) ==
              "bad.tar.gz: expected a regular file, got a link or something else");
    }
}

TEST_CASE("what unfolds to too much is stopped while it is read") {
    Good good;
    good.members.push_back({good.id + "/drafts/zeros", std::string(8 * 1024 * 1024, '\0')});
    pack(good.bad, good.members);
    const auto folder = evidence::open_folder(good.home.folder.path()).value();
    const auto file = evidence::open_file_at(folder.get(), "bad.tar.gz").value();
    CHECK(fs::file_size(good.bad) < 128 * 1024);
    CHECK(receive(file.get(), {.bytes_max = 1024 * 1024}).error().kind == ErrorKind::limit_reached);
    ::lseek(file.get(), 0, SEEK_SET);
    CHECK(receive(file.get(), {.entries_max = 3}).error().message ==
          "archive: expected at most 3 entries, got more");
}

TEST_CASE("an archive whose files do not agree with its chain is refused before anything is written") {
    Good good;
    SECTION("a file altered") {
        good.member("db_rows.prices.csv").bytes[0] = 'X';
        CHECK(good.refusal().ends_with("db_rows.prices.csv is not what its record names"));
    }
    SECTION("a file missing") {
        std::erase_if(good.members, [](const auto& one) { return one.name.ends_with("db_rows.prices.csv"); });
        CHECK(good.refusal().ends_with("db_rows.prices.csv is missing"));
    }
    SECTION("a file added") {
        const auto folder = fs::path(good.member("db_rows.prices.csv").name).parent_path().string();
        good.members.push_back({folder + "/planted.csv", "x"});
        CHECK(good.refusal().find("no record names runs/") != std::string::npos);
    }
    SECTION("a record altered") {
        auto& chain = good.member("chain.jsonl").bytes;
        chain.replace(chain.find("Wrong prices"), 5, "Right");
        CHECK(good.refusal().starts_with("archive: its chain does not hold: record altered"));
    }
    SECTION("the chain cut") {
        auto& chain = good.member("chain.jsonl").bytes;
        chain.resize(chain.find('\n') + 1);
        CHECK(good.refusal() == "archive: head.json is not the end of its chain");
    }
    SECTION("another id") {
        for (auto& one : good.members) one.name.replace(0, good.id.size(), "INC-2020-01-01-001");
        CHECK(good.refusal() == "archive: its chain is not that of INC-2020-01-01-001");
    }
    SECTION("the page altered") {
        good.member("index.html").bytes += "<script>alert(1)</script>";
        CHECK(good.refusal() == "archive: index.html is not what its record names");
    }
    SECTION("the case.json altered") {
        auto& record = good.member("case.json").bytes;
        record.replace(record.find("Wrong prices"), 5, "Right");
        CHECK(good.refusal().starts_with("archive: the case does not verify: file altered in case.json"));
    }
    SECTION("no list of what was withheld") {
        std::erase_if(good.members, [](const auto& one) { return one.name.ends_with("export.json"); });
        CHECK(good.refusal() == "archive: expected export.json in it, got none");
    }
}

TEST_CASE("a key that was made to look like another is noticed") {
    Good good;
    const auto key = good.home.store->key().fingerprint();
    const auto twin = key.substr(0, 8) + std::string(56, '0');
    fs::create_directories(good.receiver.store->home() / "imported" / twin / "INC-2020-01-01-001");
    const auto refused = import_case(*good.receiver.store, good.file, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(import_case(*good.receiver.store, good.file, std::string(64, 'a'))
              .error()
              .message.starts_with("archive: expected a case signed by key aaaa"));
}

// A case goes to somebody else: exported here, imported in another home.

#include "cases/export.h"
#include "cases/import.h"
#include "evidence/export_list.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;
namespace fs = std::filesystem;

namespace {

/// A case with a run, a document, a finding and a run that is still open.
struct Sender {
    CaseHome home;
    Casebook book{*home.store};
    std::string id = home.open(book, "Wrong <prices> & \"more\"").id;
    std::string run = home.run(id, "query_mysql", "3 zebras");
    evidence::Run open = home.open_run(id, "secret", "SELECT 'nobody marked this yet'");
    fs::path archive = home.folder.path() / "case.tar.gz";

    Sender() {
        book.write(id, entry_of("finding", "a tombstone was skipped", {run}), alice).value();
        book.attach(id, {"", "expected.csv", {}}, evidence::bytes_from("id,price\n7,29.90\n"), alice).value();
        book.give(id, home.grant("PROD"), alice).value();
    }
    Exported send(bool with_sensitive = false) {
        fs::remove(archive);
        return export_case(*home.store, id, archive, with_sensitive).value();
    }
};

struct Receiver {
    CaseHome home;
    Result<Imported> take(const fs::path& archive, const std::string& key = {}) {
        return import_case(*home.store, archive, key);
    }
    fs::path folder(const Imported& imported) const {
        return home.store->home() / "imported" / imported.key_fingerprint /
               imported.id.substr(0, imported.id.find('@'));
    }
};

std::string unpacked(const fs::path& archive, const std::string& path) {
    const auto command = "tar -xzOf '" + archive.string() + "' '" + path + "'";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
    std::string text(4 * 1024 * 1024, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), out.get()));
    return text;
}

/// As a person would.
void extract(const fs::path& archive, const fs::path& into) {
    const auto command = "tar -xzf '" + archive.string() + "' -C '" + into.string() + "'";
    REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

TEST_CASE("the same state of a case gives the same archive, whoever makes it and when") {
    Sender sender;
    const auto first = sender.send();
    sender.home.clock.advance(std::chrono::hours(5));
    const auto other_store = sender.home.open_store();
    const auto second =
        export_case(*other_store, sender.id, sender.home.folder.path() / "again.tar.gz", false).value();
    CHECK(first.digest.sha256 == second.digest.sha256);
    CHECK(first.records == 7);
    sender.book.write(sender.id, entry_of("note", "one more"), alice).value();
    CHECK(sender.send().digest.sha256 != first.digest.sha256);
}

TEST_CASE("an export holds the write-ups, and tells of those that no archive should carry") {
    Sender sender;
    sender.book.file_draft(sender.id, "teammate", "what happened", alice).value();
    CHECK(sender.send().left_out.empty());
    CHECK(unpacked(sender.archive, sender.id + "/drafts/teammate.md") == "what happened");
    write_text(sender.home.file(sender.id, "drafts/two words.md"), "x");
    CHECK(sender.send().left_out == std::vector<std::string>{"drafts/two words.md"});
}

TEST_CASE("an archive never takes the place of a file that is there") {
    Sender sender;
    write_text(sender.archive, "mine");
    CHECK(export_case(*sender.home.store, sender.id, sender.archive, false).error().kind ==
          ErrorKind::invalid_argument);
    CHECK(read_text(sender.archive) == "mine");
}

TEST_CASE("what is sensitive stays out of files and journal, and the case still verifies") {
    Sender sender;
    const auto exported = sender.send();
    const auto folder = "runs/" + sender.open.folder().filename().string();
    for (const auto* name : {"/secret.input.json", "/secret.sql"})
        CHECK(std::count(exported.withheld.begin(), exported.withheld.end(), folder + name) == 1);
    CHECK(unpacked(sender.archive, sender.id + "/chain.jsonl").find("nobody marked") == std::string::npos);
    CHECK(unpacked(sender.archive, sender.id + "/index.html").find("nobody marked") == std::string::npos);
    const auto there = sender.home.folder.path() / "there";
    fs::create_directory(there);
    extract(sender.archive, there);

    const auto verified =
        evidence::verify_case(there / sender.id, sender.home.store->key().fingerprint(), check_derived)
            .value();

    INFO((verified.first_break ? verified.first_break->kind + ": " + verified.first_break->what : ""));
    CHECK(verified.ok);
    CHECK(verified.withheld.size() == exported.withheld.size());
    CHECK(second_opinion(there / sender.id) == "ok");
    fs::remove(there / sender.id / "index.html");  // which is no evidence
    CHECK(evidence::verify_case(there / sender.id, {}, check_derived).value().ok);
    CHECK(second_opinion(there / sender.id) == "ok");
    fs::remove(there / sender.id / "export.json");
    CHECK_FALSE(evidence::verify_case(there / sender.id, {}, check_derived).value().ok);
    CHECK(second_opinion(there / sender.id) != "ok");
    CHECK(sender.send(true).withheld.empty());
    CHECK(unpacked(sender.archive, sender.id + "/chain.jsonl").find("nobody marked") != std::string::npos);
}

TEST_CASE("nobody but the owner of the key can call a file withheld") {
    Sender sender, other;
    sender.send();
    const auto there = sender.home.folder.path() / "there";
    fs::create_directory(there);
    extract(sender.archive, there);
    const auto folder = there / sender.id;
    const auto rows = "runs/" + sender.book.find(sender.id, alice).value().runs[0].folder().substr(5) +
                      "/db_rows.prices.csv";
    fs::remove(folder / rows);
    CHECK(evidence::verify_case(folder, {}, check_derived).value().first_break->kind == "file missing");
    evidence::ExportList forged;
    forged.case_id = sender.id;
    forged.head = sender.home.store->journal(sender.id).value()->head().value();
    write_text(folder / "export.json", evidence::write_export_list(forged, other.home.store->key()));
    CHECK(evidence::verify_case(folder, {}, check_derived).value().first_break->where == "export.json");
    CHECK(second_opinion(folder) == "file altered: export.json");
}

TEST_CASE("an imported case keeps its id, shows where it came from, and is read-only") {
    Sender sender;
    sender.send();
    Receiver receiver;

    const auto imported = receiver.take(sender.archive, sender.home.store->key().fingerprint());

    REQUIRE(imported);
    CHECK(imported->id == sender.id + "@" + sender.home.store->key().fingerprint().substr(0, 8));
    CHECK(fs::exists(receiver.folder(*imported) / "chain.jsonl"));
    Casebook book(*receiver.home.store);
    const auto list = book.list(owner(), "tombstone", 10).value();
    REQUIRE(list.size() == 1);
    CHECK(list[0].id == imported->id);
    CHECK(list[0].external);
    const auto state = book.find(imported->id, owner()).value();
    CHECK(state.runs.size() == 2);
    CHECK(book.verify(imported->id, owner()).value().ok);
    CHECK(book.open_attachment(state, "expected.csv").has_value());
    CHECK(receiver.home.store->open_file(imported->id, sender.run, "db_rows.prices.csv").has_value());

    CHECK(book.glance(imported->id, owner()).value().grants.empty());
    CHECK(book.grant(imported->id, "PROD", owner()).value() == nullptr);
    const auto says_why = [](const auto& refused) {
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::denied);
        CHECK(refused.error().message.find("was imported and is read-only") != std::string::npos);
    };
    says_why(book.update(imported->id, with_status("identified"), owner()));
    says_why(book.write(imported->id, entry_of("note", "mine"), owner()));
    says_why(book.give(imported->id, receiver.home.grant("PROD"), owner()));
    says_why(book.file_draft(imported->id, "leader", "text", owner()));
    says_why(book.attach(imported->id, {"", "a.csv", {}}, evidence::bytes_from("x"), owner()));
    says_why(receiver.home.store->begin(imported->id, {}));
    // Whoever opened it elsewhere is nobody here.
    CHECK(book.find(imported->id, alice).error().kind == ErrorKind::not_found);
    CHECK(book.list(alice, "", 10).value().empty());
}

TEST_CASE(
    "importing twice is harmless, a later state takes the place, an earlier or another one is refused") {
    Sender sender;
    sender.send();
    const auto early = sender.home.folder.path() / "early.tar.gz";
    fs::copy_file(sender.archive, early);
    Receiver receiver;
    REQUIRE(receiver.take(early));
    CHECK(receiver.take(early)->was_here);

    sender.book.write(sender.id, entry_of("note", "a walrus"), alice).value();
    sender.send();
    const auto later = receiver.take(sender.archive);
    REQUIRE(later);
    CHECK(later->records_before + 1 == later->records);
    Casebook book(*receiver.home.store);
    CHECK(book.list(owner(), "walrus", 10).value().size() == 1);

    const auto refused = receiver.take(early);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("is here in another version") != std::string::npos);
    CHECK(read_text(receiver.folder(*later) / "chain.jsonl").find("a walrus") != std::string::npos);
    std::size_t left = 0;
    for (const auto& entry : fs::directory_iterator(receiver.home.store->home() / "imported"))
        left += entry.path().filename().string().starts_with('.') ? 1 : 0;
    CHECK(left == 0);
}

TEST_CASE("the export of an imported case is the archive that it came in") {
    Sender sender;
    const auto sent = sender.send();
    Receiver receiver;
    const auto imported = receiver.take(sender.archive).value();
    const auto again =
        export_case(*receiver.home.store, imported.id, receiver.home.folder.path() / "on.tar.gz", false)
            .value();
    CHECK(again.digest.sha256 == sent.digest.sha256);
    CHECK(again.withheld == sent.withheld);
    CHECK(export_case(*receiver.home.store, imported.id, receiver.home.folder.path() / "all.tar.gz", true)
              .error()
              .message.find("was imported without its ") != std::string::npos);
}

TEST_CASE("a case that does not verify is not exported") {
    Sender sender;
    tamper(sender.home.file(sender.id, sender.book.find(sender.id, alice).value().runs[0].folder() +
                                           "/db_rows.prices.csv"),
           "1,2", "1,3");
    const auto refused = export_case(*sender.home.store, sender.id, sender.archive, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("does not verify: file altered") != std::string::npos);
    CHECK_FALSE(fs::exists(sender.archive));
}

TEST_CASE("the page of an export runs one script, loads nothing, and shows data as text") {
    Sender sender;
    sender.book.write(sender.id, entry_of("finding", "</script><img src=x onerror=alert(1)>"), alice).value();
    sender.send();
    const auto page = unpacked(sender.archive, sender.id + "/index.html");
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find("&lt;/script&gt;&lt;img") != std::string::npos);
    CHECK(page.find("Wrong &lt;prices&gt; &amp; &quot;more&quot;") != std::string::npos);
    CHECK(page.find("default-src 'none'; script-src 'sha256-") != std::string::npos);
    std::size_t scripts = 0;
    for (auto at = page.find("<script"); at != std::string::npos; at = page.find("<script", at + 1))
        ++scripts;
    CHECK(scripts == 1);
    for (const auto* load : {"<link", "<iframe", "<object", "src=\"", "href=\"http", "url(", "@import"})
        CHECK(page.find(load) == std::string::npos);
}

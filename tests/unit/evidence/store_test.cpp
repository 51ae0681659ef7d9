#include "evidence/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "base/hash.h"
#include "base/ids.h"
#include "tests/unit/evidence/support.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

json::object parse_file(const fs::path& path) { return parse_json(read_file(path)).value().get_object(); }

std::set<std::string> names_under(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
    return names;
}

}  // namespace

TEST_CASE("a run leaves script, input, log, outputs and a manifest that names them all with size and hash") {
    TestHome home;
    const auto id = home.make_case();

    const auto receipt = a_sealed_run(*home.store, id);

    CHECK(receipt.seq == 1);
    CHECK(receipt.folder.filename() == "0001-prices." + receipt.id);
    CHECK(names_under(receipt.folder) == std::set<std::string>{"prices.sql", "prices.input.json",
                                                               "prices.log", "prices.manifest.json",
                                                               "db_rows.prices.csv"});
    CHECK(read_file(receipt.folder / "prices.sql") == "SELECT id, price FROM products");
    CHECK(read_file(receipt.folder / "prices.log").find("sealed answered") != std::string::npos);

    const auto input = parse_file(receipt.folder / "prices.input.json");
    CHECK(input.at("arguments").at("rows_max") == 10);
    CHECK(text_of(input.at("time_window").at("start")) == "2026-11-22T00:00:00Z");
    CHECK(text_of(input.at("notes")) == "since noon");
    CHECK(input.at("entity_ids").is_object());

    const auto manifest = parse_file(receipt.folder / "prices.manifest.json");
    CHECK(text_of(manifest.at("run_id")) == receipt.id);
    CHECK(manifest.at("success") == true);
    CHECK(text_of(manifest.at("outcome")) == "answered");
    CHECK(text_of(manifest.at("output_dir")) == "runs/0001-prices." + receipt.id);
    CHECK(text_of(manifest.at("input_path")) == "prices.input.json");
    CHECK(text_of(manifest.at("details").at("summary")) == "1 row");
    REQUIRE(manifest.at("outputs").get_array().size() == 4);
    for (const auto& output : manifest.at("outputs").get_array()) {
        const auto bytes = read_file(receipt.folder / std::string(output.at("path").get_string()));
        CHECK(text_of(output.at("sha256")) == sha256_hex(bytes));
        CHECK(output.at("bytes") == bytes.size());
    }
    CHECK(receipt.files.size() == 5);
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

TEST_CASE("the journal tells of a run before and after its question") {
    TestHome home;
    const auto id = home.make_case();
    auto& journal = *home.store->journal(id).value();

    auto run = home.store->begin(id, a_question()).value();
    auto records = journal.records().value();
    REQUIRE(records.size() == 2);
    CHECK(records[1].kind == "run");
    CHECK(text_of(records[1].body.at("principal")) == "local:1000");
    CHECK(text_of(records[1].body.at("script_sha256")) == sha256_hex("SELECT id, price FROM products"));
    CHECK(verified(home.store->case_folder(id)).open_runs == std::vector<std::string>{run.id()});

    const auto receipt = run.seal(Outcome::refused, {{"summary", "not\xFF allowed"}}).value();
    records = journal.records().value();
    REQUIRE(records.size() == 3);
    CHECK(records[2].kind == "sealed");
    CHECK(records[2].hash == receipt.sha256);
    CHECK(text_of(records[2].body.at("outcome")) == "refused");
    CHECK(text_of(records[2].body.at("manifest_sha256")) ==
          sha256_hex(read_file(receipt.folder / "prices.manifest.json")));
    CHECK(text_of(records[2].body.at("summary")) == "not\xEF\xBF\xBD allowed");
    CHECK_FALSE(run.seal(Outcome::answered, {}));
    CHECK_FALSE(run.write_output("late.csv", "data", "csv", "x"));
}

TEST_CASE("folders are 0700 and files 0600, whatever the umask") {
    const auto before = ::umask(0);
    TestHome home;
    const auto receipt = a_sealed_run(*home.store, home.make_case());
    ::umask(before);

    for (const auto& entry : fs::recursive_directory_iterator(home.folder.path() / "home"))
        CHECK(entry.status().permissions() == (entry.is_directory() ? fs::perms(0700) : fs::perms(0600)));
}

TEST_CASE("case ids count up within a day, also from several processes, and a reserved number is no case",
          "[forks]") {
    TestHome home;
    CHECK(home.make_case() == "INC-2026-11-22-001");
    fs::create_directory(home.store->case_folder("INC-2026-11-22-002"));
    constexpr int children_count = 4, cases_each = 6;
    const Pipe start;
    std::vector<pid_t> children;
    for (int i = 0; i < children_count; ++i)
        children.push_back(in_child([&] {
            auto store = home.again();
            if (!start.receive()) return 1;
            for (int j = 0; j < cases_each; ++j) store->make_case({{"topic", "x"}}).value();
            return 0;
        }));
    for (int i = 0; i < children_count; ++i) REQUIRE(start.send());
    for (const auto child : children) CHECK(exit_code_of(child) == 0);

    const auto ids = home.store->case_ids().value();
    REQUIRE(ids.size() == 1 + children_count * cases_each);
    CHECK(ids[1] == "INC-2026-11-22-003");
    CHECK(ids.back() == "INC-2026-11-22-026");
    for (const auto& id : ids) {
        CHECK(text_of(home.store->journal(id).value()->records().value().at(0).body.at("case")) == id);
        CHECK(verdict(home.store->case_folder(id)) == "ok");
    }
}

TEST_CASE("the thousandth case of a day sorts after the one before it") {
    TestHome home;
    for (const char* id : {"INC-2026-11-22-1000", "INC-2026-11-22-999", "INC-2026-11-21-2000"}) {
        fs::create_directory(home.store->case_folder(id));
        home.store->journal(id).value()->append("opened", {{"case", id}}).value();
    }
    CHECK(home.store->case_ids().value() ==
          std::vector<std::string>{"INC-2026-11-21-2000", "INC-2026-11-22-999", "INC-2026-11-22-1000"});
    CHECK(home.make_case() == "INC-2026-11-22-1001");
}

TEST_CASE("a name that is no case is not found, and no path can be made of it") {
    TestHome home;
    home.make_case();
    for (const char* name :
         {"INC-2026-11-22-002", "", "..", "../..", "INC-2026-11-22-001/../INC-2026-11-22-001", "_other"}) {
        const auto journal = home.store->journal(name);
        REQUIRE_FALSE(journal);
        CHECK(journal.error().kind == ErrorKind::not_found);
        CHECK(home.store->begin(name, a_question()).error().kind == ErrorKind::not_found);
    }
    fs::create_directory_symlink("INC-2026-11-22-001", home.store->case_folder("INC-2026-11-22-007"));
    CHECK_FALSE(home.store->journal("INC-2026-11-22-007"));
}

TEST_CASE("a call that reaches no case is filed all the same") {
    TestHome home;
    const auto receipt = a_sealed_run(*home.store, unfiled);
    CHECK(receipt.seq == 1);
    CHECK(verdict(home.store->case_folder(unfiled)) == "ok");
    CHECK(home.store->case_ids().value().empty());
}

TEST_CASE("a task that is no slug does not become a file name") {
    TestHome home;
    const auto id = home.make_case();
    for (const char* task : {"", "../../x", "Ä", "a b", "x\n"}) {
        auto run = home.store->begin(id, a_question(task)).value();
        CHECK(run.task() == "task");
        CHECK(run.seal(Outcome::answered, {}));
    }
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

TEST_CASE("an output has a plain name that is new, and keeps within its bytes") {
    TestHome home;
    const auto id = home.make_case();
    auto run = home.store->begin(id, a_question()).value();

    for (const char* name : {"", "..", "../x", "a/b", ".hidden", "-x", "a b", "prices.sql"})
        CHECK_FALSE(run.open_output(name, "data", "csv", 10));
    auto* file = run.open_output("a.csv", "data", "csv", 10).value();
    CHECK(file->write("123456789"));
    const auto refused = file->write("ab");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::limit_reached);
    CHECK(file->write("0"));

    const auto receipt = run.seal(Outcome::answered, {}).value();
    CHECK(read_file(receipt.folder / "a.csv") == "1234567890");
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

TEST_CASE("a script cannot take the name of another file of its run") {
    TestHome home;
    const auto id = home.make_case();
    for (const char* extension : {"input.json", "manifest.json", "log", "", "../x", "a/b"}) {
        auto question = a_question();
        question.script.extension = extension;
        CHECK_FALSE(home.store->begin(id, question));
    }
    CHECK(names_under(home.store->case_folder(id)) ==
          std::set<std::string>{"chain.jsonl", "head.json", "runs"});
}

TEST_CASE("a folder of runs that is gone is made anew by the next call") {
    TestHome home;
    const auto id = home.make_case();
    REQUIRE(home.store->begin(id, a_question()).value().seal(Outcome::answered, {}));
    fs::remove_all(home.store->case_folder(id) / "runs");

    CHECK(home.store->begin(id, a_question()).error().kind == ErrorKind::unavailable);
    CHECK(home.store->begin(id, a_question()).value().seal(Outcome::answered, {}));
}

TEST_CASE("the log takes a line as one line, and ends when it is full") {
    TestHome home;
    const auto id = home.make_case();
    auto run = home.store->begin(id, a_question()).value();
    run.log("two\nlines \x1B[31m");
    for (int i = 0; i < 30; ++i) run.log(std::string(100'000, 'x'));
    const auto receipt = run.seal(Outcome::answered, {}).value();

    const auto log = read_file(receipt.folder / "prices.log");
    CHECK(log.find("2026-11-22T14:02:03.100Z two lines \\u001B[31m\n") != std::string::npos);
    CHECK(log.size() < 1'100'000);
    CHECK(log.ends_with("the log was cut here\n"));
}

TEST_CASE("runs are listed in sequence: sealed ones by their manifest, open and damaged ones as such") {
    TestHome home;
    const auto id = home.make_case();
    const auto first = a_sealed_run(*home.store, id, "one");
    auto second = home.store->begin(id, a_question("two")).value();
    const auto third = a_sealed_run(*home.store, id, "three");
    write_file(first.folder / "one.manifest.json", "{}");

    const auto runs = home.store->runs(id).value();

    REQUIRE(runs.size() == 3);
    CHECK(runs[0].contains("damaged"));
    CHECK(runs[1].at("open") == true);
    CHECK(text_of(runs[1].at("run_id")) == second.id());
    CHECK(text_of(runs[2].at("run_id")) == third.id);
    CHECK(runs[2].at("outputs").is_array());
}

TEST_CASE("only a file that the sealed manifest names can be opened, and never through a link") {
    TestHome home;
    const auto id = home.make_case();
    const auto receipt = a_sealed_run(*home.store, id);
    auto open = home.store->begin(id, a_question("open")).value();
    write_file(receipt.folder / "extra.csv", "x");

    for (const char* name : {"db_rows.prices.csv", "prices.manifest.json", "prices.log", "prices.sql"})
        REQUIRE(home.store->open_file(id, receipt.id, name));
    for (const char* name : {"extra.csv", "", ".", "..", "../../case.json", "db_rows.prices.csv/"})
        CHECK(home.store->open_file(id, receipt.id, name).error().kind == ErrorKind::not_found);
    CHECK(home.store->open_file(id, open.id(), "open.sql").error().kind == ErrorKind::not_found);
    CHECK(home.store->open_file(id, "20261122_140203_00000000", "x").error().kind == ErrorKind::not_found);

    fs::remove(receipt.folder / "db_rows.prices.csv");
    fs::create_symlink("/etc/passwd", receipt.folder / "db_rows.prices.csv");
    CHECK_FALSE(home.store->open_file(id, receipt.id, "db_rows.prices.csv"));
}

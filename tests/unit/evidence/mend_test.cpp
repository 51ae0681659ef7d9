// What a failure of the machine may take of files that were not synced, and what makes them again.

#include <map>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/record_line.h"
#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

std::map<std::string, std::string> files_under(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files[fs::relative(entry.path(), folder).string()] = read_file(entry.path());
    return files;
}

/// As if the machine had failed after `runs` runs were safe, and been started again.
void pretend_another_boot(const TestHome& home, const std::string& id, int runs) {
    write_file(home.folder.path() / "home/unsettled" / id, "another-boot " + std::to_string(runs) + "\n");
}

}  // namespace

TEST_CASE("files that a power failure took are made again from the journal at the next start") {
    TestHome home;
    const auto id = home.make_case();
    const auto first = a_sealed_run(*home.store, id, "first");
    const auto second = a_sealed_run(*home.store, id, "second", std::string("\xFF\x00 no text", 10));
    const auto third = a_sealed_run(*home.store, id, "third");
    const auto open = home.store->begin(id, a_question("open")).value();
    const auto before = files_under(home.store->case_folder(id) / "runs");

    fs::remove(first.folder / "db_rows.first.csv");
    fs::resize_file(first.folder / "first.log", 10);
    write_file(first.folder / "first.sql", "");
    fs::remove_all(second.folder);
    const auto manifest = read_file(third.folder / "third.manifest.json");
    write_file(third.folder / "third.manifest.json",
               manifest.substr(0, 50) + std::string(manifest.size() - 50, '\0'));
    fs::rename(open.folder(), open.folder().parent_path() / ("." + open.id() + ".new"));
    pretend_another_boot(home, id, 0);
    home.again();

    CHECK(files_under(home.store->case_folder(id) / "runs") == before);
    CHECK(verdict(home.store->case_folder(id)) == "ok");
    CHECK(second_opinion(home.store->case_folder(id)) == "ok");
}

TEST_CASE("what no power failure explains is left to verify") {
    TestHome home;
    const auto id = home.make_case();
    const auto settled = a_sealed_run(*home.store, id, "settled");
    const auto receipt = a_sealed_run(*home.store, id, "late");
    const auto csv = receipt.folder / "db_rows.late.csv";

    SECTION("a file changed") {
        write_file(csv, "id,price\n1,8.99\n");
        pretend_another_boot(home, id, 0);
        home.again();
        CHECK(verdict(home.store->case_folder(id)).starts_with("file altered"));
    }
    SECTION("a file removed in the boot that wrote it") {
        fs::remove(csv);
        home.again();
        CHECK(verdict(home.store->case_folder(id)).starts_with("file missing"));
    }
    SECTION("a file removed of a run that was safe already") {
        fs::remove(settled.folder / "db_rows.settled.csv");
        pretend_another_boot(home, id, 1);
        home.again();
        CHECK(verdict(home.store->case_folder(id)).starts_with("file missing"));
    }
}

TEST_CASE("a large output is a file and not in the journal, a small one is in both") {
    TestHome home;
    const auto id = home.make_case();
    const auto chain = home.store->case_folder(id) / "chain.jsonl";
    a_sealed_run(*home.store, id, "small", std::string(65'536, 's'));
    CHECK(read_file(chain).find(std::string(65'536, 's')) != std::string::npos);
    const auto large = a_sealed_run(*home.store, id, "large", std::string(65'537, 'l'));
    CHECK(read_file(chain).find("llll") == std::string::npos);
    CHECK(fs::file_size(large.folder / "db_rows.large.csv") == 65'537);
    CHECK(verdict(home.store->case_folder(id)) == "ok");
    CHECK(second_opinion(home.store->case_folder(id)) == "ok");
}

TEST_CASE("what the journal holds can be neither changed nor added, nor taken out without a record of it") {
    const KnownCase known;
    auto lines = Copy(known).lines();
    auto& line = lines[2];
    const auto start = line.find(",\"held\":{"), end = line.rfind(",\"kind\":");
    REQUIRE(start < end);

    const Copy altered(known), destroyed(known), added(known);
    altered.replace("chain.jsonl", "1,9.99", "1,8.99");
    const auto whole = line;
    line.erase(start, end - start);
    destroyed.put_lines(lines);
    line = whole;
    line.insert(start + 9, R"("a.csv":"x",)");
    added.put_lines(lines);

    CHECK(verdict(altered.folder) == "record altered: chain.jsonl line 3");
    CHECK(verdict(destroyed.folder) == "record altered: chain.jsonl line 3");
    CHECK(verdict(added.folder) == "record altered: chain.jsonl line 3");
    CHECK(second_opinions({altered.folder, destroyed.folder, added.folder}) ==
          std::vector<std::string>(3, "record altered: chain.jsonl line 3"));
}

TEST_CASE("what was destroyed on record is not made again after a failure of the machine") {
    TestHome home;
    const auto id = home.make_case();
    const auto run = a_sealed_run(*home.store, id);
    const auto csv = run.folder / "db_rows.prices.csv", sql = run.folder / "prices.sql";
    // The record is there and the file gone; the journal still holds it.
    const json::object file{
        {"run_id", run.id}, {"path", "db_rows.prices.csv"}, {"sha256", sha256_hex(read_file(csv))}};
    home.store->journal(id)
        .value()
        ->append("pruned", {{"by", "x"}, {"reason", "x"}, {"files", {file}}})
        .value();
    fs::remove(csv);
    fs::remove(sql);
    pretend_another_boot(home, id, 0);

    home.again();

    CHECK_FALSE(fs::exists(csv));
    CHECK(fs::exists(sql));
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

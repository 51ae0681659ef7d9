#include <fcntl.h>
#include <sys/stat.h>

#include "cases/external_run.h"
#include "tests/support/catch.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;
namespace fs = std::filesystem;

namespace {

/// What `pyx run --file temp/check_prices.py --input-path temp/check_prices.input.json` leaves.
struct FinishedRun {
    TemporaryFolder parent;
    fs::path folder = parent.path() / "temp";
    std::string manifest = R"({"run_id": "20251223_114227", "success": true,
        "output_dir": "C:\\work\\temp", "input_path": "C:\\work\\temp\\check_prices.input.json",
        "outputs": [
            {"path": "C:\\work\\temp\\check_prices.20251223_114227.log.txt", "role": "log", "category": "stdout_stderr", "format": "text"},
            {"path": "check_prices.20251223_114227.rows.csv", "role": "output", "category": "data", "format": "csv"}]})";

    FinishedRun() {
        fs::create_directory(folder);
        write_text(folder / "check_prices.py", "print('hello')\n");
        write_text(folder / "check_prices.input.json", "{}\n");
        write_text(folder / "check_prices.20251223_114227.log.txt", "read 2 rows\n");
        write_text(folder / "check_prices.20251223_114227.rows.csv", "id,price\n7,29.90\n");
        write_text(folder / "check_prices.20251223_114227.notes.txt", "not in the manifest\n");
        write_text(folder / "secret.txt", "of somebody else\n");
        put();
    }
    void put() const { write_text(folder / "check_prices.20251223_114227.manifest.json", manifest); }
    void replace(const std::string& from, const std::string& to) {
        const auto at = manifest.find(from);
        REQUIRE(at != std::string::npos);
        manifest.replace(at, from.size(), to);
        put();
    }
};

struct FilingHome {
    CaseHome home;
    Casebook book{*home.store};
    std::string id = home.open(book, "Wrong prices").id;

    Result<ExternalRun> file(const fs::path& folder, const std::string& manifest = {}) {
        return file_external_run(*home.store, book.find(id, alice).value(), folder, manifest, alice,
                                 "test 1.0");
    }
    std::string account(const ExternalRun& filed) const {
        return read_text(filed.receipt.folder / "external.check-prices.json");
    }
    bool verifies() const { return evidence::verify_case(home.store->case_folder(id), {}, {}).value().ok; }
};

}  // namespace

TEST_CASE("a finished run of another tool becomes a run of the case whose source is external") {
    FinishedRun run;
    FilingHome to;

    const auto filed = to.file(run.folder);

    REQUIRE(filed);
    CHECK(filed->doubts.empty());
    CHECK(filed->summary == "external run 20251223_114227, 6 files, claims success");
    const auto state = to.book.find(to.id, alice).value();
    REQUIRE(state.runs.size() == 1);
    CHECK(state.runs[0].tool == "external");
    CHECK(state.runs[0].outcome == "answered");
    const auto account = to.account(*filed);
    CHECK(account.find(R"("source":"external")") != std::string::npos);
    CHECK(account.find(R"("success":true)") != std::string::npos);
    CHECK(account.find("check_prices.py") != std::string::npos);
    CHECK(account.find("secret.txt") == std::string::npos);
    CHECK(read_text(filed->receipt.folder / "external.03.log.txt") == "read 2 rows\n");
    for (const auto& file : filed->receipt.files) CHECK(file.path.find("check_prices") == std::string::npos);
    CHECK(to.verifies());
    CHECK(to.book.list(alice, "external 20251223", 10).value().size() == 1);
}

TEST_CASE("what a foreign manifest claims is checked, and what does not hold is told") {
    FinishedRun run;
    FilingHome to;
    std::string expected;
    SECTION("a file that is not there") {
        fs::remove(run.folder / "check_prices.20251223_114227.rows.csv");
        expected = "'check_prices.20251223_114227.rows.csv': the manifest names it, and it is not there";
    }
    SECTION("a path that climbs out") {
        run.replace(R"("check_prices.20251223_114227.rows.csv")", R"("../../etc/passwd")");
        expected = "outputs[1].path: '../../etc/passwd' is no plain name within the folder";
    }
    SECTION("an absolute path") {
        run.replace(R"("check_prices.20251223_114227.rows.csv")", R"("/etc/passwd")");
        expected = "outputs[1].path: '/etc/passwd' is no plain name within the folder";
    }
    SECTION("a link") {
        write_text(run.parent.path() / "outside", "outside\n");
        fs::remove(run.folder / "check_prices.20251223_114227.rows.csv");
        fs::create_symlink(run.parent.path() / "outside",
                           run.folder / "check_prices.20251223_114227.rows.csv");
        expected =
            "'check_prices.20251223_114227.rows.csv': not taken: expected a regular file, got a link, a "
            "pipe or a device";
    }
    SECTION("a pipe, which nobody writes") {
        fs::remove(run.folder / "check_prices.20251223_114227.rows.csv");
        REQUIRE(::mkfifo((run.folder / "check_prices.20251223_114227.rows.csv").c_str(), 0600) == 0);
        expected =
            "'check_prices.20251223_114227.rows.csv': not taken: expected a regular file, got a link, a "
            "pipe or a device";
    }
    SECTION("another hash") {
        run.replace(R"("format": "csv")", R"("format": "csv", "sha256": "00")");
        expected = "'check_prices.20251223_114227.rows.csv': its manifest claims another SHA-256";
    }

    const auto filed = to.file(run.folder);

    REQUIRE(filed);
    REQUIRE(filed->doubts.size() == 1);
    CHECK(filed->doubts[0] == expected);
    CHECK(to.account(*filed).find("outside\\n") == std::string::npos);
    CHECK(to.verifies());
}

TEST_CASE("a folder without one finished run is refused, and no run is opened for it") {
    FinishedRun run;
    FilingHome to;
    std::string expected;
    SECTION("none") {
        fs::remove(run.folder / "check_prices.20251223_114227.manifest.json");
        expected = "the folder holds no finished run: expected a file <task>.<run_id>.manifest.json";
    }
    SECTION("two") {
        write_text(run.folder / "other.20251223_120000.manifest.json", run.manifest);
        expected =
            "the folder holds several runs: check_prices.20251223_114227.manifest.json, "
            "other.20251223_120000.manifest.json";
        CHECK(to.file(run.folder, "check_prices.20251223_114227.manifest.json").has_value());
    }
    SECTION("no JSON") {
        write_text(run.folder / "check_prices.20251223_114227.manifest.json", "[1]");
        expected =
            "'check_prices.20251223_114227.manifest.json': expected one JSON object, got something else";
    }
    SECTION("the folder is a link") {
        fs::rename(run.folder, run.parent.path() / "real");
        fs::create_directory_symlink(run.parent.path() / "real", run.folder);
        expected = "temp: expected a folder, got something else";
    }
    const auto runs = to.book.find(to.id, alice).value().runs.size();
    CHECK(to.file(run.folder).error().message == expected);
    CHECK(to.book.find(to.id, alice).value().runs.size() == runs);
}

// Outputs that are destroyed on record: what goes, what stays, and what still verifies.

#include "evidence/prune.h"

#include "tests/unit/evidence/known_case.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

constexpr const char* later = "2026-11-23T00:00:00.000Z";

Journal& journal_of(const KnownCase& known) { return *known.home.store->journal(known.id).value(); }

void prune_all(Journal& journal) {
    prune(journal, plan_pruning(journal, later).value(), "local:1000", "older than 90 days").value();
}

std::string both(const fs::path& folder) {
    const auto first = verdict(folder), second = second_opinion(folder);
    return first == second ? first : first + " against " + second;
}

json::object pruned_body(const std::string& run_id, const FileEntry& file) {
    return {{"by", "x"},
            {"reason", "x"},
            {"files",
             {{{"run_id", run_id}, {"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}}}}};
}

const FileEntry& entry_of(const Receipt& receipt, const std::string& role) {
    return *std::find_if(receipt.files.begin(), receipt.files.end(),
                         [&](const auto& file) { return file.role == role; });
}

}  // namespace

TEST_CASE("pruning destroys the outputs of old runs, in the journal too, and the case verifies and tells") {
    KnownCase known;
    const auto large = a_sealed_run(*known.home.store, known.id, "large", std::string(100'000, 'l'));
    auto& journal = journal_of(known);
    CHECK(plan_pruning(journal, "2026-11-22T14:02:03.100Z").value().files.empty());
    const auto plan = plan_pruning(journal, later).value();
    REQUIRE(plan.files.size() == 3);
    CHECK(plan.bytes == 16 + 5 + 100'000);

    prune(journal, plan, "local:1000", "older than 90 days").value();

    CHECK_FALSE(fs::exists(known.first.folder / "db_rows.first.csv"));
    CHECK_FALSE(fs::exists(large.folder / "db_rows.large.csv"));
    for (const auto* name : {"first.sql", "first.input.json", "first.log", "first.manifest.json"})
        CHECK(fs::exists(known.first.folder / name));
    CHECK(read_file(known.original / "chain.jsonl").find("9.99") == std::string::npos);
    const auto verification = verified(known.original);
    CHECK(both(known.original) == "ok");
    REQUIRE(verification.pruned.size() == 3);
    CHECK(verification.pruned[0].ends_with(
        "/db_rows.first.csv on 2026-11-22T14:02:03.100Z by local:1000: older than 90 days"));
    CHECK(plan_pruning(journal, later).value().files.empty());
    CHECK_FALSE(exists(known.original / "chain.jsonl.new"));

    // The chain goes on, here and in other processes.
    CHECK(a_sealed_run(*known.home.store, known.id).seq == 5);
    CHECK(a_sealed_run(*known.home.again(), known.id).seq == 6);
    CHECK(both(known.original) == "ok");
    const auto gone = known.home.store->open_file(known.id, known.first.id, "db_rows.first.csv");
    REQUIRE_FALSE(gone);
    CHECK_THAT(gone.error().message,
               Catch::Contains("was destroyed on 2026-11-22T14:02:03.100Z by local:1000"));
}

TEST_CASE("what is gone without a record of it is missing, what came back changed is altered") {
    KnownCase known;
    const auto csv = read_file(known.first.folder / "db_rows.first.csv");
    prune_all(journal_of(known));
    const Copy without_record(known), restored(known), changed(known), log_gone(known);

    auto lines = without_record.lines();
    lines.pop_back();
    without_record.put_lines(lines);
    write_file(restored.at(restored.first + "/db_rows.first.csv"), csv);
    write_file(changed.at(changed.first + "/db_rows.first.csv"), "id,price\n1,8.99\n");
    fs::remove(log_gone.at(log_gone.first + "/first.log"));

    CHECK(both(without_record.folder) == "tail cut: chain.jsonl");
    CHECK(both(restored.folder) == "ok");
    CHECK(says(verified(restored.folder), "is still there"));
    CHECK(both(changed.folder) == "file altered: " + changed.first + "/db_rows.first.csv");
    CHECK(both(log_gone.folder) == "file missing: " + log_gone.first + "/first.log");
}

TEST_CASE("a prune that was interrupted verifies, and the next one finishes it") {
    KnownCase known;
    auto& journal = journal_of(known);
    journal.append("pruned", pruned_body(known.first.id, entry_of(known.first, "output"))).value();
    write_file(known.original / "chain.jsonl.new", "half");

    CHECK(both(known.original) == "ok");
    CHECK(says(verified(known.original), "db_rows.first.csv: is still there"));
    CHECK(read_file(known.original / "chain.jsonl").find("9.99") != std::string::npos);
    const auto plan = plan_pruning(journal, "2026-01-01T00:00:00.000Z").value();
    CHECK(plan.files.empty());
    REQUIRE(plan.left_behind.size() == 1);

    prune(journal, plan, "local:1000", "x").value();

    CHECK(both(known.original) == "ok");
    CHECK_FALSE(fs::exists(known.first.folder / "db_rows.first.csv"));
    CHECK(read_file(known.original / "chain.jsonl").find("9.99") == std::string::npos);
    CHECK_FALSE(exists(known.original / "chain.jsonl.new"));
}

TEST_CASE("only outputs of sealed runs can be told to be destroyed") {
    std::vector<fs::path> folders;
    std::vector<std::unique_ptr<KnownCase>> cases;
    const auto add = [&](const std::function<json::object(const KnownCase&)>& body) {
        const auto& known = *cases.emplace_back(std::make_unique<KnownCase>());
        journal_of(known).append("pruned", body(known)).value();
        folders.push_back(known.original);
    };
    add([](const auto& known) { return pruned_body(known.first.id, entry_of(known.first, "log")); });
    add([](const auto& known) { return pruned_body(known.second.id, entry_of(known.first, "output")); });
    add([](const auto& known) { return pruned_body(known.open.id(), entry_of(known.first, "output")); });
    add([](const auto& known) {
        auto file = entry_of(known.first, "output");
        file.sha256 = std::string(64, 'a');
        return pruned_body(known.first.id, file);
    });
    for (const auto& folder : folders) CHECK(verdict(folder) == "records disagree: chain.jsonl");
    CHECK(second_opinions(folders) ==
          std::vector<std::string>(folders.size(), "records disagree: chain.jsonl"));
}

TEST_CASE("pruning while others write and verify loses nothing and shows no break", "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    const auto folder = home.store->case_folder(id);
    const Pipe started;
    constexpr int runs = 60;
    const auto writer = in_child([&] {
        auto store = home.again();
        for (int i = 0; i < runs; ++i) {
            if (a_sealed_run(*store, id).seq == 0) return 1;
            if (i == 5 && !started.send()) return 2;
        }
        return 0;
    });
    REQUIRE(started.receive());
    auto& journal = *home.store->journal(id).value();
    for (int i = 0; i < 10; ++i) {
        prune_all(journal);
        CHECK(verdict(folder) == "ok");
    }
    CHECK(exit_code_of(writer) == 0);
    prune_all(journal);
    const auto verification = verified(folder);
    CHECK(verdict(verification) == "ok");
    CHECK(verification.runs == runs);
    CHECK(verification.open_runs.empty());
    CHECK(verification.pruned.size() == runs);
    CHECK(read_file(folder / "chain.jsonl").find("9.99") == std::string::npos);
}

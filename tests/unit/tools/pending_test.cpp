// Confirmations that wait for a human at a terminal: written in one step, read by other processes.

#include "tools/environment/pending.h"

#include <sys/stat.h>

#include "tests/support/tool_bench.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

std::filesystem::path folder_of(ToolBench& bench) { return bench.work().cases.store().home() / "pending"; }

Pending keep(ToolBench& bench) {
    return keep_pending(bench.work(), {.code = {},
                                       .case_id = bench.case_id,
                                       .env = "STAGING",
                                       .principal = bench.principal,
                                       .identity_sha256 = "abc",
                                       .asked_at = {},
                                       .kinds = {SourceKind::redis}})
        .value();
}

}  // namespace

TEST_CASE("a confirmation waits for fifteen minutes, readable by its owner alone") {
    ToolBench bench;
    const auto kept = keep(bench);
    const auto file = folder_of(bench) / (kept.code + ".json");
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);

    bench.clock.advance(std::chrono::minutes(15));
    const auto waiting = pending_confirmations(bench.work()).value();
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].code == kept.code);
    CHECK(waiting[0].kinds == std::vector<SourceKind>{SourceKind::redis});

    bench.clock.advance(std::chrono::milliseconds(1));
    CHECK(pending_confirmations(bench.work()).value().empty());
    CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("one that another process is writing is left to it, and a damaged one goes") {
    ToolBench bench;
    const auto kept = keep(bench);
    const auto half = folder_of(bench) / "0123abcd.json.4567cdef.new",
               damaged = folder_of(bench) / "bad.json", folder = folder_of(bench) / "folder.json";
    std::ofstream(half) << R"({"code":"0123ab)";
    std::ofstream(damaged) << "{";
    std::filesystem::create_directory(folder);

    const auto waiting = pending_confirmations(bench.work()).value();

    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].code == kept.code);
    CHECK(std::filesystem::exists(half));
    CHECK_FALSE(std::filesystem::exists(damaged));
    CHECK(std::filesystem::exists(folder));
}

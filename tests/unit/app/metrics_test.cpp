// What /metrics tells of the home.

#include "app/metrics.h"

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;
using namespace casefile::app;

namespace {

const WallTime noon = *parse_rfc3339("2026-11-22T12:00:00Z");

}  // namespace

TEST_CASE("metrics count the cases of a home and the bytes of their files, once a minute") {
    TemporaryFolder folder;
    Metrics metrics;
    const auto cases = folder.path() / "cases";
    CHECK_THAT(Metrics().text({}, cases, noon), Catch::Contains("\ncasefile_cases 0\n"));
    std::filesystem::create_directories(cases / "INC-2026-11-22-001" / "runs");
    std::ofstream(cases / "INC-2026-11-22-001" / "runs" / "rows.csv") << std::string(1'000, 'x');
    std::filesystem::create_directory(cases / "unfiled");
    std::ofstream(cases / "unfiled" / "chain.jsonl") << "12345";
    std::filesystem::create_symlink("/nowhere", cases / "unfiled" / "dangling");
    const auto told = [&](WallTime now) { return metrics.text({}, cases, now); };

    CHECK_THAT(told(noon), Catch::Contains("\ncasefile_cases 1\n") &&
                               Catch::Contains("\ncasefile_evidence_bytes 1005\n"));
    std::ofstream(cases / "unfiled" / "more") << "67";
    CHECK_THAT(told(noon + std::chrono::seconds(59)), Catch::Contains("\ncasefile_evidence_bytes 1005\n"));
    CHECK_THAT(told(noon + std::chrono::seconds(60)), Catch::Contains("\ncasefile_evidence_bytes 1007\n"));
}

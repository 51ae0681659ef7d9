// The demo finds what was planted by reading alone: other seeds plant other shops with other faults.

#include "base/text.h"
#include "sandbox/plan.h"
#include "tests/support/program.h"

using namespace casefile;

TEST_CASE("the demo reports exactly the faults that its seed planted, and its evidence verifies") {
    // Three themes, and one seed more of the first with other names.
    for (const std::uint32_t seed : {0U, 1U, 2U, 9U}) {
        TemporaryFolder folder;
        const auto home = (folder.path() / "home").string();
        const auto ran = run({program("casefile"), "demo", "--seed", std::to_string(seed), "--home", home});
        INFO("seed " << seed << "\n" << ran.out << ran.err);
        REQUIRE(ran.exit_code == 0);
        const auto planted = sandbox::make_plan(seed, SystemClock().now());
        const auto& names = planted.names;
        CHECK_THAT(ran.out, Catch::Contains("table " + names.table + " against keys " + names.key_template));
        CHECK_THAT(ran.out, Catch::Contains("stale:     " + join(planted.stale, ", ") + "\n"));
        CHECK_THAT(ran.out, Catch::Contains("missing:   " + join(planted.missing, ", ") + "\n"));
        CHECK_THAT(ran.out, Catch::Contains("left over: " + join(planted.left_over, ", ") + "\n"));
        CHECK_THAT(ran.out, Catch::Contains("consumer:  " + names.group + " on " + names.topic + ", "));
        CHECK_THAT(ran.out, Catch::Contains("lag " + std::to_string(planted.lag()) + "\n"));

        const auto verified = run({program("casefile"), "verify", "--home", home});
        INFO(verified.out);
        CHECK(verified.exit_code == 0);
    }
}

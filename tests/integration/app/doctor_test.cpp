// casefile doctor tells for each tool of a toolset whether what it needs is there.

#include "tests/support/servers.h"

using namespace casefile;

TEST_CASE("doctor tells what each toolset needs: ready, missing with its variable, or failing") {
    TemporaryFolder folder;
    const auto home = (folder.path() / "home").string();
    auto variables = TestServers::get().variables("DEV");
    variables.erase("KAFKA_DEV_BROKERS");
    variables["REDIS_DEV_URL"] = "redis://:x@127.0.0.1:1/0";  // nobody listens there

    const auto ran =
        run({program("casefile"), "doctor", "--home", home, "--toolsets", "backend,admin,work"}, variables);

    INFO(ran.out);
    CHECK(ran.exit_code == 1);
    for (const auto* line :
         {"ready    toolset backend: query_mysql, describe_mysql on DEV: MYSQL_DEV_URL answers",
          "FAILING  toolset backend: read_redis, scan_redis on DEV: REDIS_DEV_URL names a source that does "
          "not answer",
          "missing  toolset backend: kafka_lag, read_kafka on DEV: KAFKA_DEV_BROKERS is not set",
          "missing  toolset admin: export_page: pages_folder is not set",
          "missing  toolset work: find_runbook: no Markdown file is in"})
        CHECK_THAT(ran.out, Catch::Contains(line));

    // What is only missing is no fault.
    variables.erase("REDIS_DEV_URL");
    CHECK(
        run({program("casefile"), "doctor", "--home", home, "--toolsets", "backend"}, variables).exit_code ==
        0);
}

#include "app/environments.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::app;

TEST_CASE("a line of an env file that nothing uses is told, with the name that was probably meant") {
    struct Row {
        const char* name;
        const char* reason;
    };
    const Row rows[] = {
        {"MYSQL_STAGING_URI", "not used; expected MYSQL_STAGING_URL"},
        {"KAFKA_STAGING_URL", "not used; expected KAFKA_STAGING_BROKERS"},
        {"KAFKA_EU_WEST_2_BOOTSTRAP_SERVERS", "not used; expected KAFKA_EU_WEST_2_BROKERS"},
        {"MYSLQ_STAGING_URL", "not used; expected MYSQL_STAGING_URL"},
        {"REDIS_EU_WEST_2", "not used; expected REDIS_EU_WEST_2_URL"},
        {"MYSQL_URI", "not used; expected MYSQL_<ENV>_URL"},
        {"PGSQL_STAGING_URL", "not used; expected MYSQL_<ENV>_URL, REDIS_<ENV>_URL or KAFKA_<ENV>_BROKERS"},
        {"CASEFILE_HOME", "not used from a file; export it, or pass --home"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        const auto problems = unused_variables({{row.name, "hush"}});
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().variable == row.name);
        CHECK(problems.front().reason == row.reason);
    }
}

TEST_CASE("a line of an env file that is used, or told of already, is told once at most") {
    CHECK(
        unused_variables({{"MYSQL_DEV_URL", "mysql://u:p@127.0.0.1:1/x"}, {"KAFKA_DEV_BROKERS", "nonsense"}})
            .empty());
    for (const auto* name : {"MYSQL_URL", "mysql_dev_URL"}) {
        INFO(name);
        CHECK(find_environments({{name, "x"}}, {}).problems.size() + unused_variables({{name, "x"}}).size() ==
              1);
    }
}

// The plan of a statement, asked for in the statement's own snapshot.

#include "policy/plan_cost.h"
#include "tests/integration/sources/servers.h"

namespace casefile::sources::mysql {
namespace {

void plant() {
    mariadb().as_admin(
        "CREATE OR REPLACE TABLE shop.planned (id INT PRIMARY KEY, status INT, ref INT, KEY (ref)) "
        "SELECT seq AS id, seq % 7 AS status, seq AS ref FROM shop.seq_1_to_5000");
    mariadb().as_admin("ANALYZE TABLE shop.planned");
}

}  // namespace

TEST_CASE("a judge hears the plan before the statement runs, and its error keeps it from running") {
    plant();
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    std::optional<Plan> heard;
    Collected got, after;

    const auto end = source->query("SELECT id FROM planned WHERE status = 3", got, within(5s),
                                   [&](const Result<Plan>& plan) -> Result<void> {
                                       REQUIRE(plan);
                                       heard = *plan;
                                       return denied("too much");
                                   });

    REQUIRE_FALSE(end);
    CHECK(end.error().message == "too much");
    CHECK(got.rows.empty());
    REQUIRE(heard);
    CHECK(std::ranges::find(heard->columns, "filtered") != heard->columns.end());
    const auto cost = policy::cost_of_plan(heard->columns, heard->rows);
    CHECK(cost.rows_read > 4'000);
    CHECK(cost.rows_read < 6'000);
    REQUIRE(source->query("SELECT 'fine'", after, within(5s)));
    CHECK(after.first() == "fine");
}

TEST_CASE("an allowed plan leaves the statement as it is") {
    plant();
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    for (const std::string sql :
         {"SELECT COUNT(*) FROM planned", "(SELECT 5000 FROM planned LIMIT 1)",
          "WITH p AS (SELECT COUNT(*) AS n FROM planned) SELECT n FROM p",
          "SELECT COUNT(*) FROM planned p JOIN planned q ON q.ref = p.id",
          "/* all */ SELECT SUM(1) FROM planned UNION SELECT COUNT(*) FROM planned;"}) {
        Collected got;
        bool planned = false;
        const auto end = source->query(sql, got, within(5s), [&](const Result<Plan>& plan) -> Result<void> {
            planned = plan.has_value();
            return {};
        });
        INFO(sql);
        REQUIRE(end);
        CHECK(planned);
        CHECK(got.first() == "5000");
    }
}

TEST_CASE("a plan that the account may not see is told as an error, and the statement still runs") {
    plant();
    mariadb().as_admin("CREATE DATABASE IF NOT EXISTS hidden");
    mariadb().as_admin("CREATE OR REPLACE TABLE hidden.base (id INT) SELECT 7 AS id");
    mariadb().as_admin("CREATE OR REPLACE VIEW shop.seen AS SELECT id FROM hidden.base");
    mariadb().as_admin("CREATE OR REPLACE USER viewer@'127.0.0.1' IDENTIFIED BY 'viewer-password'");
    mariadb().as_admin("GRANT SELECT ON shop.seen TO viewer@'127.0.0.1'");
    auto endpoint = mariadb().endpoint("viewer");
    endpoint.password = Secret("viewer-password");
    std::optional<Error> heard;
    Collected got;

    const auto end =
        make_mysql_source(endpoint, {})
            ->query("SELECT id FROM seen", got, within(5s), [&](const Result<Plan>& plan) -> Result<void> {
                if (!plan) heard = plan.error();
                return {};
            });

    mariadb().as_admin("DROP USER viewer@'127.0.0.1'");
    REQUIRE(end);
    REQUIRE(heard);
    CHECK_THAT(heard->message, Catch::Contains("EXPLAIN/SHOW can not be issued"));
    CHECK(got.first() == "7");
}

}  // namespace casefile::sources::mysql

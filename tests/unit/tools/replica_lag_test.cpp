// How far behind a replica was, told with what was read from it; a primary is never asked.

#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Bench : ToolBench {
    explicit Bench(const char* role)
        : source(add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"))) {
        Probe found{.fingerprints = {sources::fake_fingerprint(source.where)}, .problems = {}, .unlike = {}};
        found.fingerprints[0].facts["role"] = role;
        REQUIRE(cases().give(case_id, make_grant(work(), "STAGING", principal, "a tester", "form", found),
                             principal));
        source.tables = {{"FROM t", {{{"n", "INT", false}}, {{"1"}}}}};
    }
    void tell_lag(std::optional<std::string> seconds) {
        source.tables.push_back(
            {"SHOW REPLICA STATUS", {{{"Seconds_Behind_Master", "BIGINT", false}}, {{std::move(seconds)}}}});
    }
    json::object query() {
        return call(mysql::query_tool(work()), {{"sql", "SELECT * FROM t"}, {"task", "told"}});
    }
    std::ptrdiff_t asked() const {
        return std::count(source.asked.begin(), source.asked.end(), "SHOW REPLICA STATUS");
    }
    sources::mysql::FakeMysqlSource& source;
};

}  // namespace

TEST_CASE("what is read from a replica comes with its lag, asked once for calls in a row") {
    Bench bench("replica");
    bench.tell_lag("7");
    for (int times = 0; times < 3; ++times) {
        const auto answer = bench.query();
        CHECK(answer.at("snapshot").at("replica").at("seconds_behind") == "7");
        const auto manifest = json::parse(ToolBench::file(answer, "told.manifest.json"));
        CHECK(manifest.at("details").at("snapshot") == answer.at("snapshot"));
    }
    CHECK(bench.asked() == 1);
}

TEST_CASE("a replica that does not replicate is no replica without lag") {
    Bench bench("replica");
    bench.tell_lag(std::nullopt);
    const auto answer = bench.query();
    CHECK(answer.at("snapshot").at("replica").at("unknown") == "replication does not run");
}

TEST_CASE("a primary is not asked how far it is behind") {
    Bench bench("primary or alone");
    bench.tell_lag("7");
    CHECK_FALSE(bench.query().at("snapshot").as_object().contains("replica"));
    CHECK(bench.asked() == 0);
}

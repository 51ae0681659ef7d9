// What is unlike the last time: noticed across cases, told to whoever confirms, kept from others.

#include "tools/environment/last_seen.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/environment/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

Probe seen(const std::string& version, std::int64_t skew = 0) {
    auto fingerprint = sources::fake_fingerprint(sources::fake_endpoint("STAGING", SourceKind::mysql));
    fingerprint.facts = {
        {"version", version}, {"server_time", "differs every time"}, {"clock_skew_ms", skew}};
    return {.fingerprints = {fingerprint}, .problems = {}, .unlike = {}};
}

}  // namespace

TEST_CASE("what changed since an environment was seen last is told, in any case of the home") {
    ToolBench bench;
    auto& work = bench.work();
    CHECK(unlike_last_time(work, "local:1000", "STAGING", seen("10.11.18")).empty());
    remember_seen(work, "local:1000", "STAGING", seen("10.11.18"));

    CHECK(unlike_last_time(work, "local:1000", "STAGING", seen("10.11.18", 900)).empty());
    CHECK(unlike_last_time(work, "local:1000", "STAGING", seen("10.11.19", 5000)) ==
          std::vector<std::string>{
              "MYSQL_STAGING_URL unlike 2026-11-22T14:00:00.000Z: version: before \"10.11.18\", now "
              "\"10.11.19\"",
              "MYSQL_STAGING_URL unlike 2026-11-22T14:00:00.000Z: clock against ours: before 0 ms, now 5000 "
              "ms"});
    CHECK(unlike_last_time(work, "local:1000", "PROD", seen("10.11.19")).empty());
}

TEST_CASE("what one principal saw is nothing to another") {
    ToolBench bench;
    remember_seen(bench.work(), "https://login#alice", "STAGING", seen("10.11.18"));
    CHECK(unlike_last_time(bench.work(), "https://login#bob", "STAGING", seen("10.11.19")).empty());
}

TEST_CASE("a damaged note is as good as none") {
    ToolBench bench;
    auto& work = bench.work();
    remember_seen(work, "local:1000", "STAGING", seen("10.11.18"));
    const auto file = std::filesystem::directory_iterator(work.cases.store().home() / "seen")->path();
    std::ofstream(file) << R"({"MYSQL_STAGING_URL": {"look": 5)";
    CHECK(unlike_last_time(work, "local:1000", "STAGING", seen("10.11.19")).empty());
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK(unlike_last_time(work, "local:1000", "STAGING", seen("10.11.19")).empty());
    remember_seen(work, "local:1000", "STAGING", seen("10.11.19"));
}

TEST_CASE("the human who confirms is told what is unlike the last time") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    auto before = Probe{
        .fingerprints = {sources::fake_fingerprint(source.where, "db-7")}, .problems = {}, .unlike = {}};
    remember_seen(bench.work(), bench.principal, "STAGING", before);

    const auto asked =
        bench.call_once(environment::confirm_environment_tool(bench.work()), {{"env", "STAGING"}});

    const auto* question = std::get_if<mcp::NeedsInput>(&asked);
    REQUIRE(question != nullptr);
    CHECK_THAT(question->questions.at(0).message,
               Catch::Contains("unlike 2026-11-22T14:00:00.000Z: host: before \"db-7\", now \"fake\""));
}

TEST_CASE("a server that nobody confirmed does not become what was seen last") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    const auto first = bench.call(environment::fingerprint_tool(bench.work()), {});
    CHECK(first.at("unlike_before").as_array().empty());

    source.host = "elsewhere";
    const auto answer = bench.call(environment::fingerprint_tool(bench.work()), {});
    CHECK(answer.at("drift").as_array().size() == 1);
    CHECK(answer.at("unlike_before").as_array().size() == 1);
    CHECK_THAT(
        bench.refusal(environment::fingerprint_tool(bench.work()), {}).at("message").as_string().c_str(),
        Catch::Contains("suspended"));
    const Probe again{
        .fingerprints = {sources::fake_fingerprint(source.where, "elsewhere")}, .problems = {}, .unlike = {}};
    CHECK(unlike_last_time(bench.work(), bench.principal, "STAGING", again).size() == 1);
}

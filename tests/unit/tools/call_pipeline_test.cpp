// The way of every data call: asked or refused, it is filed, and nothing is asked that the gate did not
// allow.

#include "base/json.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"
#include "tools/environment/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;
using sources::mysql::FakeMysqlSource;

namespace {

/// The newest run of the bench's case.
cases::RunLine last_run(ToolBench& bench) {
    auto state = bench.cases().find(bench.case_id, bench.principal);
    REQUIRE(state);
    REQUIRE_FALSE(state->runs.empty());
    return state->runs[state->runs.size() - 1];
}

std::string place(const sources::Endpoint& endpoint) {
    return endpoint.address() + (endpoint.database.empty() ? "" : "/" + endpoint.database) +
           (endpoint.user.empty() ? "" : " as " + endpoint.user);
}

}  // namespace

TEST_CASE("a call before a human's grant never reaches the source, and is filed all the same") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));

    const auto error =
        bench.refusal(mysql::query_tool(bench.work()), {{"env", "STAGING"}, {"sql", "SELECT 1"}});

    CHECK(source.asked.empty());
    CHECK(error.at("layer") == "casefile");
    CHECK_THAT(std::string(error.at("hint").as_string()), Catch::Contains("confirm_environment"));
    CHECK(last_run(bench).outcome == "refused");
}

TEST_CASE("what policy refuses never reaches the source, also with a grant") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");

    for (const auto* sql :
         {"DELETE FROM orders", "SELECT 1; SELECT 2", "SELECT SLEEP(9)", "SELECT 1 INTO OUTFILE '/tmp/x'"})
        bench.refusal(mysql::query_tool(bench.work()), {{"sql", sql}});

    CHECK(source.asked.empty());
    CHECK(last_run(bench).seq == 4);
}

TEST_CASE("a parameter cannot bring in a second statement") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");

    bench.call(mysql::query_tool(bench.work()),
               {{"sql", "SELECT * FROM t WHERE a = ?"}, {"params", {"'; DROP TABLE t; --"}}});

    REQUIRE(source.asked.size() == 1);
    CHECK(source.asked[0].find("DROP") == std::string::npos);
}

TEST_CASE("a grant ends, and then nothing is asked any more") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});

    bench.clock.advance(std::chrono::hours(9));
    bench.refusal(mysql::query_tool(bench.work()), {{"env", "STAGING"}, {"sql", "SELECT 1"}});

    CHECK(source.asked.size() == 1);
}

TEST_CASE("a case of another principal does not exist, and the call is filed beside the cases") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    mcp::CallContext stranger;
    stranger.principal = "local:2000";

    const auto tool = guard(mysql::query_tool(bench.work()), bench.work());
    const auto foreign = tool->call({{"case", bench.case_id}, {"sql", "SELECT 1"}}, stranger);
    const auto unknown = tool->call({{"case", "INC-2026-01-01-999"}, {"sql", "SELECT 1"}}, stranger);

    const auto said = [](const mcp::ToolOutcome& outcome, const std::string& id) {
        auto text =
            std::string(std::get<mcp::ToolResult>(outcome).structured.at("error").at("message").as_string());
        const auto at = text.find(id);
        return at == std::string::npos ? text : text.replace(at, id.size(), "ID");
    };
    CHECK(said(foreign, bench.case_id) == said(unknown, "INC-2026-01-01-999"));
    CHECK_THAT(std::string(std::get<mcp::ToolResult>(foreign).structured.at("run").at("folder").as_string()),
               Catch::Contains("_unfiled"));
}

TEST_CASE("arguments that are wrong are named, and filed") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    struct Row {
        json::object arguments;
        const char* message;
    };
    const std::vector<Row> rows = {
        {{}, "sql: expected a value"},
        {{{"sql", 7}}, "sql: expected a string"},
        {{{"sql", "SELECT 1"}, {"rows_max", 0}}, "rows_max: expected 1..20000000, got 0"},
        {{{"sql", "SELECT 1"}, {"table", "x"}}, "table: unknown field"},
        {{{"sql", "SELECT 1"}, {"task", "../x"}}, "task: expected a slug"},
        {{{"sql", "SELECT 1"}, {"env", "prod"}}, "no environment is called 'prod'; there are: STAGING"},
        {{{"sql", "SELECT ?"}}, "params: expected one value for each of 1 placeholders, got 0"},
    };
    std::uint64_t filed = 0;
    for (const auto& row : rows) {
        const auto error = bench.refusal(mysql::query_tool(bench.work()), row.arguments);
        CHECK_THAT(std::string(error.at("message").as_string()), Catch::Contains(row.message));
        CHECK(last_run(bench).seq == ++filed);
    }
}

TEST_CASE("a source that fails is told with its layer, and the run says failed") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    source.failure = sources::tunnel_error(source.where, "connection refused");

    const auto error = bench.refusal(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});

    CHECK(error.at("layer") == "tunnel");
    CHECK_THAT(std::string(error.at("hint").as_string()), Catch::Contains("is the tunnel on "));
    CHECK(last_run(bench).outcome == "failed");
}

TEST_CASE("one row more than asked for shows that there are more") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    source.tables = {
        {"FROM t",
         {{{"n", "BIGINT", false}, {"s", "VARCHAR", false}}, {{"1", ""}, {"2", std::nullopt}, {"3", "c"}}}}};

    const auto cut = bench.call(mysql::query_tool(bench.work()),
                                {{"sql", "SELECT * FROM t"}, {"rows_max", 2}, {"task", "cut"}});
    CHECK(cut.at("truncated") == true);
    CHECK(cut.at("rows_returned") == 2);
    CHECK(cut.at("rows") == json::parse(R"([["1",""],["2",null]])"));
    CHECK(ToolBench::file(cut, "db_rows.cut.csv") == "n,s\r\n1,\"\"\r\n2,\r\n");

    const auto whole =
        bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT * FROM t"}, {"rows_max", 3}});
    CHECK(whole.at("truncated") == false);
    CHECK_FALSE(whole.contains("reason"));
}

TEST_CASE("a source that is asked for later is put to the human, and joins those confirmed before") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.add(std::make_unique<sources::redis::FakeRedisSource>("STAGING"));
    const auto confirm = [&](json::object arguments) {
        arguments["env"] = "STAGING";
        auto asked = bench.call_once(environment::confirm_environment_tool(bench.work()), arguments);
        if (const auto* question = std::get_if<mcp::NeedsInput>(&asked)) {
            bench.context.state = question->state;
            bench.context.answers["confirmation"] = {mcp::AnswerAction::accept, {{"confirm", true}}, "form"};
            asked = bench.call_once(environment::confirm_environment_tool(bench.work()), arguments);
            bench.context.answers.clear();
            bench.context.state.clear();
            CHECK_FALSE(std::get<mcp::ToolResult>(asked).is_error);
            return true;
        }
        return false;
    };
    const auto granted = [&] {
        auto grant = bench.cases().grant(bench.case_id, "STAGING", bench.principal);
        REQUIRE(grant);
        REQUIRE(*grant);
        return (*grant)->sources.size();
    };

    CHECK(confirm({{"sources", {"mysql"}}}));
    CHECK(granted() == 1);
    CHECK_FALSE(confirm({{"sources", {"mysql"}}}));
    CHECK(confirm({}));
    CHECK(granted() == 2);
    CHECK_FALSE(confirm({}));
    CHECK_FALSE(confirm({{"sources", {"redis"}}}));
}

TEST_CASE("a grant is bound to what the variables named: another port, database or account is asked anew") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    const auto confirmed = source.where;
    const auto query = [&] {
        return bench.result(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}}).is_error;
    };
    CHECK_FALSE(query());

    source.where.port = static_cast<std::uint16_t>(confirmed.port + 1);
    const auto moved = bench.refusal(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});
    CHECK(string_or(moved, "message") == "STAGING was confirmed with MYSQL_STAGING_URL naming " +
                                             place(confirmed) + ", which names " + place(source.where) +
                                             " now");
    source.where = confirmed;
    source.where.database = "another";
    CHECK(query());
    source.where = confirmed;
    source.where.user = "somebody";
    CHECK(query());
    CHECK(source.asked.size() == 1);
    source.where = confirmed;
    CHECK_FALSE(query());
    // As in a process that was started without the variable.
    source.where.variable = "MYSQL_STAGING_URL_OF_ANOTHER";
    const auto gone = bench.refusal(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});
    CHECK(string_or(gone, "message") == "STAGING was confirmed with MYSQL_STAGING_URL naming " +
                                            place(confirmed) + ", and that variable is not set here");
    CHECK_THAT(std::string(gone.at("hint").as_string()), Catch::Contains("--env-file"));
}

TEST_CASE("a name that no tool knows is told beside all that this one knows") {
    ToolBench bench;

    const auto error = bench.refusal(mysql::query_tool(bench.work()), {{"environment", "STAGING"}});

    CHECK(error.at("message") == "environment: unknown field");
    CHECK(error.at("hint") == "known fields: case, env, task, sql, params, rows_max, preview_tokens_max");
}

TEST_CASE("confirm_environment alone asks for the scope of a human's confirmation") {
    ToolBench bench;
    CHECK(environment::confirm_environment_tool(bench.work()).info.scope == "confirm");
    CHECK(mysql::query_tool(bench.work()).info.scope.empty());
}

// Completions: what they know, whom they tell, and that they open no connection.

#include "tools/resources/completions.h"

#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;
using sources::mysql::FakeMysqlSource;
using Of = mcp::CompletionRequest::Of;
using Values = std::vector<std::string>;

namespace {

struct Desk {
    ToolBench bench;
    FakeMysqlSource& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    std::string run;

    Desk() {
        bench.confirm("STAGING");
        source.tables = {{"information_schema.TABLES",
                          {{{"name", "VARCHAR", false}}, {{"orders"}, {"order_lines"}, {"bad\nname"}}}}};
        const auto answer = bench.call(mysql::describe_tool(bench.work()), {});
        run = std::string(answer.at("run").at("id").as_string());
    }
    Values values(const std::string& argument, const std::string& begun = "",
                  std::map<std::string, std::string> given = {}, Of of = Of::prompt,
                  const std::string& principal = "local:1000") {
        return resources::completer(bench.work())(
            {.of = of, .reference = "any", .argument = argument, .begun = begun, .given = std::move(given)},
            {.principal = principal, .stop = {}});
    }
    std::map<std::string, std::string> of_case(std::map<std::string, std::string> more = {}) {
        more["case"] = bench.case_id;
        return more;
    }
};

}  // namespace

TEST_CASE("cases are completed newest first, by what is there of the id") {
    Desk desk;
    cases::CaseFields fields;
    fields.topic = "another";
    const auto second = desk.bench.cases().open(fields, desk.bench.principal);
    REQUIRE(second);
    CHECK(desk.values("case") == Values{second->id, desk.bench.case_id});
    CHECK(desk.values("case", desk.bench.case_id) == Values{desk.bench.case_id});
    CHECK(desk.values("case", "x").empty());
}

TEST_CASE("a case is completed however many newer ones there are") {
    Desk desk;
    auto& store = desk.bench.cases().store();
    const auto newer = 1'000;
    for (int number = 1; number <= newer; ++number) {
        const auto id = "INC-2026-12-01-" + std::to_string(1'000 + number);
        std::filesystem::create_directory(store.case_folder(id));
        const auto journal = store.journal(id);
        REQUIRE(journal);
        const auto body = [&](const evidence::Head&) {
            return json::object{{"case", id}, {"topic", "another"}, {"principal", desk.bench.principal}};
        };
        // Without waiting for the disk: a thousand times that takes long.
        REQUIRE((*journal)->enter("opened", body, {}));
    }
    CHECK(desk.values("case", desk.bench.case_id) == Values{desk.bench.case_id});
    CHECK(desk.values("case").size() == newer + 1);
}

TEST_CASE("environments, sources and kinds are completed; free text is not") {
    Desk desk;
    CHECK(desk.values("env", "stag") == Values{"STAGING"});
    CHECK(desk.values("source", "k") == Values{"kafka"});
    CHECK(desk.values("kind").size() == 4);
    CHECK(desk.values("topic").empty());
}

TEST_CASE("tables are completed from what the case filed, and no connection is opened") {
    Desk desk;
    const auto asked = desk.source.asked.size();
    CHECK(desk.values("table", "", desk.of_case()) == Values{"orders", "order_lines"});
    CHECK(desk.values("table", "order_", desk.of_case({{"env", "STAGING"}})) == Values{"order_lines"});
    CHECK(desk.values("table", "", desk.of_case({{"env", "PROD"}})).empty());
    CHECK(desk.values("table").empty());
    CHECK(desk.source.asked.size() == asked);
}

TEST_CASE("the variables of a template are completed from the case and the run that are given") {
    Desk desk;
    REQUIRE(desk.bench.cases().file_draft(desk.bench.case_id, "leader", "x", desk.bench.principal));
    CHECK(desk.values("run", "", desk.of_case(), Of::resource_template) == Values{desk.run});
    CHECK(desk.values("kind", "", desk.of_case(), Of::resource_template) == Values{"leader"});
    REQUIRE(desk.bench.cases().attach(desk.bench.case_id, {"", "Expected.csv", {}},
                                      evidence::bytes_from("a\n1\n"), desk.bench.principal));
    CHECK(desk.values("name", "exp", desk.of_case(), Of::resource_template) == Values{"expected.csv"});
    const auto files = desk.values("file", "db", desk.of_case({{"run", desk.run}}), Of::resource_template);
    CHECK(files == Values{"db_schema.describe.json"});
    CHECK(desk.values("file", "", desk.of_case(), Of::resource_template).empty());
}

TEST_CASE("entities are completed from the ids that the case tells") {
    Desk desk;
    cases::CaseFields fields;
    fields.entity_ids = json::object{{"order", {"4711", 12}}, {"customer", "c1"}};
    REQUIRE(desk.bench.cases().update(desk.bench.case_id, fields, desk.bench.principal));
    CHECK(desk.values("entity", "order", desk.of_case()) == Values{"order 4711", "order 12"});
}

TEST_CASE("nothing of a case is told to another principal") {
    Desk desk;
    for (const auto* argument : {"case", "run", "file", "kind", "table", "group", "entity"}) {
        INFO(argument);
        CHECK(desk.values(argument, "", desk.of_case({{"run", desk.run}}), Of::resource_template,
                          "https://issuer#somebody")
                  .empty());
    }
}

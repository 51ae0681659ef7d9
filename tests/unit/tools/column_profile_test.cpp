// What a column holds over all rows: counted in constant memory, compared without losing a digit.

#include <cmath>

#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/column_profile.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools::mysql;
using sources::mysql::Column;

namespace {

ColumnProfile profile_of(const std::string& type, const std::vector<std::string>& values) {
    ColumnProfile profile(Column{"c", type, false});
    for (const auto& value : values) profile.add(value);
    return profile;
}

using Rows = std::vector<std::vector<std::optional<std::string>>>;

json::object query(tools::ToolBench& bench, const std::vector<Column>& columns, const Rows& rows,
                   json::object more) {
    auto& source = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    source.tables = {{"FROM t", {columns, rows}}};
    more["sql"] = "SELECT * FROM t";
    more["task"] = "told";
    return bench.call(query_tool(bench.work()), more);
}

}  // namespace

TEST_CASE("different values are counted within five percent, in memory that does not grow") {
    for (const std::uint64_t count : {1U, 4U, 50U, 1'000U, 5'000U, 11'000U, 20'000U, 100'000U, 1'000'000U}) {
        DistinctSketch sketch;
        for (std::uint64_t i = 0; i < count; ++i)
            for (int again = 0; again < 2; ++again) sketch.add("value " + std::to_string(i));
        const auto off = std::abs(static_cast<double>(sketch.estimate()) / static_cast<double>(count) - 1);
        INFO(count << " are estimated as " << sketch.estimate());
        CHECK(off < 0.05);
        if (count <= 50) CHECK(sketch.estimate() == count);
    }
}

TEST_CASE("values that differ in one byte anywhere are counted apart") {
    DistinctSketch sketch;
    const std::string base(40, 'x');
    for (std::size_t at = 0; at < base.size(); ++at) {
        auto other = base;
        other[at] = 'y';
        sketch.add(other);
    }
    sketch.add(base);
    sketch.add("");
    // Two of them may meet in one register.
    CHECK(sketch.estimate() >= 41);
    CHECK(sketch.estimate() <= 42);
}

TEST_CASE("numbers compare by value to the last digit, whatever their length") {
    const std::vector<std::string> rising = {"-838:59:59.123",
                                             "-100",
                                             "-99.5",
                                             "-99.25",
                                             "-0.1",
                                             "0",
                                             "0.000000000000000000000000000001",
                                             "0.1",
                                             "9",
                                             "0010",
                                             "99:59:59",
                                             "838:59:58",
                                             "9007199254740992",
                                             "9007199254740993",
                                             "18446744073709551615",
                                             "12345678901234567890123456789012345.1"};
    for (std::size_t i = 1; i < rising.size(); ++i) {
        INFO(rising[i - 1] << " < " << rising[i]);
        CHECK(compare_numbers(rising[i - 1], rising[i]) < 0);
        CHECK(compare_numbers(rising[i], rising[i - 1]) > 0);
    }
    CHECK(compare_numbers("1.50", "1.5") == 0);
    CHECK(compare_numbers("007", "7") == 0);
}

TEST_CASE("the smallest and the largest are found by the type of the column") {
    const struct {
        const char* type;
        std::vector<std::string> values;
        const char *min, *max;
    } cases[] = {
        {"BIGINT UNSIGNED", {"9", "18446744073709551615", "10"}, "9", "18446744073709551615"},
        {"DECIMAL", {"-1.10", "-12.00", "3.05"}, "-12.00", "3.05"},
        {"DOUBLE", {"1e20", "-1.5e-7", "9"}, "-1.5e-7", "1e20"},
        {"VARCHAR", {"10", "9", "\xC3\xA9"}, "10", "\xC3\xA9"},
        {"DATETIME",
         {"2026-11-22 14:02:03", "0000-00-00 00:00:00"},
         "0000-00-00 00:00:00",
         "2026-11-22 14:02:03"},
        {"TIME", {"-838:59:59", "00:00:00", "100:00:00", "99:00:00"}, "-838:59:59", "100:00:00"},
    };
    for (const auto& one : cases) {
        INFO(one.type);
        const auto profile = profile_of(one.type, one.values);
        CHECK(profile.min() == std::string(one.min));
        CHECK(profile.max() == std::string(one.max));
    }
    CHECK_FALSE(profile_of("JSON", {"{}"}).min());
    CHECK(profile_of("TEXT", {std::string(10'000, 'x')}).max()->size() == 128);
}

TEST_CASE("a large result is written and profiled block by block as one") {
    tools::ToolBench bench;
    constexpr int count = 30'000;
    Rows rows;
    for (int i = 0; i < count; ++i)
        rows.push_back({std::to_string(i), "a \"quoted\", and\r\nbroken line " + std::to_string(i % 7),
                        i % 2 == 0 ? std::nullopt : std::optional(std::to_string(-i))});

    const auto answer =
        query(bench, {{"id", "INT", false}, {"note", "VARCHAR(40)", false}, {"last", "INT", false}}, rows,
              {{"rows_max", count}});

    const auto file = tools::ToolBench::file(answer, "db_rows.told.csv");
    CHECK(file.starts_with("id,note,last\r\n0,\"a \"\"quoted\"\", and\r\nbroken line 0\",\r\n1,"));
    CHECK(file.ends_with("\r\nbroken line 4\",-29999\r\n"));
    std::size_t lines = 0;
    for (auto at = file.find(",\"a "); at != std::string::npos; at = file.find(",\"a ", at + 1)) ++lines;
    CHECK(lines == count);
    const auto& columns = answer.at("columns").as_array();
    CHECK(columns[0].at("max") == "29999");
    CHECK(std::abs(static_cast<double>(columns[0].at("distinct").as_int64()) - count) < count * 0.08);
    CHECK(columns[1].at("distinct") == 7);
    CHECK(columns[1].at("max") == "a \"quoted\", and\r\nbroken line 6");
    CHECK(columns[2].at("nulls") == count / 2);
    CHECK(columns[2].at("min") == "-29999");
}

TEST_CASE("a result that is shown in part is profiled over every row, as the file holds them") {
    tools::ToolBench bench;
    Rows rows;
    for (int i = 0; i < 500; ++i) {
        const auto text = i % 7 == 0   ? std::optional<std::string>()
                          : i % 7 == 1 ? std::optional<std::string>("")
                                       : "a,\"b\"\r\n" + std::to_string(i % 7);
        rows.push_back({std::to_string(i - 250), text, std::string("\xFF") + std::to_string(i % 3)});
    }

    const auto answer = query(bench, {{"n", "INT", false}, {"t", "VARCHAR", false}, {"b", "BLOB", true}},
                              rows, {{"preview_tokens_max", 500}});

    CHECK(answer.at("rows_shown").as_int64() < 500);
    const auto& columns = answer.at("columns").as_array();
    CHECK(columns[0] ==
          json::parse(R"({"name":"n","type":"INT","nulls":0,"distinct":)" +
                      json::serialize(columns[0].at("distinct")) + R"(,"min":"-250","max":"249"})"));
    CHECK(std::abs(static_cast<double>(columns[0].at("distinct").as_int64()) - 500) < 25);
    CHECK(columns[1] == json::parse(R"({"name":"t","type":"VARCHAR","nulls":72,"distinct":6,)"
                                    R"("min":"","max":"a,\"b\"\r\n6"})"));
    CHECK(columns[2] == json::parse(R"({"name":"b","type":"BLOB","nulls":0,"distinct":3})"));
    const auto file = json::parse(tools::ToolBench::file(answer, "profile.told.json"));
    CHECK(file.at("columns") == answer.at("columns"));
}

TEST_CASE("a result that is shown whole has no profile: its rows say everything") {
    tools::ToolBench bench;
    const auto answer = query(bench, {{"n", "INT", false}}, {{"1"}, {"2"}}, {});
    CHECK(answer.at("columns") == json::parse(R"([{"name":"n","type":"INT"}])"));
    CHECK(answer.at("run").at("files").as_array().size() == 5);
}

TEST_CASE("a table of 500 columns is profiled within the answer's budget, and whole in the file") {
    tools::ToolBench bench;
    std::vector<Column> columns;
    Rows rows(3);
    for (int i = 0; i < 500; ++i) {
        columns.push_back({"column_" + std::to_string(i), "VARCHAR", false});
        for (auto& row : rows) row.emplace_back(std::string(30, 'x'));
    }
    const auto answer = query(bench, columns, rows, {{"preview_tokens_max", 1}});
    CHECK(answer.at("columns").at(0).as_object().contains("max"));
    CHECK_FALSE(answer.at("columns").at(499).as_object().contains("max"));
    CHECK(json::serialize(answer.at("columns")).size() < 30'000);
    const auto file = json::parse(tools::ToolBench::file(answer, "profile.told.json"));
    CHECK(file.at("columns").at(499).at("max").as_string() == std::string(30, 'x'));
}

TEST_CASE("a file that reaches its limit ends the reading between two rows, and says so") {
    tools::ToolBench bench;
    bench.limits.file_bytes_max = 40;
    const auto answer =
        query(bench, {{"n", "VARCHAR", false}}, {{"aaaaaaaaaa"}, {"bbbbbbbbbb"}, {"cccccccccc"}, {"d"}}, {});
    CHECK(answer.at("rows_returned") == 3);
    CHECK(answer.at("truncated") == true);
    CHECK_THAT(std::string(answer.at("reason").as_string()), Catch::Contains("limit of bytes after 3 rows"));
    CHECK(tools::ToolBench::file(answer, "db_rows.told.csv") ==
          "n\r\naaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\n");
}

TEST_CASE("the manifest tells the snapshot that was read") {
    tools::ToolBench bench;
    const auto answer = query(bench, {{"n", "INT", false}}, {{"1"}}, {});
    const auto manifest = json::parse(tools::ToolBench::file(answer, "told.manifest.json"));
    CHECK(manifest.at("details").at("snapshot") == answer.at("snapshot"));
    CHECK(manifest.at("details").at("snapshot").at("isolation") ==
          "REPEATABLE READ, read only, consistent snapshot");
}

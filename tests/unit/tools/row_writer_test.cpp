// The three texts that a row becomes: a line of the file, an array of the answer, a line of its table.

#include "base/text.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/catch.h"
#include "tests/support/tool_bench.h"
#include "tools/answer_shape.h"
#include "tools/csv.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Told {
    json::value rows;
    std::string file, text;
};

Told tell(const std::vector<sources::mysql::Column>& columns,
          const std::vector<std::vector<std::optional<std::string>>>& rows, const json::object& more = {}) {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    source.tables = {{"FROM t", {columns, rows}}};
    auto arguments = json::object{{"sql", "SELECT * FROM t"}, {"task", "told"}};
    for (const auto& pair : more) arguments[pair.key()] = pair.value();
    const auto result = bench.result(mysql::query_tool(bench.work()), arguments);
    const auto structured = json::parse(mcp::structured_text(result)).as_object();
    return {structured.at("rows"), ToolBench::file(structured, "db_rows.told.csv"), mcp::whole_text(result)};
}

}  // namespace

TEST_CASE("a value reads back from the answer as it was, whatever marks it holds") {
    const std::vector<std::optional<std::string>> hostile = {"plain",
                                                             "",
                                                             R"(say "hi")",
                                                             R"(a\b)",
                                                             "a,b",
                                                             "a|b",
                                                             "two\nlines",
                                                             "tab\there",
                                                             "é ☃",
                                                             "\x1b[31mred",
                                                             "\xE2\x80\xAEreversed",
                                                             std::nullopt};
    std::vector<sources::mysql::Column> columns;
    for (std::size_t i = 0; i < hostile.size(); ++i)
        columns.push_back({std::string("c").append(std::to_string(i)), "VARCHAR", false});

    const auto told = tell(columns, {hostile});

    const auto& row = told.rows.as_array().at(0).as_array();
    REQUIRE(row.size() == hostile.size());
    for (std::size_t i = 0; i < hostile.size(); ++i)
        CHECK(row[i] == (hostile[i] ? json::value(*hostile[i]) : json::value()));
    CHECK_THAT(told.text,
               Catch::Contains("rows:\n  plain |  | say \"hi\" | a\\b | a,b | a\\|b | two lines | tab here | "
                               "é ☃ | \\u001B[31mred | \\u202Ereversed | NULL"));
}

TEST_CASE("a mark anywhere in a text of any length is written as each of the three texts has it") {
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (std::size_t length = 1; length <= 36; ++length)
        for (const std::string mark : {"x", "\"", "\\", ",", "|", "\x1F", "\x7F", "\n", "\xC3\xA9"})
            for (const auto place : {std::size_t{0}, length / 2, length - 1}) {
                std::string text(length, 'x');
                rows.push_back({"-", text.replace(place, 1, mark), std::nullopt});
            }

    const auto told = tell({{"a", "VARCHAR"}, {"b", "VARCHAR"}, {"c", "VARCHAR"}}, rows,
                           {{"preview_tokens_max", 1'000'000}});

    const auto lines = split(told.text.substr(told.text.find("\nrows:\n") + 7), '\n');
    bool given = false;
    CsvReader reader([&](std::span<char> into) -> Result<std::size_t> {
        if (std::exchange(given, true)) return std::size_t{0};
        return told.file.copy(into.data(), into.size());
    });
    CsvReader::Row in_file;
    REQUIRE(reader.next(in_file).value());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& text = *rows[i][1];
        INFO("row " << i << ": " << printable(text));
        REQUIRE(reader.next(in_file).value());
        CHECK(in_file == rows[i]);
        CHECK(told.rows.at(i).at(1).as_string() == text);
        std::string line = "  - | ";
        append_table_cell(line, text);
        CHECK(lines.at(i) == line + " | NULL");
    }
}

TEST_CASE("numbers are JSON numbers only where none loses a digit") {
    const auto told =
        tell({{"i", "INT", false}, {"z", "INT UNSIGNED ZEROFILL", false}, {"b", "BIGINT", false}},
             {{"-5", "0042", "18446744073709551615"}, {"0", "0000", "0"}});
    CHECK(told.rows == json::parse(R"([[-5,"0042","18446744073709551615"],[0,"0000","0"]])"));
}

TEST_CASE("bytes come as base64 with a mark") {
    const auto told = tell({{"b", "BLOB", true}, {"t", "VARCHAR", false}}, {{"abc", "\xFF"}});
    CHECK(told.rows == json::parse(R"([["base64:YWJj","base64:/w=="]])"));
    CHECK(told.file == "b,t\r\nbase64:YWJj,base64:/w==\r\n");
}

TEST_CASE("rows beyond the budget are in the file alone") {
    const auto told = tell({{"s", "VARCHAR", false}}, {{"first row is always shown"}, {"second"}, {"third"}},
                           {{"preview_tokens_max", 1}});
    CHECK(told.rows == json::parse(R"([["first row is always shown"]])"));
    CHECK(told.file == "s\r\nfirst row is always shown\r\nsecond\r\nthird\r\n");
}

TEST_CASE("a first row wider than the answer is shown with its values cut, and says so") {
    const std::string long_text(5'000'000, 'x');
    std::vector<sources::mysql::Column> columns;
    std::vector<std::optional<std::string>> row;
    for (int i = 0; i < 40; ++i) {
        columns.push_back({"c" + std::to_string(i), "LONGTEXT", false});
        row.emplace_back(i == 3 ? long_text : "short");
    }
    const auto told = tell(columns, {row, row}, {{"preview_tokens_max", 2000}});
    CHECK(json::serialize(told.rows).size() < 8'000);
    CHECK(told.rows.as_array().size() == 1);
    CHECK(told.rows.at(0).at(0) == "short");
    CHECK_THAT(std::string(told.rows.at(0).at(3).as_string()), Catch::EndsWith("\xE2\x80\xA6"));
    CHECK(told.file.size() > 10'000'000);
    const auto single = tell(columns, {row}, {{"preview_tokens_max", 2000}});
    CHECK_THAT(single.text, Catch::Contains("1 long values are shown in part"));
}

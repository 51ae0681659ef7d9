// Slices of large files: rows and columns of a CSV, values of a JSON file, in memory that does not grow with
// the file.

#include <sys/resource.h>

#include "tests/support/tool_bench.h"
#include "tools/csv.h"
#include "tools/evidence/json_slice.h"
#include "tools/evidence/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// A sealed run with one output, and read_evidence on it.
class FiledOutput {
  public:
    FiledOutput(const std::string& name, const std::function<void(evidence::OutputFile&)>& write)
        : name_(name) {
        auto run = bench_.cases()
                       .store()
                       .begin(bench_.case_id, {.tool = "query_mysql",
                                               .task = "rows",
                                               .principal = bench_.principal,
                                               .script = {"sql", "SELECT 1"}})
                       .value();
        write(**run.open_output(name, "data", "csv", 1LL << 32));
        run_ = run.id();
        run.seal(evidence::Outcome::answered, {}).value();
    }

    mcp::ToolResult ask(json::object arguments) {
        arguments["case"] = bench_.case_id;
        arguments["run"] = run_;
        if (!arguments.contains("file")) arguments["file"] = name_;
        mcp::CallContext context;
        context.principal = bench_.principal;
        const auto tool = evidence_record::read_evidence_tool(bench_.work());
        auto outcome = tool->call(arguments, context);
        return std::get<mcp::ToolResult>(std::move(outcome));
    }
    json::object read(json::object arguments) {
        auto result = ask(std::move(arguments));
        INFO(result.text);
        REQUIRE_FALSE(result.is_error);
        return json::parse(mcp::structured_text(result)).as_object();
    }
    std::string refusal(json::object arguments) {
        auto result = ask(std::move(arguments));
        REQUIRE(result.is_error);
        return result.text;
    }

  private:
    ToolBench bench_;
    std::string name_, run_;
};

FiledOutput json_output(const std::string& text) {
    return {"redis_value.rows.json", [&](evidence::OutputFile& out) { out.write(text).value(); }};
}

// Sanitizers keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_ours = false;
#else
constexpr bool memory_is_ours = true;
#endif

std::int64_t peak_kilobytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

}  // namespace

/// bench/ten_million does the same with ten million rows of an optimised build.
TEST_CASE("a large CSV is read by rows and columns in memory that does not grow with it") {
    constexpr std::int64_t rows = 100'000;
    FiledOutput filed("db_rows.rows.csv", [](evidence::OutputFile& out) {
        out.write("id,note,price\r\n").value();
        std::string line;
        for (std::int64_t id = 0; id < rows; ++id) {
            line = std::to_string(id) + ",";
            append_csv_field(line, "first line\nsecond, \"quoted\" line of " + std::to_string(id));
            out.write(line + "," + std::to_string(id % 100) + ".50\r\n").value();
        }
    });
    const auto before = peak_kilobytes();

    const auto first = filed.read({{"rows_max", 2}});
    CHECK(first.at("columns") == json::parse(R"(["id","note","price"])"));
    CHECK(first.at("rows").at(1) ==
          json::parse(R"(["1","first line\nsecond, \"quoted\" line of 1","1.50"])"));
    CHECK(first.at("next_offset") == 2);
    const auto middle = filed.read({{"offset", 50'000}, {"rows_max", 2}, {"columns", {"price", "id"}}});
    CHECK(middle.at("columns") == json::parse(R"(["price","id"])"));
    CHECK(middle.at("rows") == json::parse(R"([["0.50","50000"],["1.50","50001"]])"));
    const auto last = filed.read({{"offset", rows - 1}, {"columns", {"id"}}});
    CHECK(last.at("rows") == json::parse(R"([["99999"]])"));
    CHECK_FALSE(last.contains("next_offset"));
    CHECK(filed.read({{"offset", rows}}).at("rows").as_array().empty());

    if (memory_is_ours) CHECK(peak_kilobytes() - before < 2 * 1024);
    CHECK_THAT(filed.refusal({{"columns", {"id", "cost"}}}), Catch::Contains("no column 'cost'"));
    CHECK_THAT(filed.refusal({{"columns", {"cost"}}}), Catch::Contains("id, note, price"));
    CHECK_THAT(filed.refusal({{"path", "/0"}}), Catch::Contains("path: expected a file that ends in .json"));
}

TEST_CASE("one row that is larger than an answer comes cut, with its length") {
    FiledOutput filed("db_rows.rows.csv", [](evidence::OutputFile& out) {
        out.write("id,blob\r\n1," + std::string(5'000'000, 'x') + "\r\n2,y\r\n").value();
    });
    const auto page = filed.read({});
    CHECK(json::serialize(page).size() < 20'000);
    CHECK_THAT(std::string(page.at("rows").at(0).at(1).as_string()), Catch::Contains("cut: 5000000 bytes"));
    CHECK(page.at("rows").at(1) == json::parse(R"(["2","y"])"));
    CHECK(filed.read({{"offset", 1}}).at("rows") == json::parse(R"([["2","y"]])"));
}

TEST_CASE("bytes that are no text are paged to their end, and text is cut between characters") {
    const std::vector<std::pair<std::string, std::size_t>> contents = {
        {std::string(40'000, '\x80'), 40'000}, {std::string(9'000, 'x') + "€", 9'001}};
    for (const auto& [bytes, shown] : contents) {
        FiledOutput filed("raw.rows.bin", [&](evidence::OutputFile& out) { out.write(bytes).value(); });
        std::int64_t offset = 0;
        std::size_t characters = 0;
        for (int pages = 0; pages < 20; ++pages) {
            const auto page = filed.read({{"offset", offset}});
            for (const char c : page.at("text").as_string())
                if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++characters;
            const auto* next = page.if_contains("next_offset");
            if (next == nullptr) break;
            REQUIRE(next->as_int64() > offset);
            offset = next->as_int64();
        }
        CHECK(characters == shown);
    }
    // A page ends before the character that it could show in part alone.
    std::string text(7'999, 'x');
    FiledOutput filed("raw.rows.txt", [&](evidence::OutputFile& out) { out.write(text + "€y").value(); });
    CHECK(filed.read({}).at("next_offset") == 7'999);
    CHECK(filed.read({{"offset", 7'999}}).at("text") == "€y");
}

TEST_CASE("a JSON file is read by path") {
    auto filed = json_output(
        R"({"a": [1, {"b/c": "x", "~": [true, null]}], "text": "žluťoučký", "n": 12345678901234567890.5e1, "e": {}})");
    CHECK(filed.read({{"path", "/a/0"}}).at("value") == 1);
    CHECK(filed.read({{"path", "/a/1/b~1c"}}).at("value") == "x");
    CHECK(filed.read({{"path", "/a/1/~0"}}).at("value") == json::parse("[true,null]"));
    CHECK(filed.read({{"path", "/a/1/~0/1"}}).at("value").is_null());
    CHECK(filed.read({{"path", "/e"}}).at("value") == json::object());
    CHECK(filed.read({{"path", ""}}).at("value").as_object().size() == 4);
    CHECK(filed.read({{"path", "/text"}, {"offset", 4}}).at("value") == "ťoučký");
    CHECK_THAT(filed.refusal({{"path", "/a/2"}}), Catch::Contains("it has 2 elements"));
    CHECK_THAT(filed.refusal({{"path", "/a/x"}}), Catch::Contains("expected a number"));
    CHECK_THAT(filed.refusal({{"path", "/nope"}}), Catch::Contains("it has a, text, n, e"));
    CHECK_THAT(filed.refusal({{"path", "/e/x"}}), Catch::Contains("it has no members"));
    CHECK_THAT(filed.refusal({{"path", "/text/0"}}), Catch::Contains("neither an object nor an array"));
    CHECK_THAT(filed.refusal({{"path", "a"}}), Catch::Contains("expected a JSON Pointer"));
    CHECK_THAT(filed.refusal({{"columns", {"a"}}}),
               Catch::Contains("columns: expected a file that ends in .csv"));
    CHECK_THAT(filed.refusal({{"path", ""}, {"file", "../rows.json"}}), Catch::Contains("has no"));
}

TEST_CASE("a large JSON value comes in parts, and what is large in it tells its size and its place") {
    FiledOutput filed("redis_value.rows.json", [](evidence::OutputFile& out) {
        out.write(R"({"rows":[)").value();
        for (int i = 0; i < 50'000; ++i)
            out.write((i > 0 ? "," : "") + std::string(R"({"id":)") + std::to_string(i) +
                      R"(,"name":"a \"quoted\" }] name"})")
                .value();
        out.write(R"(],"big":")" + std::string(1'000'000, 'x') + R"(","end":true})").value();
    });
    const auto before = peak_kilobytes();
    const auto whole = filed.read({{"path", ""}}).at("value").as_object();
    CHECK_THAT(std::string(whole.at("rows").as_string()), Catch::Contains("array of"));
    CHECK(whole.at("big") == "(string of 1000002 bytes: read it by its own path)");
    CHECK(whole.at("end") == true);
    const auto page = filed.read({{"path", "/rows"}, {"offset", 49'998}, {"rows_max", 100}});
    REQUIRE(page.at("value").as_array().size() == 2);
    CHECK(page.at("value").at(1).at("id") == 49'999);
    CHECK_FALSE(page.contains("next_offset"));
    const auto first = filed.read({{"path", "/rows"}, {"rows_max", 3}});
    CHECK(first.at("next_offset") == 3);
    CHECK(filed.read({{"path", "/rows"}, {"rows_max", 10'000}}).at("next_offset").as_int64() > 50);
    CHECK(filed.read({{"path", "/rows/49999/id"}}).at("value") == 49'999);
    CHECK(filed.read({{"path", "/big"}}).at("value").as_string().size() == 8'000);
    if (memory_is_ours) CHECK(peak_kilobytes() - before < 8 * 1024);
}

TEST_CASE("text that is no JSON ends a read by path with an error") {
    for (const auto* text :
         {"", "{", "[1,2", R"({"a")", R"({"a" 1})", "[1 2]", R"({"a":"x)", "nonsense", R"({1:2})"}) {
        INFO(text);
        auto filed = json_output(text);
        CHECK_THAT(filed.refusal({{"path", ""}}), Catch::Contains("the file is no JSON"));
    }
}

#include "mcp/http_rules.h"

#include "base/text.h"
#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

class ToolWithHeaders : public Tool {
  public:
    const ToolInfo& info() const override { return info_; }
    ToolOutcome call(const json::object&, CallContext&) const override { return said("ok"); }

  private:
    const ToolInfo info_{.name = "look",
                         .title = {},
                         .description = {},
                         .input_schema = json::parse(R"({"type":"object","properties":{
            "region":{"type":"string","x-mcp-header":"Region"},
            "count":{"type":"integer","x-mcp-header":"Count"},
            "deep":{"type":"object","properties":{"flag":{"type":"boolean","x-mcp-header":"Flag"}}}}})")
                                             .as_object(),
                         .output_schema = {}};
};

/// A right call, to be spoiled.
net::Headers headers_with(std::vector<std::pair<std::string, std::string>> changed) {
    std::vector<std::pair<std::string, std::string>> fields{
        {"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "look"}};
    for (const auto& [name, value] : changed) {
        std::erase_if(fields, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
        if (value != "absent") fields.emplace_back(name, value);
    }
    net::Headers headers;
    for (auto& [name, value] : fields) headers.add(name, value);
    return headers;
}

int problem_of(const net::Headers& headers, json::object arguments) {
    Catalog catalog;
    catalog.add(std::make_unique<ToolWithHeaders>());
    const auto message = modern_call(1, "look", {{"arguments", std::move(arguments)}});
    const auto incoming = parse_message(json::serialize(message));
    const auto problem = header_problem(headers, std::get<Request>(incoming.messages.front()), catalog);
    if (problem) CHECK(problem->http_status == 400);
    return problem ? problem->code : 0;
}

}  // namespace

TEST_CASE("the headers of a modern call have to say what its body says") {
    struct Row {
        std::string header, value;
        int expected;
    };
    const std::vector<Row> table{
        {"mcp-method", "tools/call", 0},
        {"MCP-METHOD", "  tools/call ", 0},
        {"Mcp-Method", "TOOLS/CALL", -32020},
        {"Mcp-Method", "absent", -32020},
        {"Mcp-Method", "tools/list", -32020},
        {"Mcp-Name", "absent", -32020},
        {"Mcp-Name", "other", -32020},
        {"Mcp-Name", "  look  ", 0},
        {"Mcp-Name", "=?base64?bG9vaw==?=", 0},
        {"Mcp-Name", "=?base64?bG9vaw?=", -32020},
        {"MCP-Protocol-Version", "absent", -32020},
        {"MCP-Protocol-Version", "2025-11-25", -32020},
    };
    for (const auto& row : table) {
        INFO(row.header << ": " << row.value);
        CHECK(problem_of(headers_with({{row.header, row.value}}), {}) == row.expected);
    }
    // 2026-07-28, "Value Encoding": raw bytes above ASCII are no header value, also where they say the same.
    CHECK(problem_of(headers_with({{"Mcp-Name", "lo\tok"}}), {}) == -32020);
    const auto named = modern(1, "prompts/get", {{"name", "żó"}});
    const auto incoming = parse_message(json::serialize(named));
    const auto& request = std::get<Request>(incoming.messages.front());
    net::Headers raw{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "prompts/get"}};
    auto encoded = raw;
    raw.add("Mcp-Name", "żó");
    encoded.add("Mcp-Name", "=?base64?xbzDsw==?=");
    const auto problem = header_problem(raw, request, {});
    REQUIRE(problem);
    CHECK(problem->code == -32020);
    CHECK_THAT(problem->message, Catch::Contains("=?base64?"));
    CHECK_FALSE(header_problem(encoded, request, {}));
    auto twice = headers_with({});
    twice.add("Mcp-Name", "look");
    CHECK(problem_of(twice, {}) == -32020);
}

TEST_CASE("an argument that is repeated in a header has to be the same there, in its own type") {
    struct Row {
        const char* arguments;
        std::string header, value;
        int expected;
    };
    const std::vector<Row> table{
        {R"({"region":"eu"})", "Mcp-Param-Region", "eu", 0},
        {R"({"region":"eu"})", "mcp-param-region", "eu", 0},
        {R"({"region":"eu"})", "Mcp-Param-Region", "us", -32020},
        {R"({"region":"eu"})", "Mcp-Param-Region", "absent", -32020},
        {R"({"region":"żó"})", "Mcp-Param-Region", "=?base64?xbzDsw==?=", 0},
        {R"({"region":"żó"})", "Mcp-Param-Region", "żó", -32020},
        {R"({"region":"Hello"})", "Mcp-Param-Region", "=?base64?SGVs!!!bG8=?=", -32020},
        {R"({"region":"=?base64?SGVsbG8="})", "Mcp-Param-Region", "=?base64?SGVsbG8=", 0},
        {R"({"region":null})", "Mcp-Param-Region", "absent", 0},
        {R"({})", "Mcp-Param-Region", "eu", -32020},
        {R"({"count":42})", "Mcp-Param-Count", "42.0", 0},
        {R"({"count":42})", "Mcp-Param-Count", "43", -32020},
        {R"({"count":42})", "Mcp-Param-Count", "many", -32020},
        {R"({"deep":{"flag":true}})", "Mcp-Param-Flag", "true", 0},
        {R"({"deep":{"flag":true}})", "Mcp-Param-Flag", "false", -32020},
        {R"({"deep":7})", "Mcp-Param-Flag", "absent", 0},
    };
    for (const auto& row : table) {
        INFO(row.arguments << " with " << row.header << ": " << row.value);
        CHECK(problem_of(headers_with({{row.header, row.value}}), json::parse(row.arguments).as_object()) ==
              row.expected);
    }
}

TEST_CASE("a header annotation that no client could follow is refused") {
    for (const auto* property :
         {R"({"type":"number","x-mcp-header":"N"})", R"({"type":"string","x-mcp-header":""})",
          R"({"type":"string","x-mcp-header":"a b"})", R"({"type":"string","x-mcp-header":1})"}) {
        INFO(property);
        CHECK_FALSE(header_arguments({{"properties", json::object{{"p", json::parse(property)}}}}));
    }
    CHECK_FALSE(header_arguments(
        json::parse(
            R"({"properties":{"a":{"type":"string","x-mcp-header":"R"},"b":{"type":"string","x-mcp-header":"r"}}})")
            .as_object()));
}

TEST_CASE("body or version header decide for the newer era, and nothing else does") {
    const auto modern_body = parse_message(json::serialize(modern(1, "tools/list")));
    const auto plain_body = parse_message(json::serialize(request(1, "tools/list")));
    CHECK(is_modern_post({}, modern_body));
    CHECK(is_modern_post({{"MCP-Protocol-Version", "2025-11-25"}}, modern_body));
    CHECK(is_modern_post({{"MCP-Protocol-Version", "2026-07-28"}}, plain_body));
    CHECK(is_modern_post({{"MCP-Protocol-Version", "v999"}}, plain_body));
    CHECK_FALSE(is_modern_post({}, plain_body));
    CHECK_FALSE(
        is_modern_post({{"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", "initialize"}}, plain_body));
}

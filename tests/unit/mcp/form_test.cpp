#include "mcp/form.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::mcp;

TEST_CASE("an answer counts only when it fills in the form that asked for it") {
    struct Row {
        const char* field;
        const char* value;
        bool fits;
    };
    const std::vector<Row> table{
        {R"({"type":"string"})", R"("x")", true},
        {R"({"type":"string"})", "1", false},
        {R"({"type":"string","minLength":2,"maxLength":3})", R"("żó")", true},
        {R"({"type":"string","minLength":2})", R"("ż")", false},
        {R"({"type":"string","maxLength":3})", R"("abcd")", false},
        {R"({"type":"boolean"})", "false", true},
        {R"({"type":"boolean"})", R"("true")", false},
        {R"({"type":"integer","minimum":1,"maximum":3})", "3", true},
        {R"({"type":"integer","minimum":1,"maximum":3})", "4", false},
        {R"({"type":"integer"})", "1.5", false},
        {R"({"type":"integer"})", "2.0", true},
        {R"({"type":"number"})", "95.5", true},
        {R"({"type":"number"})", "null", false},
        {R"({"type":"string","enum":["a","b"]})", R"("b")", true},
        {R"({"type":"string","enum":["a","b"]})", R"("c")", false},
        {R"({"type":"string","oneOf":[{"const":"a","title":"A"}]})", R"("a")", true},
        {R"({"type":"string","oneOf":[{"const":"a","title":"A"}]})", R"("A")", false},
        {R"({"type":"array","items":{"type":"string","enum":["a","b"]}})", R"(["a","b"])", true},
        {R"({"type":"array","items":{"type":"string","enum":["a","b"]}})", R"(["c"])", false},
        {R"({"type":"array","items":{"anyOf":[{"const":"a","title":"A"}]},"maxItems":1})", R"(["a"])", true},
        {R"({"type":"array","items":{"anyOf":[{"const":"a","title":"A"}]},"maxItems":1})", R"(["a","a"])",
         false},
        {R"({"type":"array","items":{"type":"string"}})", R"([1])", false},
    };
    for (const auto& row : table) {
        INFO(row.field << " given " << row.value);
        const json::object form{{"type", "object"},
                                {"properties", json::object{{"f", json::parse(row.field)}}}};
        CHECK(fills_in(form, {{"f", json::parse(row.value)}}) == row.fits);
    }
}

TEST_CASE("a required field has to be there, and a field that nobody asked for does no harm") {
    const auto form =
        json::parse(
            R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]})")
            .as_object();
    CHECK(fills_in(form, {{"a", "x"}}));
    CHECK(fills_in(form, {{"a", "x"}, {"other", 1}}));
    CHECK_FALSE(fills_in(form, {{"b", "x"}}));
    CHECK_FALSE(fills_in(form, {}));
}

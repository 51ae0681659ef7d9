#include "base/schema.h"

#include "tests/support/catch.h"

using namespace casefile;

namespace {

struct Window {
    std::string start;
    std::optional<std::string> end;
};

struct Args {
    std::string table;
    std::int64_t rows_max = 100;
    std::optional<std::string> env;
    std::vector<std::string> groups;
    std::optional<Window> window;
    std::map<std::string, Window> named;
    json::value expected;
};

Schema<Window> window_schema() {
    return Schema<Window>{}.field("start", &Window::start, "Begin.").field("end", &Window::end, "End.");
}

Schema<Args> args_schema() {
    return Schema<Args>{}
        .field("table", &Args::table, "Table to read.")
        .length(1, 8)
        .field("rows_max", &Args::rows_max, "At most.")
        .range(1, 1000)
        .optional()
        .field("env", &Args::env, "Label.")
        .choices({"PROD", "DEV"})
        .field("groups", &Args::groups, "Groups.")
        .length(0, 2)
        .optional()
        .object("window", &Args::window, window_schema(), "When.")
        .map("named", &Args::named, window_schema(), "By name.")
        .optional()
        .field("expected", &Args::expected, "Anything.")
        .optional();
}

std::string complaint(const char* text) {
    auto parsed = args_schema().parse(json::parse(text));
    return parsed ? "none" : parsed.error().message;
}

}  // namespace

TEST_CASE("a schema reads a struct, keeping the defaults of what is left out") {
    auto args = args_schema().parse(json::parse(
        R"({"table":"orders","groups":["a"],"window":{"start":"now"},"named":{"x":{"start":"then"}},"expected":null})"));
    REQUIRE(args);
    CHECK(args->table == "orders");
    CHECK(args->rows_max == 100);
    CHECK(!args->env);
    CHECK(args->groups == std::vector<std::string>{"a"});
    CHECK(args->window->start == "now");
    CHECK(args->named.at("x").start == "then");
}

TEST_CASE("a field that is left out is told with its choices") {
    struct Choice {
        std::string env;
    };
    const auto schema = Schema<Choice>{}.field("env", &Choice::env, "").choices({"PROD", "DEV"});
    CHECK(schema.parse(json::object()).error().message == "env: expected one of PROD, DEV, got none");
}

TEST_CASE("a schema names the field, what it expected and what it got") {
    CHECK(complaint("[]") == "the document: expected an object, got array []");
    CHECK(complaint("{}") == "table: expected a value, got none");
    CHECK(complaint(R"({"table":7})") == "table: expected a string, got integer 7");
    CHECK(complaint(R"({"table":""})") == "table: expected 1..8 bytes, got 0");
    CHECK(complaint(R"({"table":"t","rows_max":1001})") == "rows_max: expected 1..1000, got 1001");
    CHECK(complaint(R"({"table":"t","rows_max":1.5})") == "rows_max: expected an integer, got number 1.5E0");
    CHECK(complaint(R"({"table":"t","env":"QA"})") == "env: expected one of PROD, DEV, got \"QA\"");
    CHECK(complaint(R"({"table":"t","groups":["a",1]})") == "groups[1]: expected a string, got integer 1");
    CHECK(complaint(R"({"table":"t","groups":["a","b","c"]})") == "groups: expected 0..2 items, got 3");
    CHECK(complaint(R"({"table":"t","window":{}})") == "window.start: expected a value, got none");
    CHECK(complaint(R"({"table":"t","tabel":1})") == "tabel: unknown field");
}

TEST_CASE("a number written 5.0 is an integer, as in JSON Schema") {
    auto args = args_schema().parse(json::parse(R"({"table":"t","rows_max":5.0})"));
    REQUIRE(args);
    CHECK(args->rows_max == 5);
}

TEST_CASE("a schema describes itself as JSON Schema") {
    const auto schema = args_schema().take_json_schema();
    CHECK(schema.at("required") == json::parse(R"(["table"])"));
    CHECK(schema.at("additionalProperties") == false);
    CHECK(schema.at("properties").at("rows_max") ==
          json::parse(R"({"type":"integer","minimum":1,"maximum":1000,"description":"At most."})"));
    CHECK(schema.at("properties").at("window").at("properties").as_object().size() == 2);
}

TEST_CASE("what a schema writes, it reads back") {
    Args args{.table = "t",
              .rows_max = 3,
              .env = "DEV",
              .groups = {"g"},
              .window = Window{"a", "b"},
              .named = {},
              .expected = 1};
    const auto written = args_schema().write(args);
    CHECK(written.at("window").at("end") == "b");
    auto again = args_schema().parse(written);
    REQUIRE(again);
    CHECK(args_schema().write(*again) == written);
}

TEST_CASE("fields of a nested struct can stand side by side with the outer ones") {
    struct Outer {
        std::string id;
        Window window;
    };
    const auto schema = Schema<Outer>{}.field("id", &Outer::id, "").inlined(&Outer::window, window_schema());
    auto outer = schema.parse(json::parse(R"({"id":"7","start":"now"})"));
    REQUIRE(outer);
    CHECK(outer->window.start == "now");
    CHECK(schema.write(*outer) == json::parse(R"({"id":"7","start":"now"})"));
    CHECK(schema.parse(json::parse(R"({"id":"7"})")).error().message == "start: expected a value, got none");
}

#include "mcp/catalog.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::mcp;

namespace {

constexpr const char* whole = R"(---
name: stale-cache
title: A stale cache
description: Finds entries that are older than their rows.
arguments:
- case (required): The case.
- env: The environment.
---

Open {{case}} and look at {{ env }}.
Then {{case}} again.
)";

std::string problem(std::string_view markdown) {
    const auto prompt = parse_prompt(markdown);
    return prompt ? "a prompt" : prompt.error().message;
}

}  // namespace

TEST_CASE("a prompt's file gives its name, its arguments and its text") {
    const auto prompt = parse_prompt(whole);

    REQUIRE(prompt);
    CHECK(prompt->name == "stale-cache");
    CHECK(prompt->title == "A stale cache");
    CHECK(prompt->description == "Finds entries that are older than their rows.");
    REQUIRE(prompt->arguments.size() == 2);
    CHECK(prompt->arguments[0].name == "case");
    CHECK(prompt->arguments[0].required);
    CHECK(prompt->arguments[1].description == "The environment.");
    CHECK_FALSE(prompt->arguments[1].required);
    CHECK(prompt->text == "Open {{case}} and look at {{ env }}.\nThen {{case}} again.\n");
}

TEST_CASE("a prompt's file may come from Windows, and leave out title and arguments") {
    const auto prompt = parse_prompt("---\r\nname: a\r\ndescription: b\r\n---\r\ntext\r\n");

    REQUIRE(prompt);
    CHECK(prompt->title == "a");
    CHECK(prompt->arguments.empty());
}

TEST_CASE("a mistake in a prompt's file is told with its line") {
    struct Row {
        std::string markdown, expected;
    };
    const std::vector<Row> table{
        {"", "prompt: line 1: expected --- before the front matter"},
        {"name: a\n", "prompt: line 1: expected --- before the front matter"},
        {"---\nname: a\n", "prompt: line 2: expected --- after the front matter"},
        {"---\nname a\n---\nx", "prompt: line 2: expected 'key: value', got 'name a'"},
        {"---\nname: a b\n---\nx", "prompt: line 2: name: expected 1..64 of A-Z a-z 0-9 _ . -, got 'a b'"},
        {"---\nname: a\nowner: me\n---\nx",
         "prompt: line 3: expected name, title, description or arguments, got 'owner'"},
        {"---\nname: a\n- x: y\n---\nx",
         "prompt: line 3: expected name, title, description or arguments, got '- x'"},
        {"---\nname: a\ndescription: b\narguments: x\n---\nx",
         "prompt: line 4: arguments: expected a list on the following lines"},
        {"---\nname: a\ndescription: b\narguments:\n- x y: z\n---\nx",
         "prompt: line 5: expected an argument's name, got 'x y'"},
        {"---\nname: a\ndescription: b\narguments:\n- x\n---\nx",
         "prompt: line 5: expected '- name: description', got '- x'"},
        {"---\nname: a\ndescription: b\narguments:\n- x: y\n- x: z\n---\nx",
         "prompt: line 6: argument 'x' is there twice"},
        {"---\ndescription: b\n---\nx", "prompt: line 3: expected a name in the front matter"},
        {"---\nname: a\n---\nx", "prompt: line 3: expected a description in the front matter"},
        {"---\nname: a\ndescription: b\n---\n \n", "prompt: line 4: expected a text after the front matter"},
        {"---\nname: a\ndescription: b\n---\nx\ny {{z}}\n",
         "prompt: line 6: {{z}} is not among the arguments"},
        {"---\nname: a\ndescription: b\n---\nx {{z\n", "prompt: line 5: expected {{name}}"},
        {"---\nname: \xff\n---\nx", "prompt: line 1: expected UTF-8"},
    };
    for (const auto& row : table) CHECK(problem(row.markdown) == row.expected);
}

TEST_CASE("placeholders are filled once, so a value that looks like one stays text") {
    const auto prompt = parse_prompt(whole);
    REQUIRE(prompt);

    const auto text = render_prompt(*prompt, {{"case", "{{env}}"}, {"env", "PROD"}});

    CHECK(text == "Open {{env}} and look at PROD.\nThen {{env}} again.\n");
}

TEST_CASE("a prompt wants its required arguments and no others") {
    const auto prompt = parse_prompt(whole);
    REQUIRE(prompt);

    CHECK(check_arguments(*prompt, {{"case", "a"}}));
    CHECK(check_arguments(*prompt, {}).error().message ==
          "prompt stale-cache: the argument 'case' is required");
    CHECK(check_arguments(*prompt, {{"case", "a"}, {"x", "y"}}).error().message ==
          "prompt stale-cache: it has no argument 'x'");
}

TEST_CASE("a line that nothing fills is left out, and a text for that case stands in its place") {
    const auto prompt = parse_prompt(
        "---\nname: a\ndescription: b\narguments:\n- case: c\n- env: d\n---\n"
        "Case {{case|not opened yet}}.\n\nIn {{env}}, {{case}}.\n\n{{case.brief}}\n{{env}}\nend\n\n");
    REQUIRE(prompt);

    CHECK(render_prompt(*prompt, {}) == "Case not opened yet.\n\nend\n");
    CHECK(render_prompt(*prompt, {{"env", "PROD"}, {"case", ""}}) == "Case not opened yet.\n\nPROD\nend\n");
    CHECK(render_prompt(*prompt, {{"case", "x"}, {"case.brief", "- P1\n- open"}}) ==
          "Case x.\n\n- P1\n- open\nend\n");
}

TEST_CASE("a line that announces what is left out goes with it, and stays when some of it is there") {
    const auto prompt = parse_prompt(
        "---\nname: a\ndescription: b\narguments:\n- case: c\n- env: d\n---\n"
        "Begin.\nKnown:\n{{case}}\n{{env}}\nMore:\n{{case}}\n\nLast:\n{{case}}\n");
    REQUIRE(prompt);

    CHECK(render_prompt(*prompt, {}) == "Begin.\n");
    CHECK(render_prompt(*prompt, {{"env", "PROD"}}) == "Begin.\nKnown:\nPROD\n");
    CHECK(render_prompt(*prompt, {{"case", "x"}}) == "Begin.\nKnown:\nx\nMore:\nx\n\nLast:\nx\n");
}

TEST_CASE("only what is known about an argument can stand behind its dot") {
    CHECK(problem("---\nname: a\ndescription: b\narguments:\n- case: c\n---\n{{case.brief}}") == "a prompt");
    CHECK(problem("---\nname: a\ndescription: b\narguments:\n- case: c\n---\n{{other.brief}}") ==
          "prompt: line 7: {{other.brief}} is not among the arguments");
}

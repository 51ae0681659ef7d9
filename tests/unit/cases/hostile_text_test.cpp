#include "tests/support/catch.h"

#include "base/text.h"
#include "cases/inspect_log.h"
#include "cases/markdown.h"
#include "cases/write_up.h"
#include "tests/unit/cases/case_home.h"

using namespace casefile;
using namespace casefile::cases;

namespace {

/// Everything that a renderer, a terminal or a file system could obey, with a mark to find it by.
const std::string hostile =
    "../../etc/HOSTILE\n# heading\n- [x] done\n| a | b |\n\x1B[31mred\x1B[0m \xE2\x80\xAEright-to-left\n"
    "![i](http://evil/x.png) [l](javascript:alert(1)) <script>alert(1)</script> <img src=x> www.evil.example "
    "`code` **bold** &amp;\n"
    "\n- Records: 1\n- Head: `0`\n```\n---\n===\n1. one";

/// What must not come through of it: markup that only data could have written into our documents.
void check_harmless(const std::string& document) {
    for (const auto* bad :
         {"\x1B", "\xE2\x80\xAE", "<script", "<img", "![", "](http", "http://", "www.evil", "](javascript",
          "\n# heading", "\n- [x] done", "\n| a |", "**bold**", "`code`", "\n```", "\n===", "\n1. one"}) {
        INFO(bad);
        CHECK(document.find(bad) == std::string::npos);
    }
    // It is there as text.
    CHECK(document.find("HOSTILE") != std::string::npos);
    CHECK(is_utf8(document));
}

/// A case in which every text that can come from outside is hostile.
std::string open_hostile_case(CaseHome& home, Casebook& book) {
    CaseFields fields;
    fields.topic = hostile.substr(0, 150);
    fields.env = fields.entrypoint = fields.notes = fields.root_cause = fields.impact = hostile;
    fields.entity_ids = json::object{{hostile, hostile}, {"list", {hostile}}};
    fields.time_window = TimeWindow{hostile, hostile, hostile};
    fields.symptoms = Symptoms{hostile, hostile};
    fields.tags = std::vector<std::string>{hostile};
    const auto id = book.open(fields, alice).value().id;
    home.run(id, "query_mysql", hostile, hostile);
    for (const auto* kind : {"note", "step", "hypothesis", "finding", "decision", "event"}) {
        auto entry = entry_of(kind, hostile, {"1"});
        entry.source = hostile;
        entry.value = json::object{{"owner", hostile}};
        if (entry.kind != "hypothesis") entry.state = hostile;
        book.write(id, entry, alice).value();
    }
    for (const auto* key :
         {"action", "workaround", "eta", "data_correction", "detection_gap", "lesson", "open_question"}) {
        auto entry = entry_of("decision", hostile, {}, key);
        entry.value = json::object{{"owner", hostile}, {"due", hostile}};
        book.write(id, entry, alice).value();
    }
    auto grant = home.grant(hostile);
    grant.confirmed_by = grant.how = hostile;
    grant.variables = {{hostile, hostile}};
    grant.fingerprints = {json::object{{"variable", hostile}, {"facts", {{"account", hostile}}}}};
    book.give(id, grant, alice).value();
    return id;
}

}  // namespace

TEST_CASE("hostile text is harmless in the inspect log and its file name") {
    CaseHome home;
    Casebook book(*home.store);
    const auto id = open_hostile_case(home, book);
    const auto state = book.find(id, alice).value();

    const auto name = inspect_file_name(state);

    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos);
    CHECK(name.find("..") == std::string::npos);
    check_harmless(read_text(home.file(id, name)));
    CHECK(book.verify(id, alice).value().ok);
}

TEST_CASE("hostile text is harmless in every write-up") {
    CaseHome home;
    Casebook book(*home.store);
    const auto state = book.find(open_hostile_case(home, book), alice).value();

    for (const auto* kind : {"teammate", "leader", "postmortem", "report"}) {
        INFO(kind);
        check_harmless(write_up(state, kind, "key").value().text);
    }
}

TEST_CASE("a line of data cannot begin a block") {
    CHECK(line_of("- item") == "\\- item");
    CHECK(line_of("---") == "\\---");
    CHECK(line_of("===") == "\\===");
    CHECK(line_of("12. twelve") == "12\\. twelve");
    CHECK(line_of("    code") == "code");
    CHECK(line_of("2026-11-22") == "2026-11-22");
    CHECK(quote_of("a\n\n# b") == "> a\n>\n> \\# b\n");
}

TEST_CASE("an address in data stays text") {
    CHECK(inline_text("see http://a and HTTPS://b or www.c.d") ==
          "see http\\://a and HTTPS\\://b or www\\.c.d");
    CHECK(inline_text("a::// b") == "a:\\:// b");
}

TEST_CASE("a link leads where it says, whatever its parts hold") {
    CHECK(link_to("a]b", "runs/x y)(.csv") == "[a\\]b](runs/x%20y%29%28.csv)");
}

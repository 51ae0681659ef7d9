// Errors at a shell name things as they were typed there.

#include "tests/integration/app/shell.h"

using namespace casefile;

TEST_CASE("an error at a shell names the path, the argument and the way on as they are typed there") {
    Shell shell;
    const auto id = shell.open_case();
    struct Row {
        std::vector<std::string> words;
        const char* told;
    };
    const char* const list = "there is no case 'NOPE'; list your cases with: casefile call get_case";
    const Row rows[] = {
        {{"export", id, "--output", "/nonexistent/x.tar.gz"},
         "casefile: /nonexistent/x.tar.gz: cannot make: "},
        {{"attach", id, "/nonexistent"}, "casefile: /nonexistent: cannot open: "},
        {{"attach", id, "/nonexistent/a"}, "casefile: /nonexistent: cannot open the folder: "},
        {{"import", "/nonexistent.tar.gz"}, "casefile: /nonexistent.tar.gz: cannot open: "},
        {{"export", "NOPE"}, list},
        {{"replay", "NOPE", "1"}, list},
        {{"attach", "NOPE", "/etc/hostname"}, list},
        {{"prune", "NOPE", "--older-than", "1"}, "list your cases with: casefile call get_case"},
        {{"call", "open_case", "{'topic': 'x'}"},
         "ARGUMENTS: expected one JSON document, got something else at"},
        {{"call", "open_case", "{'topic': 'x'}"}, R"(: casefile call open_case '{"topic": )"},
        {{"call", "open_case", "[]"}, "ARGUMENTS: expected a JSON object, got"},
    };
    for (const auto& row : rows) {
        const auto ran = shell.casefile(row.words);
        INFO(row.told);
        CHECK(ran.exit_code != 0);
        CHECK_THAT(ran.err, Catch::Contains(row.told));
    }
}

// What a person reads who mistyped: the word, what there is instead, and the way on.

#include "tests/integration/app/shell.h"

using namespace casefile;

TEST_CASE("a word that the command line does not know is named, with what there is") {
    struct Row {
        std::vector<std::string> words;
        const char* told;
    };
    const Row rows[] = {
        {{"frobnicate"}, "no command 'frobnicate'; there are: serve, call, confirm, "},
        {{"help"}, "no command 'help'; there are: serve, "},
        {{}, "a command is required; there are: serve, "},
        {{"sandbox", "frob"}, "no command 'sandbox frob'; there are: up, env, down"},
        {{"sandbox"}, "casefile sandbox: a command is required; there are: up, env, down"},
        {{"--home", "/tmp/x", "doctor"}, "options go after the command: casefile doctor --home /tmp/x"},
        {{"--home", "/tmp/x"}, "options go after the command: casefile COMMAND --home /tmp/x"},
        {{"reindex", "--config", "x"},
         "casefile reindex does not take '--config x'; it takes: --help, --home"},
        {{"doctor", "--toolsets", "default", "work"},
         "casefile doctor does not take 'work'; several are written with commas, such as --toolsets "
         "default,work"},
        {{"doctor", "--", "x"}, "casefile doctor does not take 'x'; 'casefile doctor --help' tells more"},
        {{"call"}, "TOOL is required; 'casefile call --help' tells more"},
    };
    Shell shell;
    for (const auto& row : rows) {
        const auto ran = shell.casefile(row.words);
        INFO(row.told);
        CHECK(ran.exit_code == 2);
        CHECK_THAT(ran.err, Catch::Contains(row.told));
    }
    CHECK_THAT(shell.casefile({"call", "--help"}).out, Catch::Contains("--toolsets NAME,..."));
    CHECK(shell.casefile({"--help"}).exit_code == 0);
}

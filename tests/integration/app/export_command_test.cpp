// casefile export and import: what they say of what stays out.

#include "tests/integration/app/shell.h"

using namespace casefile;

TEST_CASE("an export tells in one line what it withheld, and what that means") {
    Shell shell;
    const auto id = shell.open_case();
    for (int i = 0; i < 3; ++i)  // refused, and filed as runs
        shell.casefile({"call", "query_mysql", R"({"case":")" + id + R"(","sql":"SELECT 1"})"});
    const auto output = shell.at("case.tar.gz");
    const auto exported = shell.casefile({"export", id, "--output", output});
    INFO(exported.out + exported.err);
    CHECK(exported.exit_code == 0);
    CHECK_THAT(
        exported.out,
        Catch::Contains("6 files withheld: script and input of 3 runs; --with-sensitive takes them along"));
    CHECK_THAT(exported.out, !Catch::Contains(".sql"));
    const auto imported = shell.casefile({"import", output});
    CHECK_THAT(imported.out, Catch::Contains("6 files withheld: script and input of 3 runs\n"));
    // Under the id that it has here, beside the case of its own that it came from.
    CHECK_THAT(shell.casefile({"verify"}).out,
               Catch::Contains(id + ": verified") && Catch::Contains(id + "@"));
    CHECK_THAT(shell.casefile({"verify"}).out,
               Catch::Contains("6 files withheld: script and input of 3 runs; export.json names them"));
    const auto whole =
        shell.casefile({"export", id, "--output", shell.at("whole.tar.gz"), "--with-sensitive"});
    CHECK_THAT(whole.out, !Catch::Contains("withheld"));
}

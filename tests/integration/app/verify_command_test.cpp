// casefile verify: what it says of keys and folders.

#include "tests/integration/app/shell.h"

using namespace casefile;

TEST_CASE("verify tells what is no fingerprint, what is another key's, and what is no case") {
    Shell shell;
    const auto id = shell.open_case();
    const auto mistyped = shell.casefile({"verify", id, "--key", "1234"});
    CHECK(mistyped.exit_code == 2);
    CHECK_THAT(mistyped.err, Catch::Contains("--key: expected a fingerprint, 64 characters of 0-9 and a-f"));
    CHECK_THAT(mistyped.err, Catch::Contains("got '1234'"));
    CHECK(shell.casefile({"import", "x.tar.gz", "--key", "1234"}).exit_code == 2);

    const auto other = shell.casefile({"verify", id, "--key", std::string(64, 'a')});
    CHECK(other.exit_code == 1);
    CHECK_THAT(other.out,
               Catch::Contains(id + ": signed by another key: expected " + std::string(64, 'a') + ", got ") &&
                   !Catch::Contains("BROKEN"));

    const auto nothing = shell.casefile({"verify", shell.folder.path().string()});
    CHECK(nothing.exit_code == 1);
    CHECK_THAT(nothing.out,
               Catch::Contains(shell.folder.path().string() + ": no case: ") && !Catch::Contains("BROKEN"));

    // A case that lost its journal is not taken for a folder that never had one.
    std::filesystem::remove(shell.at("home/cases/" + id + "/chain.jsonl"));
    CHECK_THAT(shell.casefile({"verify", id}).out, Catch::Contains(id + ": BROKEN"));
    std::filesystem::rename(shell.at("home/cases/" + id), shell.at("copy"));
    CHECK_THAT(shell.casefile({"verify", shell.at("copy")}).out, Catch::Contains("copy: BROKEN"));
}

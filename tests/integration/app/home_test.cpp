// Which home a command works in.

#include "tests/support/program.h"

using namespace casefile;

TEST_CASE("--home wins over CASEFILE_HOME, which wins over the default") {
    TemporaryFolder folder;
    const auto home = [&](const char* name) { return (folder.path() / name).string(); };
    const std::map<std::string, std::string> variables{{"CASEFILE_HOME", home("variable")},
                                                       {"XDG_DATA_HOME", home("data")}};

    CHECK(run({program("casefile"), "token", "--home", home("option")}, variables).exit_code == 0);
    CHECK(std::filesystem::exists(home("option") + "/token"));
    CHECK_FALSE(std::filesystem::exists(home("variable")));

    CHECK(run({program("casefile"), "token"}, variables).exit_code == 0);
    CHECK(std::filesystem::exists(home("variable") + "/token"));

    CHECK(run({program("casefile"), "token"}, {{"XDG_DATA_HOME", home("data")}}).exit_code == 0);
    CHECK(std::filesystem::exists(home("data") + "/casefile/token"));
}

TEST_CASE("a mistyped home is told, and none is made there") {
    TemporaryFolder folder;
    const auto home = (folder.path() / "tpyo").string();
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"export", "INC-2026-11-22-001"},
                                               {"reindex"},
                                               {"attach", "INC-2026-11-22-001", "/etc/hostname"}}) {
        std::vector<std::string> command{program("casefile")};
        command.insert(command.end(), words.begin(), words.end());
        command.insert(command.end(), {"--home", home});
        const auto told = run(command, {});
        INFO(words.front());
        CHECK(told.exit_code == 1);
        CHECK_THAT(told.err, Catch::Contains("there is no home of casefile at " + home));
        CHECK_FALSE(std::filesystem::exists(home));
    }
}

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

TEST_CASE("no home is made in the current folder because a variable is relative or missing") {
    TemporaryFolder folder;
    const auto person = (folder.path() / "person").string();
    const auto in_folder = [&](const std::string& command) {
        return run({"/bin/sh", "-c", "cd \"$0\" && " + command, folder.path().string(), program("casefile"),
                    person});
    };
    const auto made = in_folder("exec env -i XDG_DATA_HOME=data HOME=\"$2\" \"$1\" token");
    CHECK(made.exit_code == 0);
    CHECK(std::filesystem::exists(person + "/.local/share/casefile/token"));
    // A command that makes no home leaves the one of the account alone.
    in_folder("exec env -i \"$1\" export NOPE");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
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

// Options and variables that cannot be meant are told at the start, and not passed over.

#include "tests/integration/app/shell.h"

using namespace casefile;

TEST_CASE("--confirm takes the environments that there are, and no others") {
    Shell shell;
    const auto file = shell.env_file("REDIS_SANDBOX_URL=redis://:x@127.0.0.1:1/0\n");
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"call", "get_case"}, {"doctor"}, {"prune", "--older-than", "1"}}) {
        auto with = words;
        with.insert(with.end(), {"--env-file", file, "--confirm", "NOPE"});
        const auto refused = shell.casefile(with);
        INFO(words.front());
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.out + refused.err,
                   Catch::Contains("--confirm NOPE: no environment is called so; there are: SANDBOX"));
    }
    const auto serving = shell.casefile({"serve", "--env-file", file, "--confirm", "NOPE"});
    CHECK(serving.exit_code != 0);
    CHECK_THAT(serving.err, Catch::Contains("--confirm NOPE: no environment is called so"));
    CHECK(shell.casefile({"call", "get_case", "--env-file", file, "--confirm", "SANDBOX"}).exit_code == 0);
}

TEST_CASE("doctor and the start of a server tell the lines of an env file that nothing uses") {
    Shell shell;
    const auto file = shell.env_file("REDIS_DEV_URL=redis://:x@127.0.0.1:1/0\nKAFKA_STAGING_URL=hush\n");
    const auto told = "KAFKA_STAGING_URL: not used; expected KAFKA_STAGING_BROKERS";
    const auto doctor = shell.casefile({"doctor", "--env-file", file});
    CHECK_THAT(doctor.out, Catch::Contains(told) && !Catch::Contains("hush"));
    CHECK_THAT(doctor.out, !Catch::Contains("CASEFILE_HOME"));  // of the process, and used
    const auto serving = shell.casefile({"serve", "--env-file", file});
    CHECK_THAT(serving.err, Catch::Contains(told) && !Catch::Contains("hush"));
}

TEST_CASE("a folder where a file is expected is a mistake of usage, with the option and the path") {
    Shell shell;
    REQUIRE(chmod(shell.folder.path().c_str(), 0700) == 0);
    for (const std::string option : {"--config", "--env-file"}) {
        const auto ran = shell.casefile({"call", "get_case", option, shell.folder.path().string()});
        INFO(option);
        CHECK(ran.exit_code == 2);
        CHECK_THAT(ran.err, Catch::Contains(option + ": cannot read " + shell.folder.path().string() +
                                            ": expected a file, got a folder"));
    }
}

TEST_CASE("a prompt of one's own that is no file keeps nothing from starting") {
    Shell shell;
    std::filesystem::create_directories(shell.at("home/prompts/notes.md"));
    const auto ran = shell.casefile({"call", "get_case"});
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.err, Catch::Contains("notes.md: expected a file, got a folder"));
}

TEST_CASE("a pages_folder that is not there stops the start") {
    Shell shell;
    std::ofstream(shell.at("casefile.json")) << R"({"pages_folder": "/nonexistent"})";
    const auto ran = shell.casefile({"doctor", "--config", shell.at("casefile.json")});
    CHECK(ran.exit_code != 0);
    CHECK_THAT(ran.out, Catch::Contains("pages_folder: expected a folder that is there, got /nonexistent"));
}

#pragma once
// Runs one of our programs as a user would, and gives what it printed.

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace casefile {

struct Ran {
    int exit_code = -1;
    std::string out, err;
};

inline std::string read_whole(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {(std::istreambuf_iterator<char>(in)), {}};
}

inline std::string program(const std::string& name) { return std::string(CASEFILE_BUILD_DIR) + "/" + name; }

/// Without a terminal and with empty input. Output goes through files, so that no pipe can fill up.
inline Ran run(const std::vector<std::string>& command,
               const std::map<std::string, std::string>& environment = {}) {
    TemporaryFolder folder;
    const auto out = (folder.path() / "out").string(), err = (folder.path() / "err").string();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
        dup2(open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
        for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
        std::vector<char*> argv;
        for (const auto& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_whole(out), read_whole(err)};
}

/// At a pseudo-terminal, as a human who types `typed`. Everything that the terminal showed is in `out`.
inline Ran run_at_terminal(const std::vector<std::string>& command, const std::string& typed,
                           const std::map<std::string, std::string>& environment = {}) {
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) {
        for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
        std::vector<char*> argv;
        for (const auto& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }
    Ran ran;
    REQUIRE(write(terminal, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
    std::array<char, 4096> part{};
    // A terminal whose program has ended reads as an error.
    for (ssize_t got = 0; (got = read(terminal, part.data(), part.size())) > 0;)
        ran.out.append(part.data(), static_cast<std::size_t>(got));
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

}  // namespace casefile

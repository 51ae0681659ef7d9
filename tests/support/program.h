#pragma once
// Runs one of our programs as a user would, and gives what it printed.

#include <fcntl.h>
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

}  // namespace casefile

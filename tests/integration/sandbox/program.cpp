#include "tests/integration/sandbox/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace casefile::sandbox {
namespace {

std::string read_all(int from) {
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t got; (got = ::read(from, part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(got));
    return text;
}

void close_once(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const std::string& temporary) {
    int to_child[2], from_child[2];
    // Errors go to a file without a name, so that neither side can block the other.
    errors_ = ::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (errors_ < 0 || ::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipes");
    const std::string path = CASEFILE_BUILD_DIR "/casefile-sandbox";
    std::vector<char*> argv{const_cast<char*>(path.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);

    // The first of two settings of one name counts.
    auto setting = "TMPDIR=" + temporary;
    std::vector<char*> environment;
    if (!temporary.empty()) environment.push_back(setting.data());
    for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
    environment.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors_, STDERR_FILENO);
    const int failed = ::posix_spawn(&pid_, path.c_str(), &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(to_child[0]);
    ::close(from_child[1]);
    input_ = to_child[1];
    output_ = from_child[0];
    if (failed != 0) throw std::runtime_error("could not start " + path);
}

Program::~Program() {
    finish();
    close_once(errors_);
}

std::string Program::read_line() {
    std::string line;
    for (char c; ::read(output_, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

void Program::close_input() { close_once(input_); }

Program::Outcome Program::finish() {
    Outcome outcome;
    close_input();
    if (pid_ == 0) return outcome;
    outcome.output = read_all(output_);
    close_once(output_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ::lseek(errors_, 0, SEEK_SET);
    outcome.errors = read_all(errors_);
    return outcome;
}

Program::Outcome run_sandbox(const std::vector<std::string>& arguments) {
    Program program(arguments);
    return program.finish();
}

}  // namespace casefile::sandbox

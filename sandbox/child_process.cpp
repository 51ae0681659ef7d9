#include "sandbox/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "base/text.h"

namespace casefile::sandbox {
namespace {

using namespace std::chrono_literals;

// Servers live in sbin folders, which an ordinary user's PATH leaves out.
std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    const auto folders =
        std::string(path == nullptr ? "/usr/bin:/bin" : path) + ":/usr/local/sbin:/usr/sbin:/sbin";
    for (const auto& folder : split(folders, ':')) {
        const auto candidate = folder + "/" + name;
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

struct SpawnActions {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;

    SpawnActions() {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnActions() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
};

void prepare(SpawnActions& actions, const ChildCommand& command) {
    posix_spawn_file_actions_addopen(&actions.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions.files, STDOUT_FILENO, command.log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions.files, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions.files, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions.files, command.folder.c_str());

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&actions.attributes, &none);
    posix_spawnattr_setsigdefault(&actions.attributes, &all);
    posix_spawnattr_setflags(&actions.attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

Result<pid_t> start_child(const ChildCommand& command) {
    const auto& name = command.arguments.front();
    const auto program = find_program(name);
    if (program.empty())
        return unavailable("program " + name + " not found in PATH or the sbin folders",
                           "install it with scripts/install-deps");

    std::vector<char*> arguments;
    for (const auto& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);

    SpawnActions actions;
    prepare(actions, command);
    pid_t pid = 0;
    const int failed =
        ::posix_spawn(&pid, program.c_str(), &actions.files, &actions.attributes, arguments.data(), environ);
    if (failed != 0)
        return unavailable("could not start " + program + ": " + std::generic_category().message(failed));
    return pid;
}

Result<void> run_child(const ChildCommand& command) {
    const auto pid = start_child(command);
    if (!pid) return pid.error();
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return unavailable(command.arguments.front() + " failed: " + log_tail(command.log));
}

std::optional<std::int64_t> start_time_of(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream rest(line.substr(name_end + 1));
    std::string state, skipped;
    std::int64_t start_time = 0;
    rest >> state;
    for (int field = 4; field < 22; ++field) rest >> skipped;
    rest >> start_time;
    if (!rest || state == "Z" || state == "X") return std::nullopt;
    return start_time;
}

bool has_ended(pid_t pid) {
    if (start_time_of(pid)) return false;
    // Only after it was seen to have ended: asked before, a child that ends in between would stay a zombie.
    // A child whose other threads are still ending gives 0, somebody else's process an error.
    return ::waitpid(pid, nullptr, WNOHANG) != 0;
}

void end_process(pid_t pid) {
    ::kill(pid, SIGTERM);
    const auto begin = std::chrono::steady_clock::now();
    for (bool killed = false; !has_ended(pid);) {
        const auto waited = std::chrono::steady_clock::now() - begin;
        if (waited > 20s) return;
        if (waited > 10s && !std::exchange(killed, true)) ::kill(pid, SIGKILL);
        std::this_thread::sleep_for(10ms);
    }
}

std::string log_tail(const std::filesystem::path& log, std::size_t lines_max) {
    std::ifstream in(log);
    std::deque<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(printable(line));
        if (lines.size() > lines_max) lines.pop_front();
    }
    return join({lines.begin(), lines.end()}, "\n");
}

Result<void> make_private_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (!failed) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
    if (failed) return unavailable("could not make the folder " + folder.string() + ": " + failed.message());
    return {};
}

}  // namespace casefile::sandbox

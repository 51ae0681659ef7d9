#include "app/demo/shop_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "app/program_folder.h"

extern char** environ;

namespace casefile::app {
namespace {

/// Two ends of a pipe that children do not inherit.
struct Pipe {
    std::array<int, 2> ends{-1, -1};
    bool open() { return pipe2(ends.data(), O_CLOEXEC) == 0; }
};

constexpr std::size_t line_bytes_max = 64 * 1024;

}  // namespace

Result<std::unique_ptr<ShopProcess>> ShopProcess::start(std::uint32_t seed) {
    const auto program = (program_folder() / "casefile-sandbox").string();
    Pipe input, output;
    if (!input.open() || !output.open()) return unavailable("cannot make a pipe to the sandbox");

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.ends[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
    std::string name = program, command = "demo-servers", option = "--seed", number = std::to_string(seed);
    std::array<char*, 5> argv{name.data(), command.data(), option.data(), number.data(), nullptr};
    std::unique_ptr<ShopProcess> shop(new ShopProcess());
    const int failure = posix_spawn(&shop->pid_, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input.ends[0]);
    close(output.ends[1]);
    shop->input_ = input.ends[1];
    auto announced = failure == 0
                         ? shop->read_announcement(output.ends[0])
                         : Result<void>(unavailable("cannot run " + program, "expected it beside casefile"));
    close(output.ends[0]);
    if (failure != 0) shop->pid_ = -1;
    if (!announced) return announced.error();
    return shop;
}

/// One JSON line with the variables, the configuration and the complaint.
Result<void> ShopProcess::read_announcement(int descriptor) {
    std::string line;
    char byte = 0;
    while (line.size() < line_bytes_max && read(descriptor, &byte, 1) == 1 && byte != '\n') line += byte;
    auto parsed = parse_json(line);
    if (!parsed || !parsed->is_object())
        return unavailable("the sandbox did not come up",
                           "its messages are above; casefile-sandbox up shows them again");
    const auto& told = parsed->get_object();
    if (const auto* variables = told.if_contains("env"); variables != nullptr && variables->is_object())
        for (const auto& pair : variables->get_object())
            if (pair.value().is_string()) variables_[pair.key()] = std::string(pair.value().get_string());
    if (const auto* complaint = told.if_contains("complaint"); complaint != nullptr && complaint->is_object())
        complaint_ = complaint->get_object();
    config_ = string_or(told, "config");
    return {};
}

ShopProcess::~ShopProcess() {
    if (input_ >= 0) close(input_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

}  // namespace casefile::app

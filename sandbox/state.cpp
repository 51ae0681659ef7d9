#include "sandbox/state.h"

#include "base/schema.h"
#include "base/small_file.h"
#include "sandbox/child_process.h"

namespace casefile::sandbox {
namespace {

constexpr std::uint64_t state_bytes_max = 1024 * 1024;

Schema<ProcessRecord> process_schema() {
    return Schema<ProcessRecord>{}
        .field("pid", &ProcessRecord::pid, "Process id.")
        .field("start_time", &ProcessRecord::start_time, "Ticks since boot.")
        .field("port", &ProcessRecord::port, "Loopback port.");
}

Schema<State> state_schema() {
    return Schema<State>{}
        .field("seed", &State::seed, "What was planted.")
        .field("started_at", &State::started_at, "When.")
        .field("complete", &State::complete, "Whether the start came to its end.")
        .map("processes", &State::processes, process_schema(), "By name.")
        .field("passwords", &State::passwords, "By account.")
        .field("variables", &State::variables, "For the environment of casefile.")
        .field("config", &State::config, "Configuration file for casefile.")
        .field("env_file", &State::env_file, "The variables as a file.")
        .field("planted", &State::planted, "The answer key.");
}

}  // namespace

Result<void> save_state(const std::filesystem::path& folder, const State& state) {
    return replace_small_file(folder / "state.json", json::serialize(state_schema().write(state)) + "\n",
                              false);
}

Result<std::optional<State>> load_state(const std::filesystem::path& folder) {
    const auto path = folder / "state.json";
    const auto text = read_small_file(path, state_bytes_max);
    if (!text && text.error().kind == ErrorKind::not_found) return std::optional<State>{};
    const auto unreadable = [&path](const Error& error) {
        return invalid(path.string() + " is no state of a sandbox: " + error.message,
                       "end its servers and remove the folder yourself");
    };
    if (!text) return unreadable(text.error());
    const auto document = parse_json(*text);
    if (!document) return unreadable(document.error());
    auto state = state_schema().parse(*document);
    if (!state) return unreadable(state.error());
    return std::optional(*std::move(state));
}

std::vector<std::string> ended_processes(const State& state) {
    std::vector<std::string> ended;
    for (const auto& [name, process] : state.processes)
        if (start_time_of(static_cast<pid_t>(process.pid)) != process.start_time) ended.push_back(name);
    return ended;
}

void end_processes(const State& state) {
    for (const auto& [name, process] : state.processes) {
        const auto pid = static_cast<pid_t>(process.pid);
        if (start_time_of(pid) == process.start_time) end_process(pid);
    }
}

ProcessRecord record_process(pid_t pid, std::uint16_t port) {
    return {.pid = pid, .start_time = start_time_of(pid).value_or(0), .port = port};
}

std::string export_lines(const State& state) {
    std::string lines;
    for (const auto& variable : state.variables)
        lines += "export " + std::string(variable.key()) + "='" + std::string(variable.value().as_string()) +
                 "'\n";
    return lines;
}

std::string client_snippet(const State& state, const std::filesystem::path& casefile) {
    const json::value command(casefile.string());
    const json::array arguments{"serve", "--config", state.config, "--env-file", state.env_file};
    // Laid out for a person who pastes it into a file.
    return "{\n  \"mcpServers\": {\n    \"casefile-sandbox\": {\n      \"command\": " +
           json::serialize(command) + ",\n      \"args\": " + json::serialize(arguments) +
           "\n    }\n  }\n}\n";
}

}  // namespace casefile::sandbox

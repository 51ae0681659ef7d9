#include "sandbox/commands.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/text.h"
#include "sandbox/child_process.h"
#include "sandbox/interruption.h"
#include "sandbox/sandbox_folder.h"
#include "sandbox/shop.h"

namespace casefile::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr int steps_of_a_start = 5;

int fail(const Error& error) {
    std::cerr << "casefile-sandbox: " << describe(error) << "\n";
    return 1;
}

/// Numbered progress on standard error; ends the start when the user wants to leave.
auto step_teller(const Interruption& interruption) {
    return [&interruption, number = 0](const std::string& step) mutable -> Result<void> {
        if (interruption.requested())
            return Error{ErrorKind::cancelled, "interrupted: everything was stopped again"};
        std::cerr << "[" << ++number << "/" << steps_of_a_start << "] " << step << std::endl;
        return {};
    };
}

void print(const State& state, const Programs& programs) {
    std::cout << export_lines(state) << "\n" << client_snippet(state, programs.casefile) << std::flush;
}

Result<State> load_running(const fs::path& folder) {
    const auto start_it = "start it with: casefile sandbox up";
    auto held = SandboxFolder::open(folder);
    if (!held && held.error().kind == ErrorKind::not_found)
        return not_found("no sandbox is running", start_it);
    if (!held) return held.error();
    auto state = load_state(folder);
    if (!state) return state.error();
    if (!*state) return not_found("no sandbox is running", start_it);
    if (!(*state)->complete)
        return unavailable("the sandbox did not start to its end", "repair it with: casefile sandbox up");
    if (const auto ended = ended_processes(**state); !ended.empty())
        return unavailable("the sandbox is incomplete, ended: " + join(ended, ", "),
                           "repair it with: casefile sandbox up");
    return *std::move(*state);
}

/// Ends what an earlier start left and empties the folder.
Result<void> clear(const SandboxFolder& folder, const State& state) {
    end_processes(state);
    return folder.empty();
}

int start(const Programs& programs, const SandboxFolder& folder, std::uint64_t seed) {
    const Interruption interruption;
    auto shop = Shop::start({.folder = folder.path(),
                             .seed = seed,
                             .program = programs.sandbox,
                             .on_step = step_teller(interruption)});
    if (!shop) {
        if (auto removed = folder.remove(); !removed) fail(removed.error());
        return fail(shop.error());
    }
    shop->release();
    print(shop->state(), programs);
    std::cerr << "the shop is up; stop it with: casefile sandbox down --dir " << folder.path().string()
              << "\n";
    return 0;
}

}  // namespace

int up(const Programs& programs, const fs::path& folder, std::optional<std::uint32_t> seed) {
    const auto held = SandboxFolder::open_or_make(folder);
    if (!held) return fail(held.error());
    const auto state = load_state(folder);
    if (!state) return fail(state.error());
    if (!*state) return start(programs, *held, seed.value_or(0));

    const auto ended = ended_processes(**state);
    if ((*state)->complete && ended.empty()) {
        if (seed && *seed != (*state)->seed)
            return fail(denied("the sandbox is running with seed " + std::to_string((*state)->seed) +
                                   ", not " + std::to_string(*seed),
                               "stop it first with: casefile sandbox down"));
        std::cerr << "the shop is already running\n";
        print(**state, programs);
        return 0;
    }
    std::cerr << "the sandbox is incomplete" << (ended.empty() ? "" : ", ended: " + join(ended, ", "))
              << "; starting it anew\n";
    if (auto cleared = clear(*held, **state); !cleared) return fail(cleared.error());
    return start(programs, *held, seed ? *seed : static_cast<std::uint64_t>((*state)->seed));
}

int env(const Programs& programs, const fs::path& folder, bool exports_only) {
    const auto state = load_running(folder);
    if (!state) return fail(state.error());
    if (exports_only)
        std::cout << export_lines(*state);
    else
        print(*state, programs);
    return 0;
}

int down(const fs::path& folder) {
    const auto held = SandboxFolder::open(folder);
    if (!held && held.error().kind == ErrorKind::not_found) {
        std::cerr << "no sandbox is running\n";
        return 0;
    }
    if (!held) return fail(held.error());
    const auto state = load_state(folder);
    if (!state) return fail(state.error());
    if (*state) end_processes(**state);
    if (auto removed = held->remove(); !removed) return fail(removed.error());
    std::cerr << "the shop is down\n";
    return 0;
}

int demo_servers(const Programs& programs, std::uint32_t seed) {
    const Interruption interruption;
    auto name = (fs::absolute(fs::temp_directory_path()) / "casefile-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return fail(unavailable("could not make a folder like " + name));
    const fs::path folder = name;
    int code = 0;
    {
        const auto shop = Shop::start({.folder = folder,
                                       .seed = seed,
                                       .program = programs.sandbox,
                                       .on_step = step_teller(interruption)});
        if (shop) {
            const auto& state = shop->state();
            std::cout << json::object{{"dir", name},
                                      {"env", state.variables},
                                      {"config", state.config},
                                      {"complaint", complaint(shop->plan())}}
                      << std::endl;
            interruption.wait_or_end_of(STDIN_FILENO);
        } else {
            code = fail(shop.error());
        }
    }
    std::error_code failed;
    fs::remove_all(folder, failed);
    return failed ? fail(unavailable("could not remove " + name + ": " + failed.message())) : code;
}

}  // namespace casefile::sandbox

// The commands as a person or another program types them.

#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "base/json.h"
#include "sandbox/child_process.h"
#include "sandbox/state.h"
#include "tests/integration/sandbox/program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace casefile::sandbox {
namespace {

namespace fs = std::filesystem;

/// Takes the shop down whatever happens to the test.
struct Downer {
    std::string folder;
    ~Downer() { run_sandbox({"down", "--dir", folder}); }
};

State state_of(const fs::path& folder) { return load_state(folder).value().value(); }

bool all_ended(const State& state) { return ended_processes(state).size() == state.processes.size(); }

unsigned mode_of(const fs::path& path) {
    struct stat found {};
    REQUIRE(::lstat(path.c_str(), &found) == 0);
    return found.st_mode & 0777;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("up leaves a shop running, again is harmless, env tells the same, and down leaves nothing") {
    const TemporaryFolder parent;
    const auto folder = (parent.path() / "shop").string();
    const Downer downer{folder};

    const auto first = run_sandbox({"up", "--dir", folder, "--seed", "5"});
    INFO(first.errors);
    REQUIRE(first.code == 0);
    const auto state = state_of(folder);
    CHECK(ended_processes(state).empty());
    CHECK(state.processes.size() == 3);
    CHECK(mode_of(folder) == 0700);
    for (const auto* file : {"state.json", "sandbox.env", "casefile.json", "planted.json"})
        CHECK(mode_of(fs::path(folder) / file) == 0600);
    for (const auto* variable : {"MYSQL_SANDBOX_URL=", "REDIS_SANDBOX_URL=", "KAFKA_SANDBOX_BROKERS="})
        CHECK(contains(first.output, std::string("export ") + variable));

    const auto second = run_sandbox({"up", "--dir", folder});
    CHECK(second.code == 0);
    CHECK(second.output == first.output);
    CHECK(contains(second.errors, "already running"));
    CHECK(run_sandbox({"env", "--dir", folder}).output == first.output);
    const auto exports = run_sandbox({"env", "--exports", "--dir", folder}).output;
    CHECK(first.output.find(exports) == 0);
    const auto snippet = parse_json(first.output.substr(exports.size()));
    REQUIRE(snippet);
    const auto& client = snippet->at("mcpServers").at("casefile-sandbox");
    CHECK(client.at("command") == json::value(CASEFILE_BUILD_DIR "/casefile"));
    CHECK(client.at("args").as_array().front() == "serve");

    const auto other_seed = run_sandbox({"up", "--dir", folder, "--seed", "6"});
    CHECK(other_seed.code == 1);
    CHECK(contains(other_seed.errors, "running with seed 5, not 6"));

    CHECK(run_sandbox({"down", "--dir", folder}).code == 0);
    CHECK(all_ended(state));
    CHECK_FALSE(fs::exists(folder));

    CHECK(run_sandbox({"down", "--dir", folder}).code == 0);
    const auto after = run_sandbox({"env", "--dir", folder});
    CHECK(after.code == 1);
    CHECK(contains(after.errors, "no sandbox is running"));
}

TEST_CASE("up repairs a shop of which a part has ended, with the same faults") {
    const TemporaryFolder parent;
    const auto folder = (parent.path() / "shop").string();
    const Downer downer{folder};
    REQUIRE(run_sandbox({"up", "--dir", folder, "--seed", "3"}).code == 0);
    const auto before = state_of(folder);
    end_process(static_cast<pid_t>(before.processes.at("redis").pid));

    const auto asked = run_sandbox({"env", "--dir", folder});
    CHECK(asked.code == 1);
    CHECK(contains(asked.errors, "ended: redis"));
    const auto repaired = run_sandbox({"up", "--dir", folder});

    CHECK(repaired.code == 0);
    CHECK(all_ended(before));
    const auto after = state_of(folder);
    CHECK(after.complete);
    CHECK(after.seed == 3);
    CHECK(ended_processes(after).empty());
}

TEST_CASE("down ends no process that merely has the recorded id") {
    const TemporaryFolder parent;
    const auto folder = parent.path() / "shop";
    REQUIRE(make_private_folder(folder));
    State state;
    state.processes["redis"] = record_process(::getpid(), 1);
    ++state.processes["redis"].start_time;
    REQUIRE(save_state(folder, state));

    CHECK(run_sandbox({"down", "--dir", folder.string()}).code == 0);

    CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("a folder that is not a sandbox's is left alone") {
    const TemporaryFolder parent;
    const auto folder = parent.path() / "home";
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
    auto chosen = folder;
    std::string reason;
    SECTION("one with other files") {
        std::ofstream(folder / "letter.txt") << "dear all";
        reason = "holds files that are not a sandbox's";
    }
    SECTION("one that others may enter") {
        fs::permissions(folder, fs::perms::group_exec, fs::perm_options::add);
        reason = "expected mode 0700";
    }
    SECTION("a symbolic link") {
        chosen = parent.path() / "link";
        fs::create_symlink(folder, chosen);
        reason = "could not open the folder";
    }

    for (const auto* command : {"up", "env", "down"}) {
        const auto outcome = run_sandbox({command, "--dir", chosen.string()});
        CHECK(outcome.code == 1);
        CHECK(contains(outcome.errors, reason));
    }
    CHECK(fs::exists(folder));
    CHECK_FALSE(fs::exists(folder / "state.json"));
}

TEST_CASE("an interrupted up stops what it started and removes its folder") {
    const TemporaryFolder parent;
    const auto folder = parent.path() / "shop";
    const Downer downer{folder.string()};
    Program program({"up", "--dir", folder.string()});
    // Until a server runs, so that there is something to stop; or until the program ends too early.
    std::optional<State> state;
    while (start_time_of(program.pid()) && (!state || state->processes.empty())) {
        if (const auto loaded = load_state(folder); loaded && *loaded) state = *loaded;
        std::this_thread::yield();
    }
    ::kill(program.pid(), SIGTERM);

    const auto outcome = program.finish();

    CHECK(outcome.code == 1);
    REQUIRE(state);
    CHECK_FALSE(state->processes.empty());
    CHECK(all_ended(*state));
    CHECK(contains(outcome.errors, "interrupted"));
    CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("demo-servers run until standard input ends, tell no answers, and leave nothing") {
    const TemporaryFolder temporary;
    Program program({"demo-servers", "--seed", "7"}, temporary.path());

    const auto line = program.read_line();
    const auto told = parse_json(line);
    REQUIRE(told);
    const fs::path folder(std::string(told->at("dir").as_string()));
    CHECK(folder.parent_path() == temporary.path());
    CHECK(told->at("env").as_object().size() == 3);
    CHECK(fs::exists(std::string(told->at("config").as_string())));
    CHECK(fs::exists(folder / "planted.json"));
    for (const auto* answer : {"stale", "left_over", "lag", "key_template"})
        CHECK_FALSE(contains(line, answer));
    const auto state = state_of(folder);
    CHECK(ended_processes(state).empty());
    program.close_input();
    CHECK(program.finish().code == 0);

    CHECK(all_ended(state));
    CHECK(fs::is_empty(temporary.path()));
}

TEST_CASE("wrong usage is exit code 2, and help is 0") {
    CHECK(run_sandbox({}).code == 2);
    CHECK(run_sandbox({"up", "--seed", "many"}).code == 2);
    CHECK(run_sandbox({"sideways"}).code == 2);
    CHECK(run_sandbox({"--help"}).code == 0);
    CHECK(run_sandbox({"up", "--help"}).code == 0);
    CHECK(contains(run_sandbox({"--version"}).output, "casefile-sandbox"));
}

}  // namespace casefile::sandbox

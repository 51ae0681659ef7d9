// What happens to a real server: it is killed under load, beside another one, and its disk is full, cannot be
// written or is taken away.

#include <sched.h>
#include <sys/mount.h>

#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "evidence/run_records.h"
#include "evidence/verify.h"
#include "tests/integration/app/talk.h"

using namespace casefile;
using mcp::StdioClient;
namespace fs = std::filesystem;

namespace {

mcp::StdioClientOptions serve(const fs::path& home, const fs::path& log) {
    mcp::StdioClientOptions options;
    options.command = {program("casefile"), "serve", "--home", home.string(), "--confirm", "DEV"};
    options.environment = TestServers::get().variables("DEV");
    options.errors_file = log.string();
    options.era = mcp::StdioClientOptions::Era::modern;
    return options;
}

/// How often servers are killed; scripts/soak asks for many.
int kill_rounds() {
    const char* rounds = std::getenv("CASEFILE_KILL_ROUNDS");  // NOLINT(concurrency-mt-unsafe)
    return rounds == nullptr ? 4 : std::stoi(rounds);
}

/// A server with many calls in flight that is killed when a few were answered. Gives the runs of all answers.
std::set<std::string> answered_until_killed(const fs::path& home, const std::string& id, int seed) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    auto started = StdioClient::start(serve(home, home.string() + "." + std::to_string(seed) + ".log"));
    if (!started) return {};
    auto& client = **started;
    const auto send = [&](int number, const char* method, json::object params) {
        params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                           {"io.modelcontextprotocol/clientCapabilities", json::object()}};
        client.send_line(json::serialize(json::object{
            {"jsonrpc", "2.0"}, {"id", number}, {"method", method}, {"params", std::move(params)}}));
    };
    constexpr int calls = 24;
    for (int i = 1; i <= calls; ++i)
        send(i, "tools/call",
             {{"name", "query_mysql"},
              {"arguments",
               {{"case", id}, {"env", "DEV"}, {"sql", i % 3 == 0 ? "DELETE FROM t" : "SELECT 1 AS one"}}}});
    const int answers_max = std::uniform_int_distribution(1, calls - 1)(random);
    std::set<std::string> runs;
    const auto read_one = [&] {
        const auto line = client.read_line(std::chrono::seconds(60));
        const auto message = line ? parse_json(*line) : Result<json::value>(not_found("the end"));
        if (!message) return false;
        const auto* result = message->as_object().if_contains("result");
        if (result == nullptr) return true;
        const auto* structured = result->as_object().if_contains("structuredContent");
        const auto* run = structured == nullptr ? nullptr : structured->as_object().if_contains("run");
        if (run != nullptr) runs.emplace(run->at("id").as_string());
        return true;
    };
    for (int i = 0; i < answers_max && read_one(); ++i) {
    }
    // How far the others have come is up to the scheduler and to this spin.
    for (std::atomic<std::uint64_t> spin = random() % 2'000'000; spin > 0; --spin) {
    }
    ::kill(client.process(), SIGKILL);
    while (read_one()) {
    }
    return runs;
}

std::string open_case(const fs::path& home) {
    const auto opened = run(
        {program("casefile"), "call", "open_case", R"({"topic":"wrong prices"})", "--home", home.string()});
    const auto parsed = parse_json(opened.out);
    INFO(opened.err);
    REQUIRE(parsed);
    return std::string(parsed->at("case").as_string());
}

/// Runs `work` in a process with mounts of its own. It tells what went wrong; nothing when all was well.
std::string in_own_mounts(const std::function<std::string()>& work) {
    TemporaryFolder folder;
    const auto file = folder.path() / "told";
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::string told = "cannot have mounts of my own: run the tests as root, or with user namespaces";
        const auto user = geteuid();
        if (unshare(CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)) == 0) {
            if (user != 0) std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
            // EINVAL: in a chroot "/" may be no mount point. Then others may see the disk until it is taken
            // away.
            if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || errno == EINVAL) try {
                    told = work();
                } catch (const std::exception& fault) {
                    told = fault.what();
                }
        }
        std::ofstream(file) << (told.empty() ? "well" : told);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return read_whole(file);
}

/// A server on a disk of two mebibytes that is seen at `place`.
struct ServerOnSmallDisk {
    fs::path disk, place;
    std::unique_ptr<StdioClient> client;
    std::string id;

    explicit ServerOnSmallDisk(const fs::path& scratch) : disk(scratch / "disk"), place(scratch / "place") {
        fs::create_directory(disk);
        fs::create_directory(place);
        if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m,mode=0700") != 0)
            throw std::runtime_error("cannot mount a small file system");
        appear();
        client = StdioClient::connect(serve(place / "home", scratch / "serve.log")).value();
        id = std::string(
            client->call_tool("open_case", {{"topic", "x"}}).value().structured.at("case").as_string());
        if (!asks().empty()) throw std::runtime_error("the first question failed: " + asks());
    }
    ~ServerOnSmallDisk() {
        umount2(place.c_str(), MNT_DETACH);
        umount2(disk.c_str(), MNT_DETACH);
    }
    void appear(unsigned long flags = 0) const {
        if (mount(disk.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
            (flags != 0 && mount("none", place.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr) != 0))
            throw std::runtime_error("cannot mount the disk");
    }
    void vanish() const {
        if (umount2(place.c_str(), MNT_DETACH) != 0) throw std::runtime_error("cannot take the disk away");
    }
    /// Nothing when the question was answered, otherwise what the refusal says.
    std::string asks(const std::string& sql = "SELECT 1 AS one") const {
        const auto result = client->call_tool("query_mysql", {{"case", id}, {"env", "DEV"}, {"sql", sql}});
        if (!result) return "no answer: " + result.error().message;
        return result->is_error ? result->text : std::string();
    }
    /// Nothing when the case verifies and has so many runs, all of them sealed.
    std::string verifies(std::uint64_t runs) const {
        const auto found = evidence::verify_case(place / "home/cases" / id, {}, {}).value();
        if (!found.ok) return found.first_break->kind + " in " + found.first_break->where;
        if (found.runs != runs || !found.open_runs.empty())
            return std::to_string(found.runs) + " runs, " + std::to_string(found.open_runs.size()) + " open";
        return {};
    }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE(
    "two servers on one case are killed under load: every answer that was given is on record, and what was "
    "interrupted is marked",
    "[kills]") {
    TemporaryFolder folder;
    const auto home = folder.path() / "home";
    static_cast<void>(TestServers::get());
    const auto id = open_case(home);
    const auto case_folder = home / "cases" / id;
    std::set<std::string> answered;
    for (int round = 0; round < kill_rounds(); ++round) {
        std::set<std::string> other;
        std::thread beside([&] { other = answered_until_killed(home, id, 2 * round + 1); });
        answered.merge(answered_until_killed(home, id, 2 * round));
        beside.join();
        answered.merge(other);

        // What was killed is marked by this start.
        const auto verified = run({program("casefile"), "call", "verify_evidence",
                                   json::serialize(json::object{{"case", id}}), "--home", home.string()});
        INFO(verified.out << verified.err);
        REQUIRE(verified.exit_code == 0);
        const auto proof = parse_json(verified.out).value();
        CHECK(proof.at("ok") == true);
        const auto* open = proof.as_object().if_contains("open_runs");
        const auto* interrupted = proof.as_object().if_contains("interrupted");
        CHECK((open == nullptr) == (interrupted == nullptr));
        if (open != nullptr && interrupted != nullptr) CHECK(*open == *interrupted);
    }
    const auto records = evidence::read_chain(case_folder / "chain.jsonl").value();
    std::set<std::string> sealed;
    bool interrupted = false;  // a kill may fall between two calls
    for (const auto& one : evidence::runs_of(records).value()) {
        if (one.sealed) sealed.insert(one.run_id);
        interrupted = interrupted || !one.sealed;
    }
    CHECK_FALSE(answered.empty());
    for (const auto& run_id : answered) CHECK(sealed.contains(run_id));
    CHECK(run({program("casefile"), "verify", id, "--home", home.string()}).exit_code == 0);
    // So do the files that are made from the journal.
    const auto record = read_whole(case_folder / "case.json");
    CHECK((record.find(R"("outcome": "interrupted")") != std::string::npos) == interrupted);
}

TEST_CASE("a server on a full disk refuses with a hint, loses nothing, and goes on when there is room",
          "[forks]") {
    static_cast<void>(TestServers::get());
    TemporaryFolder scratch;
    const auto told = in_own_mounts([&]() -> std::string {
        const ServerOnSmallDisk server(scratch.path());
        {
            std::ofstream filler(server.disk / "filler", std::ios::binary);
            while (filler.write(std::string(4096, 'x').data(), 4096).flush()) {
            }
        }
        const auto full = server.asks();
        if (!holds(full, "No space left on device") || !holds(full, "free space")) return "full: " + full;
        if (const auto found = server.verifies(2); !found.empty()) return "while full: " + found;
        fs::remove(server.disk / "filler");
        if (const auto again = server.asks(); !again.empty()) return "with room again: " + again;
        // An answer that does not fit: the call fails, and its run is sealed as failed.
        const auto large = server.asks("SELECT seq, REPEAT('x', 10000) AS x FROM seq_1_to_1000");
        if (!holds(large, "No space left on device")) return "too large: " + large;
        if (const auto again = server.asks(); !again.empty()) return "after it: " + again;
        return server.verifies(5);
    });
    CHECK(told == "well");
}

TEST_CASE(
    "a server whose disk cannot be written or vanishes refuses with a hint, and goes on when it is back",
    "[forks]") {
    static_cast<void>(TestServers::get());
    TemporaryFolder scratch;
    const auto told = in_own_mounts([&]() -> std::string {
        const ServerOnSmallDisk server(scratch.path());
        server.appear(MS_RDONLY);
        const auto read_only = server.asks();
        if (!holds(read_only, "Read-only file system") || !holds(read_only, "restore access"))
            return "read-only: " + read_only;
        if (const auto found = server.verifies(2); !found.empty()) return "while read-only: " + found;
        server.vanish();
        if (const auto again = server.asks(); !again.empty()) return "writable again: " + again;

        server.vanish();
        const auto gone = server.asks();
        if (!holds(gone, "restore or mount the home folder again")) return "gone: " + gone;
        if (!fs::is_empty(server.place)) return "something was made where the disk should be";
        server.appear();
        if (const auto again = server.asks(); !again.empty()) return "back: " + again;
        return server.verifies(4);
    });
    CHECK(told == "well");
}

// What may happen to a writer: it is killed at any moment, others write beside it, the disk is full or taken
// away.

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

#include <array>
#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "tests/unit/evidence/support.h"

using namespace casefile;
using namespace casefile::evidence;

namespace {

/// Runs one after the other until it is killed; tells of each step when it has returned.
int write_forever(Store& store, const std::string& id, const Pipe& steps) {
    // By turns an output that the journal holds and one that is synced as a file.
    for (bool large = false;; large = !large) {
        auto run = store.begin(id, a_question()).value();
        if (!steps.send()) return 1;
        run.write_output("db_rows.prices.csv", "data", "csv", std::string(large ? 100'000 : 100, 'x'))
            .value();
        if (!steps.send()) return 1;
        run.seal(Outcome::answered, {}).value();
        if (!steps.send()) return 1;
    }
}

/// A small file system of its own over the home, which can be filled. Without the means to mount one the test
/// fails: who is not root gets them in a user namespace.
class SmallDisk {
  public:
    explicit SmallDisk(const fs::path& home) : home_(home), filler_(home / "filler") {
        const auto user = ::geteuid();
        const int flags = CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER);
        if (::unshare(flags) != 0) throw std::runtime_error("cannot have mounts of my own");
        if (user != 0) std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
        // EINVAL: in a chroot "/" may be no mount point. Then others may see the disk until it is taken away.
        if ((::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 && errno != EINVAL) ||
            ::mount("tmpfs", home.c_str(), "tmpfs", 0, "size=512k,mode=0700") != 0)
            throw std::runtime_error("cannot mount a small file system");
    }
    ~SmallDisk() { ::umount2(home_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    void fill() const {
        std::ofstream file(filler_, std::ios::binary);
        while (file.write(std::string(4096, 'x').data(), 4096).flush()) {
        }
    }
    void free() const { fs::remove(filler_); }

  private:
    fs::path home_, filler_;
};

bool is_unavailable_with_hint(const Error& error) {
    return error.kind == ErrorKind::unavailable && !error.hint.empty();
}

}  // namespace

TEST_CASE(
    "a case verifies and goes on after its writer was killed at any moment, and no acknowledged step is "
    "lost",
    "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    const auto folder = home.store->case_folder(id);
    std::mt19937 random(20261122);
    std::uint64_t opened = 0, sealed = 0;
    for (int round = 0; round < 20; ++round) {
        const Pipe steps;
        const auto child = in_child([&] { return write_forever(*home.again(), id, steps); });
        const int steps_count = std::uniform_int_distribution(1, 6)(random);
        for (int i = 0; i < steps_count; ++i) REQUIRE(steps.receive());
        // The next step has begun; how far it has come is up to the scheduler and to this spin.
        for (std::atomic<std::uint64_t> spin = random() % 500'000; spin > 0; --spin) {
        }
        ::kill(child, SIGKILL);
        CHECK(exit_code_of(child) == -SIGKILL);
        opened += static_cast<std::uint64_t>(steps_count + 2) / 3;
        sealed += static_cast<std::uint64_t>(steps_count) / 3;

        const auto verification = verified(folder);
        INFO("round " << round << " " << verdict(verification));
        REQUIRE(verification.ok);
        REQUIRE(verification.runs >= opened);
        REQUIRE(verification.runs - verification.open_runs.size() >= sealed);
        const auto next = a_sealed_run(*home.store, id);
        CHECK(next.seq == verification.runs + 1);
        opened = next.seq;
        sealed = next.seq - verification.open_runs.size();
    }
    CHECK(verdict(folder) == "ok");
}

TEST_CASE(
    "processes and threads that write one case at once give one chain, and it verifies while they write",
    "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    const auto folder = home.store->case_folder(id);
    constexpr int processes = 3, threads = 2, runs_each = 5;
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p)
        children.push_back(in_child([&] {
            auto store = home.again();
            std::vector<std::thread> writers;
            std::atomic<int> done = 0;
            for (int t = 0; t < threads; ++t)
                writers.emplace_back([&] {
                    for (int i = 0; i < runs_each; ++i) done += a_sealed_run(*store, id).seq > 0 ? 1 : 0;
                });
            for (auto& writer : writers) writer.join();
            return done == threads * runs_each ? 0 : 1;
        }));
    constexpr int expected = processes * threads * runs_each;
    for (int i = 0; i < 30; ++i) CHECK(verdict(folder) == "ok");
    for (const auto child : children) CHECK(exit_code_of(child) == 0);

    const auto verification = verified(folder);
    CHECK(verdict(verification) == "ok");
    CHECK(verification.records == 1 + 2 * expected);
    CHECK(verification.runs == expected);
    CHECK(verification.open_runs.empty());
}

TEST_CASE("a full disk refuses with a hint, adds nothing, and the next call after it is free succeeds",
          "[forks]") {
    TemporaryFolder scratch;
    fs::create_directory(scratch.path() / "home");
    const auto child = in_child([&]() -> int {
        const SmallDisk disk(scratch.path() / "home");
        const StillClock clock;
        auto store = Store::open(scratch.path() / "home", clock).value();
        const auto id = store->make_case({{"topic", "x"}}).value();
        a_sealed_run(*store, id);
        auto open = store->begin(id, a_question("open")).value();
        auto half = store->begin(id, a_question("half")).value();
        auto* output = half.open_output("a.csv", "data", "csv", 1 << 20).value();
        auto& journal = *store->journal(id).value();
        const auto chain = store->case_folder(id) / "chain.jsonl";
        const auto bytes = fs::file_size(chain);

        // In the middle of a line, of a run and of its seal.
        disk.fill();
        const auto entry = journal.append("entry", {{"text", std::string(8192, 'x')}});
        if (entry || !is_unavailable_with_hint(entry.error()) || fs::file_size(chain) != bytes) return 1;
        auto question = a_question();
        question.script.text = std::string(64 * 1024, 'x');
        const auto run = store->begin(id, question);
        if (run || !is_unavailable_with_hint(run.error())) return 2;
        const auto written = output->write(std::string(600 * 1024, 'x'));
        if (written || !is_unavailable_with_hint(written.error())) return 3;
        open.log(std::string(8192, 'x'));
        const auto sealed = open.seal(Outcome::answered, {});
        if (sealed || !is_unavailable_with_hint(sealed.error())) return 10;
        if (store->make_case({{"topic", std::string(8192, 'x')}})) return 4;
        if (fs::file_size(chain) != bytes || !verified(store->case_folder(id)).ok) return 5;
        for (const auto& left : fs::directory_iterator(store->case_folder(id) / "runs"))
            if (left.path().extension() == ".new") return 9;

        disk.free();
        if (half.seal(Outcome::answered, {})) return 11;  // its output is not whole
        // An output that is too large for the disk goes, so that its run can still be sealed.
        auto given_up = store->begin(id, a_question("given-up")).value();
        auto* too_large = given_up.open_output("b.csv", "data", "csv", 1 << 20).value();
        if (too_large->write(std::string(600 * 1024, 'x'))) return 12;
        if (!given_up.seal(Outcome::failed, {}) || fs::exists(given_up.folder() / "b.csv")) return 13;
        if (a_sealed_run(*store, id).seq != 5) return 6;
        const auto after = verified(store->case_folder(id));
        if (!after.ok || after.open_runs.size() != 2) return 7;
        return store->case_ids().value().size() == 1 ? 0 : 8;
    });
    CHECK(exit_code_of(child) == 0);
}

TEST_CASE("a folder that may not be written refuses with a hint, and serves again when it may", "[forks]") {
    TestHome home;
    const auto id = home.make_case();
    a_sealed_run(*home.store, id);
    const auto folder = home.store->case_folder(id);
    const auto set = [&](fs::perms folders, fs::perms files) {
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            fs::permissions(entry.path(), entry.is_directory() ? folders : files);
        fs::permissions(folder, folders);
    };
    // Root may write everywhere: the child becomes someone else, to whom the home belongs.
    constexpr uid_t nobody = 65534;
    const bool is_root = ::geteuid() == 0;
    if (is_root) {
        for (const auto& entry : fs::recursive_directory_iterator(home.folder.path()))
            REQUIRE(::chown(entry.path().c_str(), nobody, nobody) == 0);
        REQUIRE(::chown(home.folder.path().c_str(), nobody, nobody) == 0);
    }
    const auto child = in_child([&]() -> int {
        if (is_root && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) return 90;
        auto store = home.again();
        set(fs::perms(0500), fs::perms(0400));
        const auto run = store->begin(id, a_question());
        const auto entry = store->journal(id).value()->append("entry", {{"text", "x"}});
        if (run || !is_unavailable_with_hint(run.error())) return 1;
        if (entry || !is_unavailable_with_hint(entry.error())) return 2;
        if (!run.error().message.starts_with("runs/.")) return 5;
        if (store->runs(id).value().size() != 1 || !verified(folder).ok) return 3;

        const auto writers = store->home() / "writers";
        set(fs::perms(0700), fs::perms(0600));
        fs::permissions(writers, fs::perms(0500));
        const auto unnoted = home.again()->begin(id, a_question());
        if (unnoted || !is_unavailable_with_hint(unnoted.error())) return 6;
        if (!unnoted.error().message.starts_with("writers/")) return 7;
        fs::permissions(writers, fs::perms(0700));
        return a_sealed_run(*store, id).seq == 2 ? 0 : 4;
    });
    CHECK(exit_code_of(child) == 0);
}

TEST_CASE("a home that vanishes refuses with a hint, and serves again when it is back") {
    TestHome home;
    const auto id = home.make_case();
    auto open = home.store->begin(id, a_question()).value();
    const auto there = home.folder.path() / "home", away = home.folder.path() / "away";

    fs::rename(there, away);
    const auto run = home.store->begin(id, a_question());
    const auto made = home.store->make_case({{"topic", "x"}});
    const auto sealed = open.seal(Outcome::answered, {});
    fs::rename(away, there);

    REQUIRE_FALSE(run);
    CHECK(is_unavailable_with_hint(run.error()));
    REQUIRE_FALSE(made);
    CHECK(is_unavailable_with_hint(made.error()));
    REQUIRE_FALSE(sealed);
    CHECK(is_unavailable_with_hint(sealed.error()));
    CHECK(a_sealed_run(*home.store, id).seq == 2);
    CHECK(verdict(home.store->case_folder(id)) == "ok");
}

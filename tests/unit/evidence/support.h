#pragma once
// A home of its own for each test, a clock that stands still, and children that die when the test says so.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "evidence/store.h"
#include "evidence/verify.h"
#include "tests/support/catch.h"

namespace casefile::evidence {

namespace fs = std::filesystem;

class StillClock : public Clock {
  public:
    WallTime now() const override { return parse_rfc3339("2026-11-22T14:02:03.100Z").value(); }
};

/// In memory where there is such a place: these tests sync a thousand times, and must not wait for a busy
/// disk.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        const fs::path parent =
            ::access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : fs::temp_directory_path();
        auto name = (parent / "casefile-evidence-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

struct TestHome {
    TemporaryFolder folder;
    StillClock clock;
    std::unique_ptr<Store> store = Store::open(folder.path() / "home", clock).value();

    std::string make_case() { return store->make_case({{"topic", "wrong prices"}}).value(); }
    /// The same home, as another process would open it.
    std::unique_ptr<Store> again() { return Store::open(folder.path() / "home", clock).value(); }
};

inline std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_file(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

/// A JSON string as text, anything else as JSON.
inline std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

inline Opening a_question(const std::string& task = "prices") {
    return {.tool = "query_mysql",
            .task = task,
            .env = "STAGING",
            .principal = "local:1000",
            .client = "test 1.0",
            .traceparent = "",
            .script = {"sql", "SELECT id, price FROM products"},
            .arguments = {{"sql", "SELECT id, price FROM products"}, {"rows_max", 10}},
            .context = {{"time_window", {{"start", "2026-11-22T00:00:00Z"}}}, {"notes", "since noon"}},
            .grant = {{"env", "STAGING"}}};
}

/// A whole run: asked, answered with one output, sealed.
inline Receipt a_sealed_run(Store& store, const std::string& case_id, const std::string& task = "prices",
                            const std::string& rows = "id,price\n1,9.99\n") {
    auto run = store.begin(case_id, a_question(task)).value();
    run.write_output("db_rows." + task + ".csv", "data", "csv", rows).value();
    return run.seal(Outcome::answered, {{"summary", "1 row"}}).value();
}

inline Verification verified(const fs::path& folder, const std::string& key = {}) {
    return verify_case(folder, key, {}).value();
}

/// "kind: where", or "ok".
inline std::string verdict(const Verification& verification) {
    if (verification.ok) return "ok";
    return verification.first_break ? verification.first_break->kind + ": " + verification.first_break->where
                                    : "?";
}
inline std::string verdict(const fs::path& folder, const std::string& key = {}) {
    return verdict(verified(folder, key));
}

/// Tells another process that something has happened.
class Pipe {
  public:
    Pipe() {
        if (::pipe(ends_.data()) != 0) throw std::runtime_error("cannot make a pipe");
    }
    ~Pipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    bool send() const { return ::write(ends_[1], "x", 1) == 1; }
    bool receive() const {
        char byte = 0;
        return ::read(ends_[0], &byte, 1) == 1;
    }

  private:
    std::array<int, 2> ends_{};
};

/// Runs `work` in a child process; the child ends without running the test framework's own cleaning up.
/// A test that uses it is tagged [forks]: the thread sanitizer cannot follow threads behind a fork.
inline pid_t in_child(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        int code = 99;
        try {
            code = work();
        } catch (...) {
        }
        ::_exit(code);
    }
    return child;
}
inline int exit_code_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace casefile::evidence

#include "sandbox/servers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/descriptor.h"
#include "base/ids.h"
#include "base/small_file.h"
#include "sandbox/child_process.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"

namespace casefile::sandbox {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto start_time_max = 60s;
// A port that was free a moment ago can be taken by someone else before the server binds it.
constexpr int start_attempts_max = 3;
// Reading, and asking the server about itself.
constexpr const char* redis_reader_rules =
    "~* -@all +@read +@connection -@dangerous +info +time +role +command +acl|whoami +acl|getuser "
    "+config|get "
    "+slowlog|get "
    "+slowlog|len +client|list +latency|latest +latency|history +memory|stats";

/// Waits until `answers` succeeds; fails when the process ends first or the time is up.
Result<void> wait_until_ready(const std::string& name, pid_t pid, const fs::path& log,
                              const std::function<Result<void>()>& answers) {
    const auto deadline = std::chrono::steady_clock::now() + start_time_max;
    for (;;) {
        const auto answered = answers();
        if (answered) return {};
        if (has_ended(pid)) return unavailable(name + " ended while it was starting: " + log_tail(log));
        if (std::chrono::steady_clock::now() > deadline)
            return Error{ErrorKind::timed_out, name + " did not answer within 60 s (" +
                                                   answered.error().message + "): " + log_tail(log)};
        std::this_thread::sleep_for(20ms);
    }
}

/// Starts by `start_at(port)`; where any port will do, tries another one when the first does not work.
template <class Server>
Result<Server> start_on_port(std::uint16_t port,
                             const std::function<Result<Server>(std::uint16_t)>& start_at) {
    if (port != 0) return start_at(port);
    for (int attempt = 1;; ++attempt) {
        const auto free = free_port();
        if (!free) return free.error();
        auto server = start_at(*free);
        const bool worth_another_port = !server && server.error().kind == ErrorKind::unavailable;
        if (!worth_another_port || attempt == start_attempts_max) return server;
    }
}

/// As root the servers have to be told that they may run as root; otherwise they run as the present user
/// anyway.
std::vector<std::string> user_option() {
    return ::geteuid() == 0 ? std::vector<std::string>{"--user=root"} : std::vector<std::string>{};
}

std::vector<std::string> mariadb_common_options(const fs::path& data) {
    std::vector<std::string> options{
        "--no-defaults",
        "--datadir=" + data.string(),
        // Of its own: a server that starts clears away what it takes for left-over temporary tables.
        "--tmpdir=" + (data.parent_path() / "tmp").string(),
        // Small files and buffers: quick to create, and light beside whatever else runs here.
        "--innodb-buffer-pool-size=16M",
        // The kernel lends a bounded number of asynchronous requests to all processes together.
        "--innodb-use-native-aio=0",
        "--innodb-log-file-size=4M",
        // Nothing here has to survive a power cut, so nothing waits for the disk.
        "--debug-no-sync",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0",
        "--key-buffer-size=1M",
        "--aria-pagecache-buffer-size=1M",
    };
    for (auto& option : user_option()) options.push_back(std::move(option));
    return options;
}

Result<void> install_mariadb(const fs::path& folder, const fs::path& data) {
    if (fs::exists(data / "mysql")) return {};
    // mariadb-install-db is a shell script that takes paths apart at these.
    if (data.string().find_first_of(" \t\n'\"\\$`*?[") != std::string::npos)
        return invalid("mariadb cannot be installed into '" + folder.string() +
                           "': expected a path without spaces, quotes and wildcards",
                       "choose another folder, or set TMPDIR to one");
    ChildCommand command{
        .arguments = {"mariadb-install-db"}, .folder = folder, .log = folder / "mariadb.log"};
    for (auto& option : mariadb_common_options(data)) command.arguments.push_back(std::move(option));
    command.arguments.push_back("--skip-test-db");
    return run_child(command);
}

std::string create_users_sql(const MariadbServer& server) {
    return "CREATE OR REPLACE USER 'admin'@'127.0.0.1' IDENTIFIED BY '" + server.admin_password +
           "';\n"
           "GRANT ALL PRIVILEGES ON *.* TO 'admin'@'127.0.0.1' WITH GRANT OPTION;\n"
           "CREATE OR REPLACE USER 'reader'@'127.0.0.1' IDENTIFIED BY '" +
           server.reader_password +
           "';\n"
           "GRANT SELECT, SHOW VIEW ON *.* TO 'reader'@'127.0.0.1';\n";
}

Result<MariadbServer> start_mariadb(const fs::path& folder, const fs::path& data, std::uint16_t port,
                                    const std::vector<std::string>& options) {
    MariadbServer server;
    server.port = port;
    server.admin_password = random_hex(16);
    server.reader_password = random_hex(16);

    const auto init_file = folder / "init.sql";
    if (auto done = replace_small_file(init_file, create_users_sql(server), false); !done)
        return done.error();

    ChildCommand command{.arguments = {"mariadbd"}, .folder = folder, .log = folder / "mariadb.log"};
    for (auto& option : mariadb_common_options(data)) command.arguments.push_back(std::move(option));
    for (const auto& option : {
             "--port=" + std::to_string(port),
             std::string("--bind-address=127.0.0.1"),
             // Relative to the data folder: the kernel takes at most 107 bytes, and temporary folders can be
             // longer.
             std::string("--socket=mariadb.sock"),
             "--pid-file=" + (folder / "mariadb.pid").string(),
             "--init-file=" + init_file.string(),
             std::string("--skip-name-resolve"),
             std::string("--character-set-server=utf8mb4"),
             std::string("--default-time-zone=+00:00"),
             std::string("--max-connections=64"),
             std::string("--table-open-cache=256"),
         })
        command.arguments.push_back(option);
    command.arguments.insert(command.arguments.end(), options.begin(), options.end());

    const auto pid = start_child(command);
    if (!pid) return pid.error();
    server.process = ServerProcess(*pid);
    const auto ready = wait_until_ready("mariadbd", *pid, command.log, [&]() -> Result<void> {
        const auto client = MariadbClient::connect(server.port, "admin", server.admin_password);
        if (!client) return client.error();
        return {};
    });
    std::error_code ignored;
    fs::remove(init_file, ignored);
    if (!ready) return ready.error();
    return server;
}

Result<RedisServer> start_redis(const fs::path& folder, std::uint16_t port,
                                const std::string& configuration) {
    RedisServer server;
    server.port = port;
    server.password = random_hex(16);
    server.reader_password = random_hex(16);

    // The passwords go through a file, because a command line can be read by everyone on the machine.
    const auto config = folder / "redis.conf";
    const auto text = "bind 127.0.0.1\nport " + std::to_string(port) + "\nrequirepass " + server.password +
                      "\nuser reader on >" + server.reader_password + " " + redis_reader_rules +
                      "\nsave \"\"\nappendonly no\ndaemonize no\n" + configuration;
    if (auto done = replace_small_file(config, text, false); !done) return done.error();

    const ChildCommand command{
        .arguments = {"redis-server", config.string()}, .folder = folder, .log = folder / "redis.log"};
    const auto pid = start_child(command);
    if (!pid) return pid.error();
    server.process = ServerProcess(*pid);
    const auto ready = wait_until_ready("redis-server", *pid, command.log, [&]() -> Result<void> {
        const auto client = RedisClient::connect(server.port, server.password);
        if (!client) return client.error();
        return {};
    });
    if (!ready) return ready.error();
    return server;
}

}  // namespace

ServerProcess::ServerProcess(ServerProcess&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
    if (this != &other) {
        stop();
        pid_ = std::exchange(other.pid_, 0);
    }
    return *this;
}

ServerProcess::~ServerProcess() { stop(); }

pid_t ServerProcess::release() { return std::exchange(pid_, 0); }

void ServerProcess::stop() {
    if (const auto pid = release(); pid != 0) end_process(pid);
}

Result<MariadbServer> MariadbServer::start(const fs::path& folder, std::uint16_t port,
                                           const std::vector<std::string>& options) {
    const auto home = fs::absolute(folder);
    if (auto done = make_private_folder(home); !done) return done.error();
    if (auto done = make_private_folder(home / "tmp"); !done) return done.error();
    if (auto done = install_mariadb(home, home / "data"); !done) return done.error();
    return start_on_port<MariadbServer>(
        port, [&](std::uint16_t at) { return start_mariadb(home, home / "data", at, options); });
}

Result<RedisServer> RedisServer::start(const fs::path& folder, std::uint16_t port,
                                       const std::string& configuration) {
    const auto home = fs::absolute(folder);
    if (auto done = make_private_folder(home); !done) return done.error();
    return start_on_port<RedisServer>(port,
                                      [&](std::uint16_t at) { return start_redis(home, at, configuration); });
}

Result<std::uint16_t> free_port() {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool bound = listener && ::bind(listener.get(), generic, sizeof address) == 0 &&
                       ::getsockname(listener.get(), generic, &length) == 0;
    if (!bound) return unavailable("no free loopback port: " + std::generic_category().message(errno));
    return ntohs(address.sin_port);
}

}  // namespace casefile::sandbox

#include "sandbox/shop.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/small_file.h"
#include "base/text.h"
#include "sandbox/child_process.h"
#include "sandbox/interruption.h"
#include "sandbox/plant.h"

namespace casefile::sandbox {
namespace {

using namespace std::chrono_literals;

/// Waits until another process has written its ready file.
Result<std::string> wait_for_file(const std::filesystem::path& file, pid_t pid,
                                  const std::filesystem::path& log) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    for (;;) {
        std::ifstream in(file);
        if (std::string line; std::getline(in, line)) return line;
        if (has_ended(pid))
            return unavailable("the kafka cluster ended while it was starting: " + log_tail(log));
        if (std::chrono::steady_clock::now() > deadline)
            return Error{ErrorKind::timed_out,
                         "the kafka cluster was not ready within 60 s: " + log_tail(log)};
        std::this_thread::sleep_for(20ms);
    }
}

std::string pretty_config(const Names& names) {
    std::vector<std::string> quoted;
    for (const auto& group : all_groups(names)) quoted.push_back(json::serialize(json::string(group)));
    return "// The groups are named because this Kafka cannot list them, as where an access list forbids "
           "it.\n"
           "{\"kafka\": {\"SANDBOX\": {\"groups\": [" +
           join(quoted, ", ") + "]}}}\n";
}

}  // namespace

Result<Shop> Shop::start(const ShopOptions& options) {
    Shop shop;
    shop.plan_ = make_plan(options.seed, SystemClock().now());
    shop.state_.seed = static_cast<std::int64_t>(options.seed);
    shop.state_.started_at = rfc3339(shop.plan_.now);
    // Before anything runs: from here on the folder can be known as ours.
    if (auto done = save_state(options.folder, shop.state_); !done) return done.error();
    if (auto done = shop.start_servers(options); !done) return done.error();

    if (auto done = options.on_step("planting " + shop.plan_.names.database + " in MariaDB"); !done)
        return done.error();
    if (auto done = plant_mariadb(shop.plan_, shop.mariadb_); !done) return done.error();
    if (auto done = options.on_step("planting the cache in Redis"); !done) return done.error();
    if (auto done = plant_redis(shop.plan_, shop.redis_); !done) return done.error();
    if (auto done = shop.write_files(options); !done) return done.error();
    return shop;
}

Result<void> Shop::start_servers(const ShopOptions& options) {
    if (auto done = options.on_step("starting MariaDB"); !done) return done;
    auto mariadb = MariadbServer::start(options.folder / "mariadb");
    if (!mariadb) return mariadb.error();
    mariadb_ = *std::move(mariadb);
    state_.processes["mariadb"] = record_process(mariadb_.process.pid(), mariadb_.port);
    state_.passwords["mariadb_admin"] = mariadb_.admin_password;
    state_.passwords["mariadb_reader"] = mariadb_.reader_password;
    if (auto done = save_state(options.folder, state_); !done) return done;

    if (auto done = options.on_step("starting Redis"); !done) return done;
    auto redis = RedisServer::start(options.folder / "redis");
    if (!redis) return redis.error();
    redis_ = *std::move(redis);
    state_.processes["redis"] = record_process(redis_.process.pid(), redis_.port);
    state_.passwords["redis_default"] = redis_.password;
    state_.passwords["redis_reader"] = redis_.reader_password;
    if (auto done = save_state(options.folder, state_); !done) return done;

    if (auto done = options.on_step("starting Kafka and planting its topics"); !done) return done;
    return start_kafka(options);
}

Result<void> Shop::start_kafka(const ShopOptions& options) {
    const auto folder = options.folder / "kafka";
    if (auto done = make_private_folder(folder); !done) return done;
    const auto ready_file = folder / "ready";
    const ChildCommand command{
        .arguments = {options.program.string(), "kafka", "--seed", std::to_string(options.seed), "--at",
                      rfc3339(plan_.now), "--ready-file", ready_file.string()},
        .folder = folder,
        .log = folder / "kafka.log"};
    const auto pid = start_child(command);
    if (!pid) return pid.error();
    kafka_ = ServerProcess(*pid);
    state_.processes["kafka"] = record_process(*pid, 0);
    if (auto done = save_state(options.folder, state_); !done) return done;
    const auto brokers = wait_for_file(ready_file, *pid, command.log);
    if (!brokers) return brokers.error();
    state_.variables["KAFKA_SANDBOX_BROKERS"] = *brokers;
    return {};
}

Result<void> Shop::write_files(const ShopOptions& options) {
    const auto address = [](std::uint16_t port) { return "@127.0.0.1:" + std::to_string(port) + "/"; };
    state_.variables["MYSQL_SANDBOX_URL"] =
        "mysql://reader:" + mariadb_.reader_password + address(mariadb_.port) + plan_.names.database;
    state_.variables["REDIS_SANDBOX_URL"] =
        "redis://reader:" + redis_.reader_password + address(redis_.port) + "0";
    state_.config = (options.folder / "casefile.json").string();
    state_.env_file = (options.folder / "sandbox.env").string();
    state_.planted = (options.folder / "planted.json").string();

    std::string lines;
    for (const auto& variable : state_.variables)
        lines += std::string(variable.key()) + "=" + std::string(variable.value().as_string()) + "\n";
    if (auto done = replace_small_file(state_.env_file, lines, false); !done) return done;
    if (auto done = replace_small_file(state_.config, pretty_config(plan_.names), false); !done) return done;
    if (auto done = replace_small_file(state_.planted, json::serialize(answer_key(plan_)) + "\n", false);
        !done)
        return done;
    // The last thing: whoever sees a complete state finds everything that it names.
    state_.complete = true;
    return save_state(options.folder, state_);
}

void Shop::release() {
    mariadb_.process.release();
    redis_.process.release();
    kafka_.release();
}

Result<void> run_kafka(std::uint64_t seed, WallTime planted_at, const std::filesystem::path& ready_file) {
    // Before the cluster's threads begin, so that they inherit it and the signal comes here.
    const Interruption interruption;
    auto kafka = KafkaMock::start();
    if (!kafka) return kafka.error();
    if (auto done = plant_kafka(make_plan(seed, planted_at), *kafka); !done) return done;
    if (auto done = replace_small_file(ready_file, kafka->brokers() + "\n", false); !done) return done;
    interruption.wait();
    return {};
}

}  // namespace casefile::sandbox

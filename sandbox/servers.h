#pragma once
// Private servers on free loopback ports, each with a data folder of its own. Used by the sandbox and by the
// tests. Destroying an object ends its process (by process id) unless release() handed it over.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace casefile::sandbox {

/// A child process that is ended with SIGTERM, then SIGKILL after ten seconds.
class ServerProcess {
  public:
    ServerProcess() = default;
    explicit ServerProcess(pid_t pid) : pid_(pid) {}
    ServerProcess(ServerProcess&& other) noexcept;
    ServerProcess& operator=(ServerProcess&& other) noexcept;
    ~ServerProcess();

    pid_t pid() const { return pid_; }
    pid_t release();
    void stop();

  private:
    pid_t pid_ = 0;
};

/// MariaDB with an administrator (for planting) and a reader with SELECT alone (for casefile), over TCP with
/// passwords.
struct MariadbServer {
    ServerProcess process;
    std::uint16_t port = 0;
    std::string admin_password,
        reader_password;  ///< users "admin" (all privileges) and "reader" (SELECT on *.*)

    /// Installs into `folder` when it is empty, starts, and waits until it answers. `port` 0 means a free
    /// one; `options` are further ones of mariadbd.
    static Result<MariadbServer> start(const std::filesystem::path& folder, std::uint16_t port = 0,
                                       const std::vector<std::string>& options = {});
};

struct RedisServer {
    ServerProcess process;
    std::uint16_t port = 0;
    std::string password;         ///< of the default user, who may do everything
    std::string reader_password;  ///< of the user "reader", who may read and ask about the server

    /// `configuration` holds further lines of redis.conf.
    static Result<RedisServer> start(const std::filesystem::path& folder, std::uint16_t port = 0,
                                     const std::string& configuration = {});
};

/// librdkafka's mock cluster within this process; it ends with the object.
class KafkaMock {
  public:
    static Result<KafkaMock> start(int brokers = 1);
    KafkaMock(KafkaMock&&) noexcept;
    KafkaMock& operator=(KafkaMock&&) noexcept;
    ~KafkaMock();

    std::string brokers() const;  ///< "127.0.0.1:40001"
    Result<void> create_topic(const std::string& topic, int partitions);
    struct Message {
        std::string topic;
        std::int32_t partition = 0;
        std::string key, value;
        std::vector<std::pair<std::string, std::string>> headers;
        std::int64_t timestamp_ms = 0;  ///< 0: now
    };
    Result<void> produce(const std::vector<Message>& messages);
    /// Commits as a consumer of `group` would: topic to (partition to offset).
    Result<void> commit(const std::string& group,
                        const std::map<std::string, std::map<std::int32_t, std::int64_t>>& offsets);

  private:
    struct Impl;
    explicit KafkaMock(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A loopback port that is free now.
Result<std::uint16_t> free_port();

}  // namespace casefile::sandbox

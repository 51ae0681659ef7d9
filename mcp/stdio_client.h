#pragma once
// A small MCP client that starts a server as its child and talks to it over pipes, in either era.

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "mcp/lines.h"
#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/tool.h"

namespace casefile::mcp {

struct StdioClientOptions {
    enum class Era { modern_first, modern, handshake };

    std::vector<std::string> command;                ///< the program's path and its arguments
    std::map<std::string, std::string> environment;  ///< in addition to ours, and before it
    std::string errors_file;                         ///< gets the child's standard error; empty: ours
    Era era = Era::modern_first;                     ///< modern_first falls back to initialize
    std::string handshake_revision = "2025-11-25";   ///< asked for in initialize
    std::string name = "casefile";
    std::string version = "1";
    bool answers_questions = true;                    ///< declares that a human can be asked
    std::chrono::milliseconds time_max{60'000};       ///< for one answer
    std::chrono::milliseconds probe_time_max{5'000};  ///< for server/discover before falling back
    std::size_t message_bytes_max = 64 * 1024 * 1024;
};

/// What a caller wants to hear while a tool runs. A missing ask() cancels every question. The older era does
/// not tell Question::key, so it is empty there.
struct CallListener {
    std::function<void(double done, std::optional<double> total, const std::string& message)> progress;
    std::function<HumanAnswer(const Question& question)> ask;
};

/// One connection, used by one thread. Ignores SIGPIPE for the whole process.
class StdioClient {
  public:
    /// Starts the child and agrees on a revision.
    static Result<std::unique_ptr<StdioClient>> connect(StdioClientOptions options);
    /// Starts the child and says nothing; for tests that speak for themselves with send_line() and
    /// read_line().
    static Result<std::unique_ptr<StdioClient>> start(StdioClientOptions options);
    ~StdioClient();
    StdioClient(const StdioClient&) = delete;
    StdioClient& operator=(const StdioClient&) = delete;

    const Revision& revision() const { return *revision_; }
    const json::object& server_info() const { return server_info_; }
    const std::string& instructions() const { return instructions_; }
    pid_t process() const { return process_; }

    Result<json::array> list_tools();
    Result<ToolResult> call_tool(const std::string& name, const json::object& arguments,
                                 const CallListener& listener = {});
    /// One request of any method; `params` without _meta. The error tells the code that the server gave.
    Result<json::object> request(std::string_view method, json::object params,
                                 const CallListener& listener = {});

    bool send_line(std::string_view line) { return writer_ && writer_->write(line); }
    /// The next line as it is; nothing when none came in time or the server is gone.
    std::optional<std::string> read_line(std::chrono::milliseconds time_max);

    /// Closes the server's input and waits for its end; gives its exit status, or -1 when it had to be
    /// killed.
    int end(std::chrono::milliseconds time_max = std::chrono::seconds(10));

  private:
    explicit StdioClient(StdioClientOptions options) : options_(std::move(options)) {}

    Result<void> spawn();
    Result<void> agree();
    Result<void> discover();
    Result<void> initialize();

    std::variant<json::object, RpcError, Error> exchange(std::string_view method, json::object params,
                                                         const CallListener& listener,
                                                         std::chrono::milliseconds time_max);
    json::object with_meta(json::object params) const;
    void take_notification(const Notification& notification, const RequestId& token,
                           const CallListener& listener) const;
    void take_request(const Request& request, const CallListener& listener);
    Result<json::object> answer_questions(const json::object& result, const CallListener& listener) const;

    StdioClientOptions options_;
    const Revision* revision_ = nullptr;
    json::object server_info_;
    std::string instructions_;
    std::int64_t requests_ = 0;
    pid_t process_ = -1;
    Descriptor to_child_, from_child_;
    std::unique_ptr<LineReader> reader_;
    std::unique_ptr<LineWriter> writer_;
};

}  // namespace casefile::mcp

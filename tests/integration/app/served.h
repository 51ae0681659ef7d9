#pragma once
// casefile serve --http as a child of the test.

#include <fcntl.h>
#include <signal.h>

#include <fstream>

#include "base/json.h"
#include "tests/support/program.h"
#include "tests/unit/net/client.h"

namespace casefile {

/// The server as a child, until the test ends.
class Served {
  public:
    struct With {
        std::string address = "127.0.0.1";
        std::string config = {};                              ///< the text of the file
        std::map<std::string, std::string> environment = {};  ///< besides that of the test
    };

    Served() : Served(With()) {}
    explicit Served(const With& with) : address_(with.address) {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        const auto errors = (folder.path() / "log").string();
        const auto config = (folder.path() / "config.json").string();
        std::ofstream(config) << (with.config.empty() ? "{}" : with.config);
        const auto listen = with.address + ":0";
        child_ = fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            dup2(ends[1], STDOUT_FILENO);
            dup2(open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
            for (const auto& [name, value] : with.environment)
                setenv(name.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
            execl(program("casefile").c_str(), "casefile", "serve", "--http", listen.c_str(), "--home",
                  home().c_str(), "--config", config.c_str(), static_cast<char*>(nullptr));
            _exit(127);
        }
        close(ends[1]);
        for (char byte = 0; read(ends[0], &byte, 1) == 1 && byte != '\n';) printed += byte;
        close(ends[0]);
        REQUIRE_THAT(printed,
                     Catch::StartsWith("listening on http://" + address_ + ":") && Catch::EndsWith("/mcp"));
        port = static_cast<std::uint16_t>(std::stoul(printed.substr(printed.rfind(':') + 1)));
    }
    ~Served() { end(); }

    /// As an operator does; end() waits for it.
    void ask_to_end() {
        if (!std::exchange(asked_to_end_, true)) kill(child_, SIGTERM);
    }
    /// The exit code.
    int end() {
        if (child_ < 0) return -1;
        ask_to_end();
        int status = 0;
        waitpid(std::exchange(child_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::unique_ptr<net::Client> client() const {
        return std::make_unique<net::Client>(port, 0, ntohl(inet_addr(address_.c_str())));
    }
    std::string ask(const std::string& head, const std::string& body = {}) const {
        const auto one = client();
        one->send(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return one->read_response();
    }
    std::string home() const { return (folder.path() / "home").string(); }
    std::string token() const {
        const auto ran = run({program("casefile"), "token", "--home", home()});
        REQUIRE(ran.exit_code == 0);
        return ran.out.substr(0, ran.out.find('\n'));
    }
    std::string log() const { return read_whole(folder.path() / "log"); }

    TemporaryFolder folder;
    std::string printed;
    std::uint16_t port = 0;

  private:
    std::string address_;
    pid_t child_ = -1;
    bool asked_to_end_ = false;
};

/// The headers of a call of the newer era, up to its Content-Length.
inline std::string call_head(const std::string& token, const std::string& tool) {
    return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: " +
           tool + "\r\nAuthorization: Bearer " + token + "\r\n";
}
inline std::string call_body(const std::string& tool, json::object arguments) {
    const json::object capabilities{{"elicitation", {{"form", json::object()}}}};
    return json::serialize(
        json::object{{"jsonrpc", "2.0"},
                     {"id", 1},
                     {"method", "tools/call"},
                     {"params",
                      {{"name", tool},
                       {"arguments", std::move(arguments)},
                       {"_meta",
                        {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                         {"io.modelcontextprotocol/clientCapabilities", capabilities}}}}}});
}

}  // namespace casefile

#pragma once
// What the demo says to the server, told to the person who watches: one numbered step per call.

#include <ostream>

#include "mcp/stdio_client.h"

namespace casefile::app {

class Conversation {
  public:
    Conversation(mcp::StdioClient& client, std::ostream& out, int steps)
        : client_(client), out_(out), steps_(steps) {}

    /// Every later call carries this case.
    void set_case(std::string id) { case_ = std::move(id); }

    /// Calls a tool and tells why and what came. A refusal is an error here.
    Result<json::object> ask(const std::string& tool, json::object arguments, const std::string& why);
    /// The same without a step of its own.
    Result<json::object> quietly(const std::string& tool, json::object arguments);

    void say(const std::string& line);

  private:
    mcp::HumanAnswer answer(const mcp::Question& question);

    mcp::StdioClient& client_;
    std::ostream& out_;
    int steps_, step_ = 0;
    std::string case_;
};

/// The id of the run that an answer was filed as.
std::string run_of(const json::object& answer);

}  // namespace casefile::app

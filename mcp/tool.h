#pragma once
// All that tools see of MCP: plain data. No JSON-RPC, no transport, no revision.

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace casefile::mcp {

struct ToolInfo {
    std::string name, title, description;
    json::object input_schema;   ///< JSON Schema 2020-12, root of type object
    json::object output_schema;  ///< the same; `structured` of every result satisfies it
    bool read_only = true;       ///< false for tools that write casefile's own record; none is destructive
};

/// `structured` and `text` hold the same facts. A refusal is a result too: is_error, with what to do instead.
struct ToolResult {
    json::object structured;
    std::string text;
    bool is_error = false;
};

/// A question for the human, as a flat form (the subset of JSON Schema that elicitation allows).
struct Question {
    std::string key;  ///< names the answer, for example "confirm"
    std::string message;
    json::object form;
};

/// The tool cannot go on before a human answered. It is called again with the answers and with `state`, which
/// the server seals, binds to principal, tool and arguments, and accepts once.
struct NeedsInput {
    std::vector<Question> questions;
    json::object state;
    ToolResult
        when_nobody_can_ask;  ///< the answer for a client that cannot put questions: how a human confirms
};

enum class AnswerAction { accept, decline, cancel };

struct HumanAnswer {
    AnswerAction action = AnswerAction::cancel;
    json::object content;
    std::string how = "form";  ///< where the human answered: "form" of the client, or "terminal"
};

/// An Error here is a fault of casefile itself (JSON-RPC -32603), never of the arguments or the system being
/// read.
using ToolOutcome = std::variant<ToolResult, NeedsInput, Error>;

/// One call as a tool sees it. Valid only during the call.
struct CallContext {
    std::string principal;                       ///< "local:1000"
    std::string client;                          ///< name and version as the client gave it, for the record
    std::optional<std::string> traceparent;      ///< W3C trace context, when the client sent one
    std::stop_token stop;                        ///< the client cancelled, went away, or the server ends
    std::map<std::string, HumanAnswer> answers;  ///< by Question::key; empty on the first call
    json::object state;                          ///< NeedsInput::state on the second call
    /// Tells how far the work is; `total` may be unknown. Cheap; dropped when nobody listens. `done` must not
    /// shrink.
    std::function<void(double done, std::optional<double> total, const std::string& message)> progress;
};

/// Safe to call from any worker, several times at once.
class Tool {
  public:
    virtual ~Tool() = default;
    virtual const ToolInfo& info() const = 0;
    virtual ToolOutcome call(const json::object& arguments, CallContext& context) const = 0;
};

struct PromptArgument {
    std::string name, description;
    bool required = false;
};

/// A prompt is Markdown text with {{name}} placeholders for its arguments.
struct Prompt {
    std::string name, title, description;
    std::vector<PromptArgument> arguments;
    std::string text;
};

}  // namespace casefile::mcp

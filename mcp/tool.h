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
    /// Over HTTP, a caller needs this scope besides "read". Empty: no other.
    std::string scope = {};
};

/// A member that is JSON text already, in both channels: thousands of rows are not worth a tree of values.
struct WrittenMember {
    std::string name, json;
    std::string escaped_text;  ///< stands after `text`, as it goes into a JSON string
};

/// `structured` and the text, with `written` in both, hold the same facts. A refusal is a result too:
/// is_error, with what to do instead.
struct ToolResult {
    json::object structured;
    std::string text;
    bool is_error = false;
    std::vector<json::object> more = {};  ///< content blocks of MCP after the text: links, images, sound
    std::optional<WrittenMember> written = {};  ///< one more member of `structured`
};

/// All of the structured answer as JSON text, and all of the text.
std::string structured_text(const ToolResult& result);
std::string whole_text(const ToolResult& result);
/// Adds to the end of the text: after the rows, where there are some.
void append_text(ToolResult& result, std::string_view text);

/// Whom a question is for. The model and the roots belong to the client; casefile's own tools ask only the
/// human.
enum class Asked { human, model, roots };

/// A question, for the human as a flat form (the subset of JSON Schema that elicitation allows).
struct Question {
    std::string key;  ///< names the answer, for example "confirm"
    std::string message;
    json::object form;
    Asked asked = Asked::human;
    json::object params = {};  ///< for the model: those of sampling/createMessage
};

/// The tool cannot go on before a human answered. It is called again with the answers and with `state`, which
/// the server seals, binds to principal, tool and arguments, and accepts once.
struct NeedsInput {
    std::vector<Question> questions;
    json::object state;
    /// The answer for a client that cannot put these questions: how a human confirms. Without one, the client
    /// is told which capability it lacks.
    std::optional<ToolResult> when_nobody_can_ask;
    /// The answer counts only at a terminal, which a client is not: it is told `when_nobody_can_ask`.
    bool only_at_terminal = false;
    /// The answers count without the sealed state, which is then not made: anyone could have written them.
    /// Never for what gives a right.
    bool answers_stand_alone = false;
};

enum class AnswerAction { accept, decline, cancel };

struct HumanAnswer {
    AnswerAction action = AnswerAction::cancel;
    json::object content;  ///< the form as filled in; for the model and the roots, the client's whole result
    std::string how = "form";  ///< where the human answered: "form" of the client, or "terminal"
};

struct CallContext;
struct LongWork;

/// An Error here is a fault of casefile itself (JSON-RPC -32603), never of the arguments or the system being
/// read.
using ToolOutcome = std::variant<ToolResult, NeedsInput, LongWork, Error>;

/// What takes long. A client that knows tasks is answered at once and asks for the outcome later; for every
/// other the work is simply done. What it needs outlives the call: the context is another one.
struct LongWork {
    std::function<ToolOutcome(CallContext&)> run;
    bool only_as_task = false;  ///< a client that knows no tasks is refused
};

/// What the client declared that it can be asked.
struct Abilities {
    bool forms = false, sampling = false, roots = false;
};

/// One call as a tool sees it. Valid only during the call.
struct CallContext {
    std::string principal;  ///< "local:1000"
    std::string client;     ///< name and version as the client gave it, for the record
    Abilities client_can = {};
    std::optional<std::string> traceparent;      ///< W3C trace context, when the client sent one
    std::stop_token stop;                        ///< the client cancelled, went away, or the server ends
    std::map<std::string, HumanAnswer> answers;  ///< by Question::key; empty on the first call
    json::object state;                          ///< NeedsInput::state on the second call
    /// Tells how far the work is; `total` may be unknown. Cheap; dropped when nobody listens. `done` must not
    /// shrink.
    std::function<void(double done, std::optional<double> total, const std::string& message)> progress;
    /// A log message for the client, where it asked for that level. A deprecated part of MCP.
    std::function<void(std::string_view level, const std::string& message)> log = {};
    /// Lets go of the connection that waits for the answer; the client comes back for it. Only older clients
    /// over HTTP can; for others it does nothing.
    std::function<void()> pause_stream = {};
};

/// Safe to call from any worker, several times at once.
class Tool {
  public:
    virtual ~Tool() = default;
    virtual const ToolInfo& info() const = 0;
    virtual ToolOutcome call(const json::object& arguments, CallContext& context) const = 0;
};

}  // namespace casefile::mcp

#pragma once
// Every difference between the protocol's revisions, in one table. A new revision is a row in revision.cpp.

#include <optional>
#include <span>
#include <string_view>

namespace casefile::mcp {

/// Extensions of MCP that casefile knows.
namespace extension {
inline constexpr std::string_view tasks = "io.modelcontextprotocol/tasks";
}  // namespace extension

/// The keys by which modern messages say who sends them, in `_meta`.
namespace meta_key {
inline constexpr std::string_view version = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view capabilities = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view client = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view server = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view log_level = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view subscription = "io.modelcontextprotocol/subscriptionId";
}  // namespace meta_key

/// What a client may ask of casefile, in any revision.
enum class Method {
    initialize,
    ping,
    discover,
    tools_list,
    tools_call,
    prompts_list,
    prompts_get,
    resources_list,
    resource_templates_list,
    resources_read,
    resources_subscribe,
    resources_unsubscribe,
    complete,
    set_log_level,
    listen,
    tasks_get,
    tasks_update,
    tasks_cancel,
};

struct Revision {
    std::string_view name;
    /// Stateless: version and capabilities come with each request, and the server asks by `input_required`.
    /// Without it: an `initialize` handshake, and the server asks by requests of its own.
    bool modern;
    bool batches;             ///< several messages in one array
    bool annotations;         ///< a tool's hints, and a message with progress
    bool titles;              ///< `title` beside `name`, rather than among a tool's annotations
    bool structured_content;  ///< outputSchema and structuredContent
    bool elicitation;         ///< the human can be asked
    bool elicitation_mode;    ///< a question says that it is a form
    bool links;               ///< a result may link to resources
    bool polling;             ///< a stream of HTTP may be left before its answer, and resumed
};

/// Newest first.
std::span<const Revision> revisions();
const Revision* find_revision(std::string_view name);
/// What `initialize` settles on when the client asks for a revision that we do not know.
const Revision& newest_handshake();

/// The method of that name in that revision.
std::optional<Method> find_method(const Revision& revision, std::string_view name);
/// The method of that name in some revision.
bool is_known_method(std::string_view name);

}  // namespace casefile::mcp

#pragma once
// What a client can read by its URI. Plain data: no JSON-RPC, no transport, no revision.

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"

namespace casefile::mcp {

struct Resource {
    std::string uri, name, title, description, mime_type;
    std::optional<std::uint64_t> bytes = {};
    std::string last_modified = {};  ///< RFC 3339; empty when not known
};

/// RFC 6570, level 1: `{name}` stands for one segment of a path.
struct ResourceTemplate {
    std::string uri_template, name, title, description, mime_type;
};

struct ResourceContent {
    std::string uri, mime_type, bytes;
    bool is_text = true;  ///< otherwise sent as Base64
};

/// Who asks, and until when it is worth answering.
struct Reader {
    std::string principal;
    std::stop_token stop;
};

/// Resources in a fixed order of their URIs. What a principal may not see does not exist for it. Safe to call
/// from any worker.
class Resources {
  public:
    virtual ~Resources() = default;
    /// At most `count` after the resource `after`, which need not exist any more; empty: from the beginning.
    virtual Result<std::vector<Resource>> list(const Reader& reader, const std::string& after,
                                               std::size_t count) const = 0;
    virtual std::vector<ResourceTemplate> templates() const = 0;
    /// not_found for an unknown URI, and for one that this principal may not see.
    virtual Result<std::vector<ResourceContent>> read(const Reader& reader, const std::string& uri) const = 0;
    /// Somebody wants to hear of this resource: from when this returns, each of its changes is told. Another
    /// error than those of read() where nobody would ever tell one. Called on the thread that reads messages:
    /// quick.
    virtual Result<void> watch(const Reader& reader, const std::string& uri) const = 0;
    /// Publishes what has to be looked for, as nobody tells it: changes of these resources and, when `list`
    /// says so, of the list. Called about once a second while somebody listens, on one thread.
    virtual void look(const std::set<std::string>& /*uris*/, bool /*list*/) const {}
};

}  // namespace casefile::mcp

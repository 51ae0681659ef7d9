#pragma once
// A reply as JSON. Integers become strings, bytes that are no text {"base64": "…"}; what Redis sends as flat
// lists of names and values, for hashes and streams, becomes objects.

#include "base/json.h"
#include "sources/redis/source.h"

namespace casefile::tools::redis {

/// As it came, whatever the command was.
json::value value_of(const sources::redis::Reply& reply);

/// The same with the shape that the command gives its reply: HGETALL {name: value}; XRANGE and XREVRANGE
/// [{id, fields}]; XREAD [{key, entries}]; XINFO objects by name; XPENDING {pending, first, last, consumers}
/// or
/// [{id, consumer, idle_ms, deliveries}]. Where names occur twice, or are no text, the list stays a list.
json::value shaped_value(const sources::redis::Command& command, const sources::redis::Reply& reply);

}  // namespace casefile::tools::redis

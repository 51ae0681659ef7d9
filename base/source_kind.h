#pragma once
// The three kinds of systems that casefile reads.

#include <optional>
#include <string>
#include <string_view>

namespace casefile {

enum class SourceKind { mysql, redis, kafka };

/// "mysql", "redis" or "kafka": as written in answers, arguments and file names.
const char* name_of(SourceKind kind);
/// The kind of that name; nothing for any other text.
std::optional<SourceKind> source_kind_of(std::string_view name);

/// A source is one endpoint of one environment; messages call it: "PROD mysql".
std::string name_of_source(const std::string& env, SourceKind kind);

}  // namespace casefile

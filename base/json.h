#pragma once
// Boost.JSON under one name, and the few things it leaves out.

#include <boost/json.hpp>

#include <string>
#include <string_view>

#include "base/error.h"

namespace casefile {

namespace json = boost::json;

/// Canonical JSON (RFC 8785): sorted keys by UTF-16 code units, shortest numbers, minimal escapes. Equal
/// values give equal bytes, so hashes can be taken of it.
std::string canonical(const json::value& value);

/// The same with members in the order that they have, and null for a number without a value. A long string
/// costs a fraction of what it costs json::serialize().
std::string compact(const json::value& value);
void append_compact(std::string& out, const json::value& value);

/// Appends `text`, which has to be UTF-8, as a JSON string with the fewest escapes.
void append_json_string(std::string& out, std::string_view text);
/// The same without the quotes around it.
void append_json_escaped(std::string& out, std::string_view text);

/// Parses one document of at most `depth_max` levels; the error names the place. Boost 1.81 may read a
/// decimal of 16 or more digits into the neighbouring double, so nothing that has to be exact may pass
/// through a JSON number.
Result<json::value> parse_json(std::string_view text, std::size_t depth_max = 64);

/// The same with comments and trailing commas allowed, for files that people write.
Result<json::value> parse_json_with_comments(std::string_view text);

/// The member, or nullptr: for reading JSON whose shape is not promised.
const json::value* member(const json::object& object, std::string_view key);
std::string string_or(const json::object& object, std::string_view key, std::string_view otherwise = {});

/// "string", "number", "object" and so on, for error messages.
const char* type_name(const json::value& value);

}  // namespace casefile

#pragma once
// Reads the members of a request's params; what is wrong comes as the error that the client gets.

#include <boost/system/result.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "mcp/message.h"

namespace casefile::mcp {

template <class T>
using Answer = boost::system::result<T, RpcError>;

RpcError invalid_params(std::string message);
/// "name: expected a string, got nothing"
RpcError expected(std::string_view key, std::string_view what, std::string_view got);
/// What a client wrote, as an error tells it.
std::string shown(std::string_view text);
RpcError unknown_method(std::string_view name);

/// The member as an object. Null, which some clients write for what they leave out, counts as absent.
Answer<const json::object*> optional_object(const json::object& from, std::string_view key);
Answer<const json::object*> required_object(const json::object& from, std::string_view key);
Answer<std::string> required_string(const json::object& from, std::string_view key);
/// An object whose members are all strings, such as a prompt's arguments; absent is empty.
Answer<std::map<std::string, std::string>> optional_strings(const json::object& from, std::string_view key);

}  // namespace casefile::mcp

// boost::system::result wants to know how to throw an error of ours; nothing here ever does.
namespace casefile::mcp {
[[noreturn]] inline void throw_exception_from_error(const RpcError& error, const boost::source_location&) {
    throw std::logic_error(error.message);
}
}  // namespace casefile::mcp

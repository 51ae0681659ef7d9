#pragma once
// Expected failure: what went wrong, and what the caller should do next. Nothing in casefile throws across a
// room.

#include <boost/system/result.hpp>

#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace casefile {

/// Answers "what should the caller do next", not "what happened inside".
enum class ErrorKind {
    invalid_argument,  ///< change the arguments
    not_found,         ///< change the arguments
    denied,            ///< ask something else; do not retry
    limit_reached,     ///< ask for less, or later
    unavailable,       ///< retry later
    timed_out,         ///< narrow the question, or retry later
    cancelled,         ///< nothing: the caller asked for this
    internal,          ///< report a bug; details are in the log
};

/// The wire name of a kind, for example "invalid_argument".
const char* name_of(ErrorKind kind);
std::optional<ErrorKind> error_kind_of(std::string_view name);

/// Where a refusal or a failure comes from, as answers tell it.
enum class Layer { casefile, database, tunnel };
const char* name_of(Layer layer);
std::optional<Layer> layer_of(std::string_view name);

/// `message` says what failed, what was expected and what was got; `hint` what to do next. Lower case, no
/// full stop.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
    std::string hint = {};
    Layer layer = Layer::casefile;
};

template <class T>
using Result = boost::system::result<T, Error>;

/// Called by Result::value() on an error: a broken promise within our own code.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error("unchecked error: " + error.message);
}

inline Error invalid(std::string message, std::string hint = {}) {
    return {ErrorKind::invalid_argument, std::move(message), std::move(hint)};
}
inline Error not_found(std::string message, std::string hint = {}) {
    return {ErrorKind::not_found, std::move(message), std::move(hint)};
}
inline Error denied(std::string message, std::string hint = {}) {
    return {ErrorKind::denied, std::move(message), std::move(hint)};
}
inline Error unavailable(std::string message, std::string hint = {}) {
    return {ErrorKind::unavailable, std::move(message), std::move(hint)};
}
inline Error internal(std::string message, std::string hint = {}) {
    return {ErrorKind::internal, std::move(message), std::move(hint)};
}

/// "message; hint" in one line, for a log or a terminal.
std::string describe(const Error& error);

}  // namespace casefile

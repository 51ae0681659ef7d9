#pragma once
// What a tool needs back with the human's answer, as text that the client carries and cannot change. Signed,
// not encrypted: the client can read it, so it must hold no secret.

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/late_secret.h"

namespace casefile::mcp {

/// To which call a state belongs. It opens only for the same principal, request and arguments.
struct StateOwner {
    std::string principal;
    std::string subject;           ///< "tools/call query_mysql"
    std::string arguments_sha256;  ///< of the canonical JSON
};

struct OpenedState {
    json::object content;
    WallTime expires;
};

/// Safe to call from any thread. Another process with the same key opens our states too, so a question
/// survives a restart of the server. Processes that share a folder remember in it that a state was opened;
/// without one, each remembers its own.
class SealedState {
  public:
    static constexpr std::chrono::minutes lifetime{15};

    SealedState(LateSecret key, const Clock& clock, std::filesystem::path folder = {});

    std::string seal(const StateOwner& owner, const json::object& content);
    /// For asking the same again: the question does not live longer for being repeated.
    std::string seal_until(WallTime expires, const StateOwner& owner, const json::object& content);

    /// Refuses what was forged, changed, made for another call, used before, or is too old.
    Result<OpenedState> open(const StateOwner& owner, std::string_view sealed);

  private:
    Result<void> use_once(const std::string& nonce, WallTime expires);
    Result<void> use_once_of_all(const std::string& nonce, WallTime expires) const;

    const LateSecret key_;
    const Clock& clock_;
    const std::filesystem::path folder_;
    std::mutex mutex_;
    std::map<std::string, WallTime> used_;  ///< nonces, kept until their states expire anyway
};

}  // namespace casefile::mcp

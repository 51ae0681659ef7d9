#pragma once
// Where values become text. Each tool hands what it read through these, each by what it knows of it; the
// pipeline hands every answer, error, summary and line of a log through text() besides, so that a tool which
// forgets still shows no value that betrays itself by its shape.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/late_secret.h"
#include "policy/mask_text.h"

namespace casefile::tools {

/// Safe to use from any worker.
class Masks {
  public:
    /// `key` belongs to the installation: equal values get equal tokens in all of its cases, and nobody else
    /// can make them.
    Masks(policy::MaskRules rules, LateSecret key);
    Masks(const Masks&) = delete;
    Masks& operator=(const Masks&) = delete;

    const policy::MaskRules& rules() const { return rules_; }
    /// {profile, and what the configuration added and removed}, for manifests.
    json::object told() const;

    /// "masked:secret:3f9a…": the same for the same value, whatever its source.
    std::string token(policy::MaskLabel label, std::string_view value) const;

    const policy::MaskToken& tokens() const { return token_; }

    /// Running text: a message, a line of a log, a cell that no name tells about.
    std::string text(std::string_view text) const { return policy::mask_shapes(text, rules_, token_); }
    /// What may be JSON: a cached value, a message, a text column. Other bytes by shape alone.
    std::string payload(std::string_view bytes) const { return policy::mask_payload(bytes, rules_, token_); }
    /// The same; nothing where it stays as it is.
    std::optional<std::string> payload_if_needed(std::string_view bytes) const {
        return policy::mask_payload_if_needed(bytes, rules_, token_);
    }
    /// A piece out of the middle of a payload.
    std::string fragment(std::string_view bytes) const {
        return policy::mask_fragment(bytes, rules_, token_);
    }
    /// The value of a field, a header, an argument.
    std::string field(std::string_view name, std::string_view value, std::string_view parent = {}) const;
    /// A Redis key: its last part is hidden where that is a secret.
    std::string key_name(std::string_view key) const;

    /// Members by name, strings by shape; numbers, null, true and false elsewhere as they are.
    json::value document(const json::value& value, std::string_view name = {}, std::string_view parent = {},
                         policy::MaskLabel inherited = {}) const;
    /// Strings by shape alone, for what a tool has made: names in it are casefile's own.
    json::value answer(const json::value& value) const;
    Error error(Error error) const;
    /// A message with what it quotes ('…') as tokens: a server's, about values that it must not repeat.
    std::string without_quoted(std::string_view message) const;

  private:
    policy::MaskRules rules_;
    LateSecret key_;
    policy::MaskToken token_;
};

}  // namespace casefile::tools

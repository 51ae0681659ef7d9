#pragma once
// Masks within text: values that betray themselves by their shape, and members of JSON by their names. Pure;
// what stands in a value's place is the caller's.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "policy/mask_rules.h"

namespace casefile::policy {

/// What is written instead of `value`. It never looks at what it gave before: "masked:…" stays as it is.
using MaskToken = std::function<std::string(MaskLabel, std::string_view value)>;

/// False where mask_payload() would change nothing: a quick look, for rows by the million.
bool may_hold_secret(std::string_view text);

/// Replaces private keys, JSON web tokens, bearer tokens, access keys of well-known services, passwords in
/// URLs, `name=value` of masked names, and card numbers (by issuer, length and Luhn) in running text.
std::string mask_shapes(std::string_view text, const MaskRules& rules, const MaskToken& token);

/// A payload: where it is JSON, or a part of it, members are masked by name at any depth and the strings left
/// by shape; numbers, null, true and false elsewhere stay as they were written. Any other text by shape
/// alone.
std::string mask_payload(std::string_view text, const MaskRules& rules, const MaskToken& token);
/// The same; nothing where the text stays as it is, so that rows by the million are not copied.
std::optional<std::string> mask_payload_if_needed(std::string_view text, const MaskRules& rules,
                                                  const MaskToken& token);

/// A piece out of the middle of a value: what comes before its first whole string may be a part of anything,
/// and becomes "masked:part", as does a masked value that is cut off.
std::string mask_fragment(std::string_view text, const MaskRules& rules, const MaskToken& token);

}  // namespace casefile::policy

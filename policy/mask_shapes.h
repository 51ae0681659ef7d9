#pragma once
// Values that betray themselves by their shape, in running text. For mask_text.cpp: others use mask_text.h.

#include <optional>

#include "policy/mask_text.h"

namespace casefile::policy {

/// How every token begins. What begins so stays as it is.
inline constexpr std::string_view masked_prefix = "masked:";

/// mask_shapes(); nothing where the text stays as it is.
std::optional<std::string> mask_shapes_if_needed(std::string_view text, const MaskRules& rules,
                                                 const MaskToken& token);

}  // namespace casefile::policy

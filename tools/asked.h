#pragma once
// Script and input of a run keep exactly what was asked. This is how they are shown.

#include <string>
#include <string_view>

#include "tools/masking.h"

namespace casefile::tools {

/// True for the files of a run that hold what was asked: their names end as those of scripts and inputs do.
bool holds_what_was_asked(std::string_view file);

/// Arguments, or what a tool tells of them: statements, commands, keys and documents in their members.
json::value masked_arguments(const Masks& masks, const json::value& value);

/// The text of such a file with its literals through the masks. The name tells the language.
std::string masked_asked(const Masks& masks, std::string_view file, std::string_view text);

}  // namespace casefile::tools

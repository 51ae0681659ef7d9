#pragma once
// The Markdown files of prompts/, put into the program at build.

#include <string_view>
#include <utility>
#include <vector>

namespace casefile::app {

/// File name and text, by file name.
const std::vector<std::pair<std::string_view, std::string_view>>& embedded_prompts();

}  // namespace casefile::app

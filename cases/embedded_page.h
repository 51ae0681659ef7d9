#pragma once
// The style and the script of an export's page, put into the program at build from cases/page/.

#include <string_view>

namespace casefile::cases {

std::string_view page_style();
std::string_view page_script();

}  // namespace casefile::cases

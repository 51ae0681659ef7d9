# cmake -D OUTPUT=… -D FOLDER=… -P EmbedPage.cmake: writes page.css and page.js into one C++ source as raw strings.
file(READ ${FOLDER}/page.css style)
file(READ ${FOLDER}/page.js script)
file(WRITE ${OUTPUT} "// Generated from cases/page/.
#include \"cases/embedded_page.h\"

namespace casefile::cases {

std::string_view page_style() { return R\"page(${style})page\"; }
std::string_view page_script() { return R\"page(${script})page\"; }

}  // namespace casefile::cases
")

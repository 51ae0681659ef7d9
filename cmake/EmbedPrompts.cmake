# cmake -D OUTPUT=… -D FILES=a.md;b.md -P EmbedPrompts.cmake: writes the files into one C++ source as raw strings.
set(entries "")
list(SORT FILES)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND entries "        {\"${name}\", R\"prompt(${text})prompt\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from prompts/*.md.
#include \"app/embedded_prompts.h\"

namespace casefile::app {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_prompts() {
    static const std::vector<std::pair<std::string_view, std::string_view>> all = {
${entries}    };
    return all;
}

}  // namespace casefile::app
")

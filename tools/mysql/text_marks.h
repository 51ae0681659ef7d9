#pragma once
// How much care a value needs that goes into CSV, into JSON and into a table at once.

#include <string_view>

namespace casefile::tools::mysql {

enum class TextMarks {
    none,       ///< reads the same in all three: printable ASCII without any of their marks
    ascii,      ///< printable ASCII with a quote, a backslash, a comma or a bar
    any_bytes,  ///< anything else; also the empty text, which CSV has to tell from NULL
};

/// Looks at sixteen bytes a time.
TextMarks marks_in(std::string_view text);

}  // namespace casefile::tools::mysql

#pragma once
// Bringing a draft up to the record without losing what a person wrote into it.

#include <string>

namespace casefile::cases {

/// Three ways, section by section (a section begins at a line "## …" outside of fenced code): what the person
/// left as it was is taken from `fresh`; what the person changed, added or deleted stays so. Where both
/// changed a section, the person's text stays and the record's stands below it as a quote. The lines after
/// the last "---" tell what a draft was made from, and always come from `fresh`. Lines of `edited` may end
/// with CR and LF; those of the answer end with LF.
std::string merge_draft(const std::string& base, const std::string& edited, const std::string& fresh);

}  // namespace casefile::cases

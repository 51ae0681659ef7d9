#pragma once
// What policy knows of single words of SQL. All take upper case.

#include <string_view>

namespace casefile::policy {

/// Reserved words of statements that write or administer; none has a place in a reading statement.
bool is_writing_word(std::string_view word);

/// Keywords after which a bracket groups or lists, so that they are no function.
bool is_word_before_bracket(std::string_view word);

/// Optimizer hints that choose a plan and nothing else.
bool is_plan_hint(std::string_view word);

/// Why nobody reads `schema`.`table`; empty for all others.
std::string_view why_private(std::string_view schema, std::string_view table);

}  // namespace casefile::policy

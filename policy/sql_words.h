#pragma once
// What policy knows of single words of SQL. All take upper case.

#include <string_view>

namespace casefile::policy {

/// Reserved words of statements that write or administer; none has a place in a reading statement.
bool is_writing_word(std::string_view word);

/// Keywords after which a bracket groups or lists, so that they are no function.
bool is_word_before_bracket(std::string_view word);

/// What may stand between SELECT and its columns. Elsewhere the servers take some for names of functions.
bool is_select_option(std::string_view word);

/// Types of columns that may be followed by a bracket. Elsewhere some of them could name a function.
bool is_type(std::string_view word);

}  // namespace casefile::policy

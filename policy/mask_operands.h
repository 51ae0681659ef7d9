#pragma once
// Where a masked column is an operand of equality, and of nothing else. Every form that is not known is none.

#include <map>
#include <string>

#include "policy/sql_shape.h"

namespace casefile::policy {

class MaskOperands {
  public:
    using Columns = std::map<std::string, std::string>;  ///< by compare_name(): the label

    /// Both have to outlive it.
    MaskOperands(SqlTokens tokens, const Columns& columns) : tokens_(tokens), columns_(columns) {}

    /// The whole name whose last part stands at `i`: `a.b.c`.
    SqlRange name_at(std::size_t i) const;
    /// Why the name there is no operand of equality alone; empty where it is.
    std::string why_not(SqlRange name) const;
    /// True for the bracket of `masked IN (…)`.
    bool is_left_of_in(std::size_t bracket) const;
    /// The function, or the word, whose bracket is the innermost around `i`.
    std::string function_around(std::size_t i) const;

  private:
    bool is_symbol(std::size_t i, char symbol) const {
        return i < tokens_.size() && tokens_[i].is_symbol(symbol);
    }
    bool is_word(std::size_t i, std::string_view word) const {
        return i < tokens_.size() && tokens_[i].is_word(word);
    }
    bool is_masked(std::size_t i) const;
    bool begins_condition(std::size_t i) const;
    bool ends_condition(std::size_t i) const;
    bool belongs_to_between(std::size_t i_and) const;
    bool is_equality(SqlRange name) const;
    bool is_reversed_equality(SqlRange name) const;
    bool is_in_texts(std::size_t bracket) const;
    bool selects_masked(std::size_t i) const;
    /// The end of a text literal or of a masked column that begins at `i`; `i` where there is none.
    std::size_t end_of_text(std::size_t i) const;
    std::size_t end_of_operand(std::size_t i) const;
    /// The beginning of one that ends before `end`; `end` where there is none.
    std::size_t begin_of_operand(std::size_t end) const;

    SqlTokens tokens_;
    const Columns& columns_;
};

}  // namespace casefile::policy

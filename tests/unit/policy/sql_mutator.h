#pragma once
// Rewrites statements so that they mean the same, or hold the same harm, and look different. It cuts a
// statement by itself, so that it does not share the mistakes of the lexer that it tries.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::policy {

/// A seeded source of choices: the same seed makes the same statements, on every machine.
class Choices {
  public:
    explicit Choices(std::uint32_t seed) : state_(seed * 2 + 1) {}
    std::size_t below(std::size_t count) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::size_t>(state_ >> 33) % count;
    }
    template <class List>
    const auto& one_of(const List& list) {
        return list[below(std::size(list))];
    }

  private:
    std::uint64_t state_;
};

struct Mutation {
    const char* name;
    /// Empty where it has no place in this statement.
    std::function<std::string(const std::string& sql, Choices& choices)> rewrite;
};

/// White space and comments of every kind between the tokens, letters of the other case: the tokens stay.
const std::vector<Mutation>& lexical_mutations();

/// Other quotes, introducers, brackets, derived tables, WITH, unions: the question stays.
const std::vector<Mutation>& meaning_mutations();

/// Executable comments around the whole, or around one word of it: servers read them as code.
const std::vector<Mutation>& executable_mutations();

/// True where the statement is a query, which brackets and other queries can hold.
bool is_whole_query(const std::string& sql);

}  // namespace casefile::policy

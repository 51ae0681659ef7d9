#pragma once
// JSON whose numbers keep the digits they were written with. Boost.JSON's own values would turn them into
// doubles.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::tools::diff {

struct ExactJson {
    enum class Kind { null, boolean, number, text, object, array };
    struct Member;  // a pair of a type that is not complete yet is one that clang cannot build

    Kind kind = Kind::null;
    std::string text;  ///< the characters of a text, the digits of a number, "true" or "false"
    /// Of two members with one name the last counts, as for most readers of JSON.
    std::vector<Member> members;
    std::vector<ExactJson> items;

    /// One document of at most 64 levels; nothing when `text` is none.
    static std::optional<ExactJson> parse(std::string_view text);

    /// "address.city": the member of that name, or else the one reached step by step. nullptr when there is
    /// none.
    const ExactJson* at(std::string_view path) const;

    /// Sorted members, no spaces, the numbers' digits as they were: for showing.
    std::string written() const;
    /// The same for documents that mean the same: numbers by value (12.50 is 12.5).
    std::string normal_form() const;

  private:
    const ExactJson* member(std::string_view name) const;
};

struct ExactJson::Member {
    std::string name;
    ExactJson value;
};

}  // namespace casefile::tools::diff

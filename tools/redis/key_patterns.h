#pragma once
// Keys by their template: "product:123:price" and "product:7:price" are both "product:{id}:price".

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::tools::redis {

/// Digit runs, UUIDs and long hexadecimal runs become {id}; keys that are no text have one template of their
/// own.
std::string template_of(std::string_view key);

struct Pattern {
    std::string pattern, example;
    std::int64_t keys = 0;
    std::int64_t bytes = 0;  ///< of the keys whose size is known
    std::int64_t never_expire = 0;
};

/// Counts keys by template. Holds at most `patterns_max` templates; keys of further ones go to "(others)".
class Patterns {
  public:
    explicit Patterns(std::size_t patterns_max) : patterns_max_(patterns_max) {}
    void count(std::string_view key, std::int64_t bytes, bool expires);
    /// Most keys first.
    std::vector<Pattern> sorted() const;

  private:
    std::size_t patterns_max_;
    std::map<std::string, Pattern> patterns_;
};

}  // namespace casefile::tools::redis

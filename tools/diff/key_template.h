#pragma once
// "order:{id}": how a record's key becomes a Redis key, and back.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace casefile::tools::diff {

/// The values of the key fields, in the order in which the call named them.
using Key = std::vector<std::string>;

/// One text for a key in memory: different keys give different texts, whatever bytes they hold.
std::string joined(const Key& key);
/// For people: "7", "7 / EUR".
std::string shown_key(const Key& key);

class KeyTemplate {
  public:
    /// A placeholder is {name}; any other brace stands for itself, so `user:{{id}}:cart` writes a cluster
    /// hash tag.
    static Result<KeyTemplate> parse(std::string_view text);

    /// The names of the placeholders, each once.
    std::vector<std::string> names() const;
    /// Says at which place of a Key each placeholder finds its value. The error names the placeholder without
    /// a field, or the field without a placeholder.
    Result<void> bind(const std::vector<std::string>& key_fields);

    std::string redis_key(const Key& key) const;
    /// What SCAN takes to find such keys: every placeholder is a *, all else stands for itself.
    std::string pattern() const;
    /// The key within a Redis key; nothing when it is no such key. A value ends where the next fixed text
    /// begins; with `one_part` a key whose values hold a colon is none, because `order:7:items` is something
    /// else than an order.
    std::optional<Key> key_of(std::string_view redis_key, bool one_part) const;

    const std::string& text() const { return text_; }

  private:
    struct Piece {
        bool is_name = false;
        std::string text;
        std::size_t key_at = 0;
    };
    std::string text_;
    std::vector<Piece> pieces_;
    std::size_t key_fields_ = 0;
};

}  // namespace casefile::tools::diff

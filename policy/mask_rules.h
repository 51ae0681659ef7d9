#pragma once
// Which names stand for values that nobody needs to see: columns, JSON members, hash fields, headers and
// Redis keys. A name decides, never a value; mask_text.h knows the values that betray themselves.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::policy {

/// Patterns on top of a profile: `*` stands for any text. What is added wins over what is removed.
struct MaskChanges {
    std::vector<std::string> add, remove;
};

struct MaskSettings {
    std::string profile = "secrets";  ///< or "privacy", which masks persons' data as well
    MaskChanges columns;              ///< of SQL
    MaskChanges fields;               ///< members of JSON, fields of Redis hashes and streams, Kafka headers
    MaskChanges keys;                 ///< Redis keys
};

/// What a masked value is called in its place, such as "secret" or "email"; empty: the value is shown.
using MaskLabel = std::string_view;

class MaskRules {
  public:
    explicit MaskRules(MaskSettings settings = {});

    const MaskSettings& settings() const { return settings_; }

    /// Names are compared without regard to case and style: apiKey, API_KEY and api-key are one. `parent` is
    /// the table, or the member that holds this one: some names are a person's there alone.
    MaskLabel of_column(std::string_view name, std::string_view parent = {}) const;
    MaskLabel of_field(std::string_view name, std::string_view parent = {}) const;

    /// Of a Redis key: what it holds is masked, and of its name what follows `shown` bytes.
    struct Key {
        MaskLabel label = {};
        std::size_t shown = 0;
    };
    Key of_key(std::string_view key) const;

  private:
    class Memo;

    MaskLabel of_name(const MaskChanges& changes, std::string_view name, std::string_view parent) const;

    MaskSettings settings_;
    bool privacy_ = false;
    std::shared_ptr<Memo> fields_;  ///< what was found before: payloads repeat their names by the million
};

/// "apiKey" and "API-Key" as "api_key".
std::string plain_name(std::string_view name);

/// `*` in `pattern` stands for any text, everything else for itself.
bool matches_glob(std::string_view text, std::string_view pattern);

}  // namespace casefile::policy

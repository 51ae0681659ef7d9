#pragma once
// A string that cannot be printed by accident: it has no conversion to text and streams as ***.

#include <ostream>
#include <string>
#include <utility>

namespace casefile {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    /// The one way out, for the driver that has to send it. Searching for `reveal` finds every use.
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

  private:
    std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace casefile

#pragma once
// What a comparison shows of values that it compared as they are.

#include "tools/diff/open_side.h"
#include "tools/diff/report.h"
#include "tools/masking.h"

namespace casefile::tools::diff {

class MaskedReport {
  public:
    /// All have to outlive it.
    MaskedReport(const Masks& masks, const Request& request, const OpenSide& left, const OpenSide& right)
        : masks_(masks), request_(request), left_(left), right_(right) {}

    /// Refuses what would find a masked value in steps: a tolerance around it, a search for a part of a key.
    Result<void> check() const;
    /// Keys and values of masked fields as tokens, and the others by what they hold.
    Difference operator()(Difference difference) const;
    /// An error may quote a key.
    Error error(Error error) const;

  private:
    std::string label_of(const std::string& field) const;
    std::string label_of_key(std::size_t part) const;
    /// Of a Redis key that holds one of the records.
    std::string label_of_record(const Key& key) const;
    Value shown(const Value& value, const std::string& label) const;

    const Masks& masks_;
    const Request& request_;
    const OpenSide& left_;
    const OpenSide& right_;
};

}  // namespace casefile::tools::diff

#pragma once
// Which fields of two sides that stream are compared: settled once both have told their names.

#include "tools/diff/findings.h"

namespace casefile::tools::diff {

class FieldPairs {
  public:
    FieldPairs(const Rules& rules, Findings& findings) : rules_(rules), findings_(findings) {}

    /// The left side goes first: all that may have a partner.
    Result<std::vector<std::string>> choose_left(const std::vector<std::string>& names);
    /// Then the right side; with it the fields are decided. Asked again, both give the same.
    Result<std::vector<std::string>> choose_right(const std::vector<std::string>& names);

    const std::vector<std::string>& left() const { return left_; }
    const std::vector<std::string>& right() const { return right_; }

  private:
    void note_right_only(const std::vector<std::string>& names);

    const Rules& rules_;
    Findings& findings_;
    bool decided_ = false;
    std::vector<std::string> left_names_;
    std::vector<std::string> left_, right_;
};

}  // namespace casefile::tools::diff

#pragma once
// What may be written into a case's journal. Whatever these refuse never becomes a record.

#include "cases/case.h"

namespace casefile::cases {

/// The fields with severity and status in their one spelling; a topic has to be there.
Result<CaseFields> checked_opening(const CaseFields& fields);
Result<CaseFields> checked_changes(const CaseFields& changes);

/// The entry with a hypothesis's state filled in and its evidence as run ids of this case; "3" means its
/// third run.
Result<Entry> checked_entry(Entry entry, const CaseState& state);

Result<void> check_grant(const Grant& grant);

/// Valid UTF-8, and not more than a journal line should hold.
Result<void> check_body(const json::object& body);

}  // namespace casefile::cases

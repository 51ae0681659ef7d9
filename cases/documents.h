#pragma once
// Drafts for others than the investigators: messages, the report in boxes, prevention, runbook, pull request,
// data correction. Drafts only: people send, merge and run.

#include "cases/write_up.h"

namespace casefile::cases {

/// comms_internal_first … comms_partner_resolved, report_text, prevention, runbook, pull_request and
/// data_correction.
const std::vector<std::string>& document_kinds();

/// One key of a diff whose two sides differ.
struct DifferingKey {
    std::string key, verdict;
    std::vector<std::string> fields;  ///< "price: mysql 12.50, redis 11.00"
    std::string entry = {};           ///< its cache entry, "price:4711"; empty where no side is a cache
};
/// What a diff run found, and between what.
struct DiffFound {
    std::string run_id, left, right;  ///< "mysql", "redis" …
    std::vector<DifferingKey> keys;
    std::size_t keys_total = 0;
};

/// Everything but pull_request and data_correction.
Result<Draft> document(const CaseState& state, const std::string& kind, const std::string& key_fingerprint);

/// What a person needs to open the pull request: branch, commit message, title, body with labels. not_found
/// for an unknown fix.
Result<Draft> pull_request(const CaseState& state, const std::string& fix,
                           const std::string& key_fingerprint);

/// Affected keys, statements for a human to review, and how to verify them. casefile runs none.
Draft data_correction(const CaseState& state, const DiffFound& found, const std::string& key_fingerprint);

}  // namespace casefile::cases

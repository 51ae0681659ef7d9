#pragma once
// The fields that open_case and update_case share.

#include "base/schema.h"
#include "cases/case.h"

namespace casefile::tools::case_record {

using cases::CaseFields;

/// What open_case takes; update_case adds more. The topic is added by the caller, who knows whether it is
/// required.
inline Schema<CaseFields> with_intake(Schema<CaseFields> schema) {
    return std::move(schema)
        .field("env", &CaseFields::env, "Environment the report speaks of.")
        .field("entity_ids", &CaseFields::entity_ids, "For example {\"order\": [\"4711\"]}.")
        .object("time_window", &CaseFields::time_window,
                Schema<cases::TimeWindow>{}
                    .field("start", &cases::TimeWindow::start, "")
                    .field("end", &cases::TimeWindow::end, "")
                    .optional()
                    .field("timezone", &cases::TimeWindow::timezone, "")
                    .optional(),
                "")
        .object("symptoms", &CaseFields::symptoms,
                Schema<cases::Symptoms>{}
                    .field("expected", &cases::Symptoms::expected, "")
                    .field("actual", &cases::Symptoms::actual, ""),
                "")
        .field("severity", &CaseFields::severity, "P0 to P3.")
        .length(1, 16)
        .field("entrypoint", &CaseFields::entrypoint, "Suspected code or module.")
        .length(0, 500)
        .field("notes", &CaseFields::notes, "")
        .length(0, 10'000)
        .field("framing", &CaseFields::framing,
               "since, frequency, reported_by, changes[], error_sample, checked[], alert, service, endpoint, "
               "status_code, access.");
}

}  // namespace casefile::tools::case_record

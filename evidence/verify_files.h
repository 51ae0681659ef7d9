#pragma once
// The files of a case held against its journal.

#include <set>

#include "evidence/attachments.h"
#include "evidence/export_list.h"
#include "evidence/run_records.h"
#include "evidence/verify.h"

namespace casefile::evidence {

/// Names in the case folder, in runs/ and in attachments/, taken before the journal is read: what other
/// processes add meanwhile is then never mistaken for a file too many.
struct Listing {
    std::set<std::string> top, runs, attachments;
};
Result<Listing> list_case(int case_folder);

/// What the records name, and what an export left out of it.
struct Expected {
    std::vector<RunRecords> runs;
    std::vector<Attachment> attachments;
    std::optional<ExportList> exported;
};

/// Adds what it counts, the open runs and what it cannot prove to `out`. Gives the first file that does not
/// agree. An error means that a file could not be read.
Result<std::optional<Break>> check_files(int case_folder, const Listing& listing, const Expected& expected,
                                         Verification& out);

}  // namespace casefile::evidence

#pragma once
// An archive of a case, read to its end and held against its own chain, before a byte of it is written.

#include <map>

#include "evidence/archive.h"
#include "evidence/export_list.h"

namespace casefile::cases {

struct Received {
    std::string case_id;
    evidence::HeadFile head;
    std::vector<evidence::Record> records;
    evidence::ExportList exported;
    std::map<std::string, evidence::Digest> files;  ///< by path within the case: all that the archive holds
    std::uint64_t bytes = 0;
};

/// "INC-…-001/runs/0003-…/x.csv" as case and path, when it is a name that a case has; nothing otherwise. Such
/// a name has no "..", no empty part and no part that begins with a dot, and never leads out of its folder.
struct MemberName {
    std::string case_id, path;
};
std::optional<MemberName> parse_member_name(std::string_view name);

/// Reads `file` from its start. An error names the first thing that does not belong into an archive of a
/// case, or does not agree with its chain.
Result<Received> receive(int file, const evidence::ArchiveLimits& limits);

}  // namespace casefile::cases

#pragma once
// index.html of an exported case: opens offline, loads nothing, runs its one script, and shows the case, its
// runs and its chain. Everything that comes from data is escaped.

#include "cases/case.h"
#include "evidence/export_list.h"

namespace casefile::cases {

struct PageFile {
    std::string path;  ///< relative to the case, "runs/0003-…/db_rows.prices.csv"
    std::string name, role;
    std::optional<std::uint64_t> bytes;
    std::string sha256;
    bool here = true;  ///< false when it was withheld or destroyed
};

struct PageRun {
    std::string run_id;
    std::string manifest;  ///< its text; empty while the run is not sealed
    std::vector<PageFile> files;
};

struct PageRecord {
    std::uint64_t n = 0;
    std::string at, kind, hash;
};

struct PageCase {
    const CaseState& state;
    std::string key_fingerprint;
    std::vector<PageRun> runs;  ///< in sequence
    std::vector<PageFile> attachments;
    std::vector<std::string> drafts;  ///< paths
    std::vector<PageRecord> records;
};

std::string render_export_page(const PageCase& page);

}  // namespace casefile::cases

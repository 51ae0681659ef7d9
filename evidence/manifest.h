#pragma once
// The JSON that belongs to a run: its input file, its manifest and the bodies of its two journal records.

#include "evidence/run.h"

namespace casefile::evidence {

/// What a run knows of itself.
struct RunFacts {
    std::string id, case_id, task;
    std::uint64_t seq = 0;
    std::string folder;  ///< relative to the case: "runs/0007-prices.20261122_140203_1a2b3c4d"
    std::string opened_at, sealed_at;
    FileEntry script, input;
    std::vector<FileEntry> files;  ///< all, script and input too, without the manifest
};

/// At least four digits: "0007".
std::string run_number(std::uint64_t seq);
/// "0007-prices.20261122_140203_1a2b3c4d".
std::string run_folder_name(std::uint64_t seq, std::string_view task, std::string_view run_id);
/// ".20261122_140203_1a2b3c4d.new": until the opening record has given the run its number.
std::string pending_folder_name(std::string_view run_id);

std::string input_text(const Opening& opening);
std::string manifest_text(const RunFacts& facts, const Opening& opening, Outcome outcome,
                          const json::object& details);

/// `held` names the files that the record holds.
json::object opening_body(const RunFacts& facts, const Opening& opening, const Held& held);
/// A "summary" in `details` is copied into the record.
json::object sealing_body(const RunFacts& facts, const FileEntry& manifest, Outcome outcome,
                          const json::object& details, const Held& held);

/// Makes every string UTF-8: a driver's message may be none, and must not keep a run from its seal.
void make_text_valid(json::value& value);

}  // namespace casefile::evidence

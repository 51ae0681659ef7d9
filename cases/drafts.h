#pragma once
// The files under drafts/. People edit them there, so a new draft never takes the place of one that a person
// changed.

#include "cases/derived.h"

namespace casefile::cases {

struct FiledDraft {
    std::string path;  ///< relative to the case: "drafts/leader.md"
    std::string sha256;
};

/// Writes `text` as drafts/<kind>.md, replacing in one step what casefile wrote there before. When the newest
/// file of the kind holds bytes that casefile never recorded, a person has worked on it: it stays, and the
/// draft becomes drafts/<kind>.2.md, .3.md and so on. On stable storage when this returns.
Result<FiledDraft> write_draft(const FolderLock& lock, const CaseState& state, const std::string& kind,
                               const std::string& text);

}  // namespace casefile::cases

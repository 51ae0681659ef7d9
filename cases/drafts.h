#pragma once
// The files under drafts/. People edit them there, so a new draft never takes the place of one that a person
// changed.

#include "cases/derived.h"

namespace casefile::cases {

/// Within drafts/: what each write-up was made as, so that a person's edits can be merged.
inline constexpr const char* generated_name = "generated";

struct FiledDraft {
    std::string path;  ///< relative to the case: "drafts/leader.md"
    std::string sha256;
    std::string generated_sha256;  ///< of the text before a person's edits were merged into it
    std::string text;              ///< the bytes of the file
};

/// Writes `text` as drafts/<kind>.<ending>, replacing in one step what casefile wrote there before. When the
/// newest file of the kind holds bytes that casefile never recorded, a person has worked on it: what it was
/// made from is kept under drafts/generated/, so the edits are merged into the new text (draft_merge.h).
/// Where that is not possible (a patch, a file that a person made, a copy that is gone or altered) the file
/// stays, and the draft becomes drafts/<kind>.2.<ending>, .3 and so on. On stable storage when this returns.
Result<FiledDraft> write_draft(const FolderLock& lock, const CaseState& state, const std::string& kind,
                               const std::string& text, const std::string& ending = "md");

}  // namespace casefile::cases

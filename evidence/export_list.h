#pragma once
// export.json in the folder of a case that was exported: what was left out of it, and the files that no
// record of the chain names. Signed by the key of the case, so that nobody else can call a file withheld.

#include <map>

#include "evidence/head_file.h"

namespace casefile::evidence {

inline constexpr const char* export_list_name = "export.json";
inline constexpr const char* export_page_name = "index.html";

struct ListedFile {
    std::string path;  ///< relative to the case
    std::string sha256;
};

struct ExportList {
    std::string case_id;
    Head head;                         ///< the end of the chain that was exported
    std::vector<ListedFile> files;     ///< index.html and drafts, by path
    std::vector<ListedFile> withheld;  ///< by path
};

std::string write_export_list(const ExportList& list, const SigningKey& key);

/// An error unless the text is exactly what write_export_list() makes, signed by the key of `head`.
Result<ExportList> parse_export_list(std::string_view text, const HeadFile& head);

/// Nothing when the folder was not exported.
Result<std::optional<ExportList>> load_export_list(int case_folder, const HeadFile& head);

}  // namespace casefile::evidence

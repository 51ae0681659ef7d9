#pragma once
// Documents that people file with a case: attachments/<id>.<extension>, each named by a record of kind
// attachment. The name of the file is made here; what the person called it is data.

#include <functional>
#include <span>

#include "evidence/files.h"
#include "evidence/journal.h"

namespace casefile::evidence {

inline constexpr const char* attachments_name = "attachments";

/// More than a document is; what is larger is a data set, which belongs where it can be queried.
inline constexpr std::uint64_t attachment_bytes_max = 32 * 1024 * 1024;

/// What a person says of the document.
struct AttachmentLabel {
    std::string name;           ///< what tools call it
    std::string original_name;  ///< of the file that it was copied from
    std::string by;             ///< principal
};

struct Attachment {
    std::string path;  ///< "attachments/20261122_140203_1a2b3c4d.csv"
    std::string name, sha256;
    std::uint64_t bytes = 0;
};

/// Up to the span's size; 0 at the end.
using ByteSource = std::function<Result<std::size_t>(std::span<char>)>;
ByteSource bytes_from(int file);
ByteSource bytes_from(std::string_view text);

/// Letters, digits, dot, dash and underscore, 1 to 80 of them, no dot or dash in front.
bool is_attachment_name(std::string_view name);
/// The same out of any text: "Expected (final).CSV" gives "expected-final.csv".
std::string attachment_name_of(std::string_view original);

/// Copies the bytes and appends the record: when it returns, both are on stable storage. limit_reached above
/// attachment_bytes_max; then nothing is kept.
Result<Record> attach(Journal& journal, const Clock& clock, const AttachmentLabel& label,
                      const ByteSource& bytes);

/// Those that name a file, in the order of their records. An error's message begins with the place.
Result<std::vector<Attachment>> attachments_of(const std::vector<Record>& records);

/// not_found when the file is gone. A crash may have left it under the name that it had before its record.
Result<Descriptor> open_attachment(int case_folder, const std::string& path);

/// ".20261122_140203_1a2b3c4d.new", while the record is not there.
std::string pending_attachment(std::string_view path);

}  // namespace casefile::evidence

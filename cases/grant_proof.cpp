#include "cases/grant_proof.h"

#include <unistd.h>

#include "evidence/chain.h"
#include "evidence/files.h"
#include "evidence/record_line.h"

namespace casefile::cases {
namespace {

bool has_bytes_at(int file, std::uint64_t offset, const std::string& expected) {
    std::string bytes(expected.size() + 1, '\0');
    const auto got = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    return got == static_cast<ssize_t>(bytes.size()) && bytes == expected + "\n";
}

bool is_record_of(const Grant& grant, std::string_view line, const std::string& public_key) {
    const auto record = evidence::parse_line(line);
    return record && record->kind == "grant" && record->n == grant.record &&
           record->hash == grant.record_hash && evidence::is_signed_by(*record, public_key);
}

}  // namespace

bool GrantProof::holds(const std::filesystem::path& case_folder, const Grant& grant,
                       const std::string& public_key) {
    const auto folder = evidence::open_folder(case_folder);
    if (!folder) return false;
    const auto file = evidence::open_file_at(folder->get(), evidence::chain_name);
    if (!file) return false;
    if (!line_.empty() && has_bytes_at(file->get(), offset_, line_)) return true;

    line_.clear();
    std::uint64_t n = 0;
    const auto stop = internal("the line was found");
    // The error only ends the walk early.
    (void)evidence::for_each_line(file->get(), 0,
                                  [&](std::string_view line, std::uint64_t offset) -> Result<void> {
                                      if (++n < grant.record) return {};
                                      if (is_record_of(grant, line, public_key)) {
                                          line_ = line;
                                          offset_ = offset;
                                      }
                                      return stop;
                                  });
    return !line_.empty();
}

}  // namespace casefile::cases

#include "cases/drafts.h"

#include <set>

#include "base/hash.h"
#include "evidence/files.h"

namespace casefile::cases {
namespace {

constexpr const char* folder_name = "drafts";
constexpr int drafts_max = 1'000;

std::string name_of_draft(const std::string& kind, int number) {
    return kind + (number > 1 ? "." + std::to_string(number) : "") + ".md";
}

/// Hashes of what casefile itself wrote as drafts of this case.
std::set<std::string> recorded_hashes(const CaseState& state) {
    std::set<std::string> hashes;
    for (const auto& draft : state.drafts) hashes.insert(string_or(draft, "sha256"));
    return hashes;
}

/// True when nothing a person did would be lost by writing under `name`.
Result<bool> is_ours(int folder, const std::string& name, const std::set<std::string>& recorded) {
    const auto file = evidence::open_file_at(folder, name);
    if (!file) return !evidence::exists_at(folder, name);
    const auto digest = evidence::digest_of(file->get());
    if (!digest) return digest.error();
    return recorded.contains(digest->sha256);
}

}  // namespace

Result<FiledDraft> write_draft(const FolderLock& lock, const CaseState& state, const std::string& kind,
                               const std::string& text) {
    auto folder = evidence::make_folder_at(lock.folder(), folder_name, true);
    if (!folder) return folder.error();
    const auto recorded = recorded_hashes(state);
    int number = 1;
    while (number < drafts_max && evidence::exists_at(folder->get(), name_of_draft(kind, number + 1)))
        ++number;
    for (; number <= drafts_max; ++number) {
        const auto name = name_of_draft(kind, number);
        const auto ours = is_ours(folder->get(), name, recorded);
        if (!ours) return ours.error();
        if (!*ours) continue;
        if (auto done = evidence::replace_file_at(folder->get(), name, text, true); !done)
            return done.error();
        return FiledDraft{std::string(folder_name) + "/" + name, sha256_hex(text)};
    }
    return Error{ErrorKind::limit_reached,
                 "drafts: expected at most " + std::to_string(drafts_max) + " of one kind"};
}

}  // namespace casefile::cases

#include "cases/drafts.h"

#include <set>

#include "base/hash.h"
#include "cases/draft_merge.h"
#include "evidence/files.h"

namespace casefile::cases {
namespace {

constexpr const char* folder_name = "drafts";
constexpr int drafts_max = 1'000;
constexpr std::uint64_t draft_bytes_max = 16 * 1024 * 1024;

std::string name_of_draft(const std::string& kind, int number, const std::string& ending) {
    return kind + (number > 1 ? "." + std::to_string(number) : "") + "." + ending;
}

/// Hashes of what casefile itself wrote as drafts of this case, without a person's part in it.
std::set<std::string> recorded_hashes(const CaseState& state) {
    std::set<std::string> hashes;
    for (const auto& draft : state.drafts) {
        const auto generated = string_or(draft, "generated_sha256");
        if (generated.empty() || generated == string_or(draft, "sha256"))
            hashes.insert(string_or(draft, "sha256"));
    }
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

std::optional<std::string> text_at(int folder, const std::string& name) {
    const auto file = evidence::open_file_at(folder, name);
    if (!file) return std::nullopt;
    auto text = evidence::read_whole(file->get(), draft_bytes_max);
    return text ? std::optional(*std::move(text)) : std::nullopt;
}

/// What the newest recorded draft of this path was generated as; nothing when the copy is not that text.
std::optional<std::string> base_of(int generated, const CaseState& state, const std::string& name) {
    const auto path = std::string(folder_name) + "/" + name;
    for (auto draft = state.drafts.rbegin(); draft != state.drafts.rend(); ++draft) {
        if (string_or(*draft, "path") != path) continue;
        auto text = text_at(generated, name);
        const bool genuine = text && sha256_hex(*text) == string_or(*draft, "generated_sha256");
        return genuine ? text : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

Result<FiledDraft> write_draft(const FolderLock& lock, const CaseState& state, const std::string& kind,
                               const std::string& text, const std::string& ending) {
    auto folder = evidence::make_folder_at(lock.folder(), folder_name, true);
    if (!folder) return folder.error();
    auto generated = evidence::make_folder_at(folder->get(), generated_name, true);
    if (!generated) return generated.error();
    const auto recorded = recorded_hashes(state);
    const auto put = [&](const std::string& name, std::string bytes) -> Result<FiledDraft> {
        if (auto done = evidence::replace_file_at(folder->get(), name, bytes, true); !done)
            return done.error();
        if (auto done = evidence::replace_file_at(generated->get(), name, text, true); !done)
            return done.error();
        auto sha256 = sha256_hex(bytes);
        return FiledDraft{.path = std::string(folder_name) + "/" + name,
                          .sha256 = std::move(sha256),
                          .generated_sha256 = sha256_hex(text),
                          .text = std::move(bytes)};
    };

    int number = 1;
    while (number < drafts_max && evidence::exists_at(folder->get(), name_of_draft(kind, number + 1, ending)))
        ++number;
    for (; number <= drafts_max; ++number) {
        const auto name = name_of_draft(kind, number, ending);
        const auto ours = is_ours(folder->get(), name, recorded);
        if (!ours) return ours.error();
        if (*ours) return put(name, text);
        const auto base = ending == "md" ? base_of(generated->get(), state, name) : std::nullopt;
        const auto edited = base ? text_at(folder->get(), name) : std::nullopt;
        if (edited) return put(name, merge_draft(*base, *edited, text));
    }
    return Error{ErrorKind::limit_reached,
                 "drafts: expected at most " + std::to_string(drafts_max) + " of one kind"};
}

}  // namespace casefile::cases

#include "evidence/imported.h"

#include "evidence/files.h"

namespace casefile::evidence {
namespace {

bool is_fingerprint(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The folders of the keys, by name; links are none.
std::set<std::string> keys_in(int imported) {
    std::set<std::string> keys;
    if (const auto names = names_in(imported))
        for (const auto& name : *names)
            if (is_fingerprint(name)) keys.insert(name);
    return keys;
}

Result<Descriptor> open_imported(const std::filesystem::path& home) {
    auto parent = open_folder(home);
    if (!parent) return parent;
    return open_folder_at(parent->get(), imported_name);
}

}  // namespace

Result<ImportedCase> find_imported(const std::filesystem::path& home, const ImportedId& id) {
    if (const auto imported = open_imported(home))
        for (const auto& key : keys_in(imported->get())) {
            if (!key.starts_with(id.key_digits)) continue;
            const auto folder = open_folder_at(imported->get(), key);
            if (folder && open_folder_at(folder->get(), id.case_id))
                return ImportedCase{home / imported_name / key / id.case_id, key};
        }
    return not_found("no case was imported as " + id.case_id + "@" + id.key_digits);
}

std::vector<std::string> imported_ids(const std::filesystem::path& home) {
    std::vector<std::string> ids;
    const auto imported = open_imported(home);
    if (!imported) return ids;
    for (const auto& key : keys_in(imported->get())) {
        const auto folder = open_folder_at(imported->get(), key);
        const auto names = folder ? names_in(folder->get()) : Result<std::set<std::string>>(folder.error());
        if (!names) continue;
        for (const auto& name : *names)
            if (is_case_id(name) && open_folder_at(folder->get(), name))
                ids.push_back(imported_id(name, key));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

Error read_only_case(const std::string& id) {
    return denied(
        "case " + id + " was imported and is read-only: its chain belongs to the key that signed it",
        "open a case of your own with open_case, and name this one in its notes");
}

}  // namespace casefile::evidence

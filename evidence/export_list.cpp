#include "evidence/export_list.h"

#include "base/hash.h"
#include "evidence/files.h"
#include "evidence/record_line.h"

namespace casefile::evidence {
namespace {

constexpr std::uint64_t list_bytes_max = 64 * 1024 * 1024;
constexpr std::int64_t format_version = 1;

json::array written(const std::vector<ListedFile>& files) {
    json::array out;
    for (const auto& file : files) out.push_back({{"path", file.path}, {"sha256", file.sha256}});
    return out;
}

std::vector<ListedFile> read_files(const json::object& object, std::string_view key) {
    std::vector<ListedFile> files;
    if (const auto* list = member(object, key); list != nullptr && list->is_array())
        for (const auto& one : list->get_array())
            if (one.is_object())
                files.push_back({string_or(one.get_object(), "path"), string_or(one.get_object(), "sha256")});
    return files;
}

json::object unsigned_part(const ExportList& list) {
    return {{"case", list.case_id},         {"count", list.head.count},
            {"files", written(list.files)}, {"format", format_version},
            {"hash", list.head.hash},       {"key_fingerprint", list.head.key_fingerprint},
            {"runs", list.head.runs},       {"withheld", written(list.withheld)}};
}

}  // namespace

std::string write_export_list(const ExportList& list, const SigningKey& key) {
    auto object = unsigned_part(list);
    object["sig"] = key.sign(signed_bytes(object));
    return canonical(object) + "\n";
}

Result<ExportList> parse_export_list(std::string_view text, const HeadFile& head) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return invalid("expected one JSON object, got something else");
    const auto& object = parsed->get_object();
    ExportList list{.case_id = string_or(object, "case"),
                    .head = {count_at(object, "count"), count_at(object, "runs"), string_or(object, "hash"),
                             string_or(object, "key_fingerprint")},
                    .files = read_files(object, "files"),
                    .withheld = read_files(object, "withheld")};
    auto again = unsigned_part(list);
    const auto bytes = signed_bytes(again);
    const auto signature = string_or(object, "sig");
    again["sig"] = signature;
    if (canonical(again) + "\n" != text)
        return invalid("expected the canonical form of a list of an export, got something else");
    if (list.head.key_fingerprint != head.head.key_fingerprint ||
        !signature_is_good(head.public_key, bytes, signature))
        return invalid("it is not signed by the key of head.json");
    return list;
}

Result<std::optional<ExportList>> load_export_list(int case_folder, const HeadFile& head) {
    auto file = open_file_at(case_folder, export_list_name);
    if (!file) {
        if (file.error().kind == ErrorKind::not_found) return std::optional<ExportList>();
        return file.error();
    }
    auto text = read_whole(file->get(), list_bytes_max);
    if (!text) return text.error();
    auto list = parse_export_list(*text, head);
    if (!list) return list.error();
    return std::optional<ExportList>(*std::move(list));
}

}  // namespace casefile::evidence

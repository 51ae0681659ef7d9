#include "evidence/head_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/files.h"
#include "evidence/record_line.h"

namespace casefile::evidence {
namespace {

constexpr std::uint64_t head_bytes_max = 4 * 1024;
constexpr std::int64_t format_version = 1;

json::object unsigned_part(const HeadFile& file) {
    return {{"at", file.at},
            {"count", file.head.count},
            {"format", format_version},
            {"hash", file.head.hash},
            {"key_fingerprint", file.head.key_fingerprint},
            {"public_key", file.public_key},
            {"runs", file.head.runs}};
}

}  // namespace

std::string signed_bytes(const json::object& part) { return hash_bytes(sha256_hex(canonical(part))); }

std::uint64_t count_at(const json::object& object, std::string_view key) {
    const auto* value = member(object, key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return 0;
    return static_cast<std::uint64_t>(value->get_int64());
}

std::string write_head(const Head& head, const std::string& at, const SigningKey& key) {
    auto object = unsigned_part({head, at, key.public_key()});
    object["sig"] = key.sign(signed_bytes(object));
    return canonical(object) + "\n";
}

Result<HeadFile> parse_head(std::string_view text) {
    auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return invalid("expected one JSON object, got something else");
    const auto& object = parsed->get_object();

    HeadFile file;
    file.at = string_or(object, "at");
    file.public_key = string_or(object, "public_key");
    file.head.count = count_at(object, "count");
    file.head.runs = count_at(object, "runs");
    file.head.hash = string_or(object, "hash");
    file.head.key_fingerprint = string_or(object, "key_fingerprint");

    auto again = unsigned_part(file);
    const auto bytes = signed_bytes(again);
    const auto signature = string_or(object, "sig");
    again["sig"] = signature;
    if (canonical(again) + "\n" != text)
        return invalid("expected the canonical form of a head, got something else");
    if (key_fingerprint(file.public_key) != file.head.key_fingerprint || file.head.key_fingerprint.empty())
        return invalid("the key fingerprint is not that of the public key");
    if (!signature_is_good(file.public_key, bytes, signature)) return invalid("the signature does not match");
    return file;
}

/// In place, as renaming over a file makes some file systems write it out at once. That is whole after a
/// crash, too, because a head of the same length lies within one sector; one of another length takes the way
/// of a rename.
Result<bool> advance_head(int case_folder, const Head& head, const std::string& at, const SigningKey& key) {
    Descriptor file(::openat(case_folder, head_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    const bool there = file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode);
    if (there)
        if (const auto text = read_whole(file.get(), head_bytes_max)) {
            const auto parsed = parse_json(*text);
            if (parsed && parsed->is_object() && count_at(parsed->get_object(), "count") >= head.count)
                return false;
        }
    const auto text = write_head(head, at, key);
    if (!there || static_cast<std::size_t>(info.st_size) != text.size()) {
        auto done = replace_file_at(case_folder, head_name, text, false);
        return done ? Result<bool>(true) : done.error();
    }
    if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return file_error("cannot write", head_name);
    return true;
}

Result<std::optional<HeadFile>> load_head(int case_folder) {
    auto file = open_file_at(case_folder, head_name);
    if (!file) {
        if (file.error().kind == ErrorKind::not_found) return std::optional<HeadFile>();
        return file.error();
    }
    auto text = read_whole(file->get(), head_bytes_max);
    if (!text) return text.error();
    auto head = parse_head(*text);
    if (!head) return head.error();
    return std::optional<HeadFile>(*std::move(head));
}

}  // namespace casefile::evidence

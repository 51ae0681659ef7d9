#include "evidence/attachments.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "evidence/chain.h"

namespace casefile::evidence {
namespace {

constexpr std::size_t block_bytes = 256 * 1024, name_length_max = 80, original_bytes_max = 200;
constexpr std::size_t run_id_length = 24;
constexpr std::string_view folder_prefix = "attachments/";

/// What a file may end in; anything else becomes .bin. The ending tells readers how to show it, no more.
constexpr std::array endings = {"csv", "tsv", "json", "jsonl", "txt", "md",   "log",  "sql", "xml", "yaml",
                                "yml", "pdf", "png",  "jpg",   "gif", "webp", "html", "har", "eml", "zip"};

std::string ending_of(std::string_view name) {
    const auto dot = name.rfind('.');
    const auto ending = dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
    return std::find(endings.begin(), endings.end(), ending) != endings.end() ? ending : "bin";
}

bool is_attachment_path(std::string_view path) {
    if (!path.starts_with(folder_prefix)) return false;
    path.remove_prefix(folder_prefix.size());
    const auto ending = path.substr(std::min(path.size(), run_id_length));
    return is_run_id(path.substr(0, run_id_length)) && ending.starts_with('.') &&
           (ending == ".bin" || ending_of(path) == ending.substr(1));
}

/// The bytes in the file, hashed as they were written.
Result<Digest> copy(const ByteSource& bytes, int to) {
    Digest digest;
    Sha256 hash;
    std::vector<char> block(block_bytes);
    for (;;) {
        const auto got = bytes(block);
        if (!got) return got.error();
        if (*got == 0) break;
        if (digest.bytes + *got > attachment_bytes_max)
            return Error{ErrorKind::limit_reached,
                         "attachment: expected at most " + std::to_string(attachment_bytes_max) +
                             " bytes (32 MiB), got more",
                         "attach the part that matters, or a file with its hash and where it is kept"};
        const std::string_view part(block.data(), *got);
        hash.update(part);
        digest.bytes += *got;
        if (auto done = write_all(to, part); !done) return done.error();
    }
    digest.sha256 = hash.hex();
    return digest;
}

/// A document on its way into the case; what did not become one leaves nothing.
class Incoming {
  public:
    Incoming(Journal& journal, std::string path) : journal_(journal), path_(std::move(path)) {}

    Result<Digest> take(const ByteSource& bytes) {
        auto parent = open_folder(journal_.folder());
        if (!parent) return parent.error();
        case_ = *std::move(parent);
        auto folder = make_folder_at(case_.get(), attachments_name, true);
        if (!folder) return folder.error();
        folder_ = *std::move(folder);
        auto file = create_file_at(folder_.get(), pending_attachment(path_));
        if (!file) return in_folder(attachments_name, file.error());
        auto digest = copy(bytes, file->get());
        if (digest)
            if (auto done = sync(file->get()); !done) digest = done.error();
        if (!digest) discard();
        return digest;
    }
    void discard() { ::unlinkat(folder_.get(), pending_attachment(path_).c_str(), 0); }

    /// The record stands; the file gets its name.
    Result<void> settle() {
        const auto name = path_.substr(folder_prefix.size());
        if (::renameat(folder_.get(), pending_attachment(path_).c_str(), folder_.get(), name.c_str()) != 0)
            return file_error("cannot name", path_);
        return sync_folder(folder_.get());
    }

  private:
    Result<void> sync(int file) {
        if (auto done = sync_file(file); !done) return done;
        if (auto done = sync_folder(folder_.get()); !done) return done;
        return sync_folder(case_.get());
    }

    Journal& journal_;
    const std::string path_;
    Descriptor case_, folder_;
};

}  // namespace

ByteSource bytes_from(int file) {
    return [file](std::span<char> into) -> Result<std::size_t> {
        for (;;) {
            const auto got = ::read(file, into.data(), into.size());
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) return file_error("cannot read", "the file");
        }
    };
}

ByteSource bytes_from(std::string_view text) {
    return [text](std::span<char> into) mutable -> Result<std::size_t> {
        const auto count = text.copy(into.data(), into.size());
        text.remove_prefix(count);
        return count;
    };
}

bool is_attachment_name(std::string_view name) {
    return !name.empty() && name.size() <= name_length_max && name.front() != '.' && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

std::string attachment_name_of(std::string_view original) {
    const auto dot = original.rfind('.');
    const auto stem = dot == std::string_view::npos || dot == 0 ? original : original.substr(0, dot);
    return slug(stem, 60) + "." + ending_of(original);
}

std::string pending_attachment(std::string_view path) {
    return "." + std::string(path.substr(folder_prefix.size(), run_id_length)) + ".new";
}

Result<Record> attach(Journal& journal, const Clock& clock, const AttachmentLabel& label,
                      const ByteSource& bytes) {
    const auto ending = ending_of(label.name);
    const auto path = std::string(folder_prefix) + make_run_id(clock.now()) + "." + ending;
    Incoming incoming(journal, path);
    const auto digest = incoming.take(bytes);
    if (!digest) return digest.error();
    std::uint64_t before = 0;
    auto record = journal.append("attachment", [&](const Head& head) {
        before = head.count;
        return json::object{{"path", path},
                            {"name", label.name},
                            {"original_name", shorten(printable(label.original_name), original_bytes_max)},
                            {"format", ending},
                            {"bytes", digest->bytes},
                            {"sha256", digest->sha256},
                            {"by", label.by}};
    });
    if (!record) {
        // On a dying disk the record may stand although it was refused; then its file has to stay as well.
        if (const auto head = journal.head(); head && head->count <= before) incoming.discard();
        return record;
    }
    // The record counts, whatever name the file has.
    (void)incoming.settle();
    return record;
}

Result<std::vector<Attachment>> attachments_of(const std::vector<Record>& records) {
    std::vector<Attachment> out;
    std::set<std::string> paths;
    for (const auto& record : records) {
        if (record.kind != "attachment" || member(record.body, "path") == nullptr) continue;
        Attachment one{string_or(record.body, "path"), string_or(record.body, "name"),
                       string_or(record.body, "sha256")};
        if (const auto* bytes = member(record.body, "bytes"); bytes != nullptr && bytes->is_int64())
            one.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes->get_int64()));
        if (!is_attachment_path(one.path) || !paths.insert(one.path).second)
            return invalid(line_name(record.n - 1) +
                           ": the path is not one of an attachment, or is named twice");
        out.push_back(std::move(one));
    }
    return out;
}

Result<Descriptor> open_attachment(int case_folder, const std::string& path) {
    if (!is_attachment_path(path)) return not_found("attachment: nothing is filed under this path");
    auto folder = open_folder_at(case_folder, attachments_name);
    if (!folder) return folder;
    const auto name = path.substr(folder_prefix.size());
    auto file = open_file_at(folder->get(), name);
    if (!file && file.error().kind == ErrorKind::not_found)
        if (auto pending = open_file_at(folder->get(), pending_attachment(path))) return pending;
    // Between the two looks it may have got its name.
    if (!file && file.error().kind == ErrorKind::not_found) file = open_file_at(folder->get(), name);
    return file;
}

}  // namespace casefile::evidence

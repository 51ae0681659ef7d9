#include "cases/import.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "cases/casebook.h"
#include "cases/received.h"
#include "evidence/imported.h"

namespace casefile::cases {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;

/// Where a case is unpacked before it gets its name; gone with this, whatever happens.
class Staging {
  public:
    static Result<Staging> make(const std::filesystem::path& home) {
        auto parent = evidence::open_folder(home);
        if (!parent) return parent.error();
        auto imported = evidence::make_folder_at(parent->get(), evidence::imported_name, true);
        if (!imported) return imported.error();
        // One import at a time: what is there is compared with what came.
        while (::flock(imported->get(), LOCK_EX) != 0)
            if (errno != EINTR) return evidence::file_error("cannot lock", evidence::imported_name);
        // Under the lock, what another import left when it was killed is nobody's.
        if (const auto names = evidence::names_in(imported->get()))
            for (const auto& left : *names)
                if (left.starts_with('.') && left.ends_with(".new")) {
                    std::error_code ignored;
                    std::filesystem::remove_all(home / evidence::imported_name / left, ignored);
                }
        const auto name = "." + random_hex(8) + ".new";
        auto folder = evidence::make_folder_at(imported->get(), name, false);
        if (!folder) return folder.error();
        return Staging(home / evidence::imported_name, name, *std::move(imported), *std::move(folder));
    }
    Staging(Staging&&) noexcept = default;
    ~Staging() {
        std::error_code ignored;
        if (imported_) std::filesystem::remove_all(path(), ignored);
    }

    int folder() const { return folder_.get(); }
    int imported() const { return imported_.get(); }
    std::filesystem::path path() const { return parent_ / name_; }

  private:
    Staging(std::filesystem::path parent, std::string name, Descriptor imported, Descriptor folder)
        : parent_(std::move(parent)),
          name_(std::move(name)),
          imported_(std::move(imported)),
          folder_(std::move(folder)) {}

    std::filesystem::path parent_;
    std::string name_;
    Descriptor imported_, folder_;
};

Result<void> check_room(int folder, std::uint64_t bytes) {
    struct statvfs info {};
    if (::fstatvfs(folder, &info) != 0)
        return evidence::file_error("cannot look at", evidence::imported_name);
    const auto free_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    if (bytes < free_bytes) return {};
    return unavailable("import: expected " + std::to_string(bytes) + " free bytes in the home folder, got " +
                           std::to_string(free_bytes),
                       "free space, then import again; nothing was written");
}

/// Makes the folders of a path below `at` and gives the last of them.
Result<Descriptor> make_folders(int at, const std::vector<std::string>& names) {
    Descriptor folder(-1);
    for (const auto& name : names) {
        auto next = evidence::make_folder_at(folder ? folder.get() : at, name, true);
        if (!next) return next;
        folder = *std::move(next);
    }
    return folder;
}

/// The second pass: every byte has to be the one that the first pass saw.
Result<void> unpack(int file, const Received& received, int into) {
    if (::lseek(file, 0, SEEK_SET) != 0) return evidence::file_error("cannot read", "the archive");
    auto archive = evidence::ArchiveReader::open(file, {});
    if (!archive) return archive.error();
    const auto changed = [] {
        return unavailable("archive: it changed while it was being read", "import it again");
    };
    std::size_t files = 0;
    for (;; ++files) {
        auto entry = archive->next();
        if (!entry) return entry.error();
        if (!*entry) break;
        const auto name = parse_member_name((*entry)->name);
        const auto expected = name ? received.files.find(name->path) : received.files.end();
        if (expected == received.files.end() || name->case_id != received.case_id) return changed();
        auto parts = split((*entry)->name, '/');
        const auto last = std::move(parts.back());
        parts.pop_back();
        auto folder = make_folders(into, parts);
        if (!folder) return folder.error();
        auto made = evidence::create_file_at(folder->get(), last);
        if (!made) return made.error();
        Sha256 hash;
        std::uint64_t bytes = 0;
        std::vector<char> block(block_bytes);
        for (;;) {
            const auto got = archive->read(block);
            if (!got) return got.error();
            if (*got == 0) break;
            bytes += *got;
            if (bytes > expected->second.bytes) return changed();
            hash.update({block.data(), *got});
            if (auto done = evidence::write_all(made->get(), {block.data(), *got}); !done) return done;
        }
        if (hash.hex() != expected->second.sha256) return changed();
    }
    return files == received.files.size() ? Result<void>() : changed();
}

/// What the folder of an earlier import tells of itself.
struct Present {
    evidence::Head head;
    std::size_t withheld = 0;
};

Result<Present> look_at(const std::filesystem::path& folder) {
    const auto opened = evidence::open_folder(folder);
    if (!opened) return opened.error();
    const auto head = evidence::load_head(opened->get());
    if (!head || !*head) return invalid("its head.json cannot be read");
    const auto list = evidence::load_export_list(opened->get(), **head);
    if (!list || !*list) return invalid("its export.json cannot be read");
    return Present{(*head)->head, (*list)->withheld.size()};
}

/// True when what came may take the place of what is there: it goes on from it, or brings more of it.
Result<bool> replaces(const Present& there, const Received& received, const std::string& id) {
    const auto& records = received.records;
    const auto count = there.head.count;
    if (count == records.size() && there.head.hash == records.back().hash)
        return received.exported.withheld.size() < there.withheld;
    if (count > 0 && count < records.size() && records[count - 1].hash == there.head.hash) return true;
    return invalid(
        "case " + id + " is here in another version: it has " + std::to_string(count) +
            " records with head " + there.head.hash + ", the archive has " + std::to_string(records.size()) +
            " with head " + records.back().hash +
            (count > records.size() ? ", which may be an earlier state" : ", which do not continue them"),
        "ask the owner which of the two is right; what is here was left as it is");
}

Result<void> check_no_double(int imported, const std::string& key) {
    const auto names = evidence::names_in(imported);
    if (!names) return names.error();
    for (const auto& name : *names)
        if (name != key && name.starts_with(key.substr(0, 8)))
            return denied(
                "key " + key + " begins like another key that cases were imported from, " + name,
                "one of the two was made to look like the other: ask both owners for their fingerprints");
    return {};
}

/// Gives the folder its name, in one step.
Result<void> settle(const Staging& staging, const Received& received, bool replace) {
    const auto& key = received.head.head.key_fingerprint;
    if (::syncfs(staging.folder()) != 0) return evidence::file_error("cannot sync", "the case");
    auto keys = evidence::make_folder_at(staging.imported(), key, true);
    if (!keys) return keys.error();
    const unsigned flags = replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (::renameat2(staging.folder(), received.case_id.c_str(), keys->get(), received.case_id.c_str(),
                    flags) != 0)
        return evidence::file_error("cannot name the folder", received.case_id);
    if (auto done = evidence::sync_folder(keys->get()); !done) return done;
    return evidence::sync_folder(staging.imported());
}

}  // namespace

Result<Imported> import_case(evidence::Store& store, const std::filesystem::path& archive,
                             const std::string& expected_key) {
    const auto path = std::filesystem::absolute(archive).lexically_normal();
    const auto parent = evidence::open_folder(path.parent_path());
    if (!parent) return parent.error();
    const auto file = evidence::open_file_at(parent->get(), path.filename().string());
    if (!file) return file.error();
    auto received = receive(file->get(), {});
    if (!received) return received.error();
    const auto& key = received->head.head.key_fingerprint;
    if (!expected_key.empty() && key != expected_key)
        return invalid("archive: expected a case signed by key " + expected_key + ", got one signed by " +
                       key);

    Imported imported{.id = imported_id(received->case_id, key),
                      .key_fingerprint = key,
                      .head = received->records.back().hash,
                      .records = received->records.size(),
                      .runs = received->head.head.runs,
                      .withheld = {}};
    for (const auto& one : received->exported.withheld) imported.withheld.push_back(one.path);

    auto staging = Staging::make(store.home());
    if (!staging) return staging.error();
    if (auto done = check_no_double(staging->imported(), key); !done) return done.error();
    const auto there = evidence::find_imported(store.home(), *parse_imported_id(imported.id));
    if (there) {
        const auto present = look_at(there->folder);
        if (!present)
            return invalid("case " + imported.id + " is here and damaged: " + present.error().message);
        const auto replace = replaces(*present, *received, imported.id);
        if (!replace) return replace.error();
        imported.was_here = !*replace;
        if (imported.was_here) return imported;
        imported.records_before = present->head.count;
    }
    if (auto done = check_room(staging->folder(), received->bytes); !done) return done.error();
    if (auto done = unpack(file->get(), *received, staging->folder()); !done) return done.error();
    const auto verified = evidence::verify_case(staging->path() / received->case_id, key, check_derived);
    if (!verified) return verified.error();
    if (verified->first_break)
        return invalid("archive: the case does not verify: " + verified->first_break->kind + " in " +
                       verified->first_break->where + ": " + verified->first_break->what);
    if (auto done = settle(*staging, *received, there.has_value()); !done) return done.error();
    return imported;
}

}  // namespace casefile::cases

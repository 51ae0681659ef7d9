#pragma once
// Files as evidence needs them: made new and never through a link, synced when asked, read in big blocks.
// Names are single components beneath an open folder, so that a link planted in between leads nowhere.

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace casefile::evidence {

/// `unavailable`, from errno; for a missing file `not_found`.
Error file_error(std::string_view what, std::string_view name);
/// The same error about a file whose bare name would tell a reader nothing: "runs/.2026….new: cannot make".
Error in_folder(std::string_view folder, Error error);

/// True for a name that stays beneath its folder: no slash, no leading dot, no control characters, at most
/// 200 bytes.
bool is_plain_name(std::string_view name);

/// Follows links: the path is the caller's own.
Result<Descriptor> open_folder(const std::filesystem::path& path);
Result<Descriptor> open_folder_at(int folder, const std::string& name);
/// A folder some components beneath an open one, none of which may be a link or lead out: the kernel sees to
/// it in one step. `unavailable`, with what to do, where the kernel cannot (Linux before 5.6, or a filter).
Result<Descriptor> open_folder_beneath(int folder, const std::string& path);
/// A regular file for reading; not_found when there is none, invalid_argument when it is a link or no file.
Result<Descriptor> open_file_at(int folder, const std::string& name);
/// A file that was not there before, mode 0600.
Result<Descriptor> create_file_at(int folder, const std::string& name);
/// A folder of mode 0700, opened. One that is there already is taken when `may_exist`.
Result<Descriptor> make_folder_at(int folder, const std::string& name, bool may_exist);
/// Names in a folder without "." and "..", sorted; limit_reached above a million.
Result<std::set<std::string>> names_in(int folder);
bool exists_at(int folder, const std::string& name);

Result<void> write_all(int file, std::string_view bytes);
/// On stable storage: the bytes and size of a file, or the names in a folder.
Result<void> sync_file(int file);
Result<void> sync_folder(int folder);

/// A file that takes the place of the one called `name` in one step, by way of `<name>.new`. A crash leaves
/// the old bytes or the new ones, and perhaps the file `<name>.new`. One writer at a time.
class FreshFile {
  public:
    static Result<FreshFile> make(int folder, const std::string& name);
    FreshFile(FreshFile&&) = default;
    /// Nothing stays of one that was not put in place.
    ~FreshFile();

    Result<void> write(std::string_view bytes) { return write_all(file_.get(), bytes); }
    Result<void> put_in_place(bool durable);

  private:
    FreshFile(int folder, std::string name, Descriptor file)
        : folder_(folder), name_(std::move(name)), file_(std::move(file)) {}
    std::string fresh_name() const { return name_ + ".new"; }

    int folder_;
    std::string name_;
    Descriptor file_;
};

/// The same with all its bytes at once.
Result<void> replace_file_at(int folder, const std::string& name, std::string_view bytes, bool durable);

/// The whole of a small file; limit_reached above `bytes_max`.
Result<std::string> read_whole(int file, std::uint64_t bytes_max);

struct Digest {
    std::uint64_t bytes = 0;
    std::string sha256;
};
/// Hashes a file of any size in constant memory.
Result<Digest> digest_of(int file);

}  // namespace casefile::evidence

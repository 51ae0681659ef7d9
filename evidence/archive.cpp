#include "evidence/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/hash.h"
#include "base/text.h"

namespace casefile::evidence {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;
/// Every entry was made at the beginning of 2020: a time before 1980 troubles some readers.
constexpr std::time_t entry_time = 1'577'836'800;

struct FreeEntry {
    void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};
using EntryPointer = std::unique_ptr<archive_entry, FreeEntry>;

std::string reason_of(archive* of) {
    const char* text = ::archive_error_string(of);
    return text == nullptr ? "unknown reason" : printable(shorten(text, 200));
}

Error bad_archive(const std::string& what) {
    return invalid("archive: " + what, "ask for the archive again; nothing of it was written");
}

}  // namespace

class ArchiveWriter::Impl {
  public:
    Impl(std::filesystem::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
    ~Impl() {
        if (writing_ != nullptr) ::archive_write_free(writing_);
        std::error_code ignored;
        if (!finished_) std::filesystem::remove(path_, ignored);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> begin() {
        writing_ = ::archive_write_new();
        // The header of gzip would tell the time.
        const bool ready =
            ::archive_write_set_format_pax_restricted(writing_) == ARCHIVE_OK &&
            ::archive_write_add_filter_gzip(writing_) == ARCHIVE_OK &&
            ::archive_write_set_options(writing_, "gzip:!timestamp,gzip:compression-level=6") == ARCHIVE_OK &&
            ::archive_write_open_fd(writing_, file_.get()) == ARCHIVE_OK;
        return ready ? Result<void>() : failed();
    }

    Result<void> header(const std::string& name, std::uint64_t bytes) {
        const EntryPointer entry(::archive_entry_new());
        ::archive_entry_set_pathname(entry.get(), name.c_str());
        ::archive_entry_set_filetype(entry.get(), AE_IFREG);
        ::archive_entry_set_perm(entry.get(), 0600);
        ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
        ::archive_entry_set_mtime(entry.get(), entry_time, 0);
        ::archive_entry_set_uid(entry.get(), 0);
        ::archive_entry_set_gid(entry.get(), 0);
        return ::archive_write_header(writing_, entry.get()) == ARCHIVE_OK ? Result<void>() : failed();
    }

    Result<void> data(std::string_view bytes) {
        if (bytes.empty()) return {};
        const auto written = ::archive_write_data(writing_, bytes.data(), bytes.size());
        return written == static_cast<la_ssize_t>(bytes.size()) ? Result<void>() : failed();
    }

    Result<Digest> finish() {
        if (::archive_write_close(writing_) != ARCHIVE_OK) return failed().error();
        if (auto done = sync_file(file_.get()); !done) return done.error();
        if (::lseek(file_.get(), 0, SEEK_SET) != 0)
            return file_error("cannot read", path_.filename().string());
        auto digest = digest_of(file_.get());
        finished_ = digest.has_value();
        return digest;
    }

  private:
    Result<void> failed() const {
        return unavailable("archive: cannot write: " + reason_of(writing_),
                           "free space where the archive goes, or choose another place with --output");
    }

    const std::filesystem::path path_;
    Descriptor file_;
    archive* writing_ = nullptr;
    bool finished_ = false;
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Result<ArchiveWriter> ArchiveWriter::create(const std::filesystem::path& file) {
    Descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!made && errno == EEXIST)
        return invalid(file.filename().string() + ": expected a file that is not there yet, got one that is",
                       "remove it, or choose another name with --output");
    if (!made) return file_error("cannot make", file.filename().string());
    auto impl = std::make_unique<Impl>(file, std::move(made));
    if (auto done = impl->begin(); !done) return done.error();
    return ArchiveWriter(std::move(impl));
}

Result<void> ArchiveWriter::add(const std::string& name, std::string_view bytes) {
    if (auto done = impl_->header(name, bytes.size()); !done) return done;
    return impl_->data(bytes);
}

Result<void> ArchiveWriter::add_file(const std::string& name, int file, const Digest& expected) {
    if (auto done = impl_->header(name, expected.bytes); !done) return done;
    const auto changed = [&] {
        return unavailable(name + ": it is not what its record names: expected " +
                               std::to_string(expected.bytes) + " bytes with SHA-256 " + expected.sha256,
                           "run casefile verify on the case");
    };
    Sha256 hash;
    std::uint64_t bytes = 0;
    std::vector<char> block(block_bytes);
    for (;;) {
        const auto got = ::read(file, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error("cannot read", name);
        if (got == 0) break;
        const std::string_view part(block.data(), static_cast<std::size_t>(got));
        bytes += part.size();
        if (bytes > expected.bytes) return changed();
        hash.update(part);
        if (auto done = impl_->data(part); !done) return done;
    }
    return bytes == expected.bytes && hash.hex() == expected.sha256 ? Result<void>() : changed();
}

Result<Digest> ArchiveWriter::finish() { return impl_->finish(); }

class ArchiveReader::Impl {
  public:
    explicit Impl(const ArchiveLimits& limits) : limits_(limits), reading_(::archive_read_new()) {}
    ~Impl() { ::archive_read_free(reading_); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> begin(int file) {
        ::archive_read_support_filter_gzip(reading_);
        ::archive_read_support_format_tar(reading_);
        if (::archive_read_open_fd(reading_, file, block_bytes) != ARCHIVE_OK) return bad();
        return {};
    }

    Result<std::optional<ArchiveEntry>> next() {
        for (;;) {
            archive_entry* entry = nullptr;
            const int code = ::archive_read_next_header(reading_, &entry);
            // gzip within gzip would multiply what a small file unfolds to.
            if (::archive_filter_count(reading_) > 2) return bad_archive("it is compressed more than once");
            if (code == ARCHIVE_EOF) return std::optional<ArchiveEntry>();
            if (code != ARCHIVE_OK) return bad().error();
            if (++entries_ > limits_.entries_max)
                return Error{ErrorKind::limit_reached, "archive: expected at most " +
                                                           std::to_string(limits_.entries_max) +
                                                           " entries, got more"};
            const char* name = ::archive_entry_pathname(entry);
            if (name == nullptr) return bad_archive("a name in it cannot be read");
            ArchiveEntry found{name, 0};
            const auto shown = "'" + printable(shorten(found.name, 200)) + "'";
            if (::archive_entry_hardlink(entry) != nullptr || ::archive_entry_symlink(entry) != nullptr)
                return bad_archive(shown + " is a link");
            const auto type = ::archive_entry_filetype(entry);
            if (type == AE_IFDIR) continue;
            if (type != AE_IFREG) return bad_archive(shown + " is neither a file nor a folder");
            if (::archive_entry_sparse_count(entry) > 0) return bad_archive(shown + " has holes");
            if (!::archive_entry_size_is_set(entry) || ::archive_entry_size(entry) < 0)
                return bad_archive(shown + " does not tell its size");
            found.bytes = static_cast<std::uint64_t>(::archive_entry_size(entry));
            if (found.bytes > limits_.bytes_max - std::min(limits_.bytes_max, bytes_)) return too_much();
            return std::optional<ArchiveEntry>(std::move(found));
        }
    }

    Result<std::size_t> read(std::span<char> into) {
        const auto got = ::archive_read_data(reading_, into.data(), into.size());
        if (got < 0) return bad().error();
        bytes_ += static_cast<std::uint64_t>(got);
        if (bytes_ > limits_.bytes_max) return too_much();
        return static_cast<std::size_t>(got);
    }

  private:
    Result<void> bad() const { return bad_archive("it cannot be read: " + reason_of(reading_)); }
    Error too_much() const {
        return {ErrorKind::limit_reached, "archive: expected at most " + std::to_string(limits_.bytes_max) +
                                              " bytes when unpacked, got more"};
    }

    const ArchiveLimits limits_;
    archive* reading_;
    std::size_t entries_ = 0;
    std::uint64_t bytes_ = 0;
};

ArchiveReader::ArchiveReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(int file, const ArchiveLimits& limits) {
    auto impl = std::make_unique<Impl>(limits);
    if (auto done = impl->begin(file); !done) return done.error();
    return ArchiveReader(std::move(impl));
}

Result<std::optional<ArchiveEntry>> ArchiveReader::next() { return impl_->next(); }
Result<std::size_t> ArchiveReader::read(std::span<char> into) { return impl_->read(into); }

}  // namespace casefile::evidence

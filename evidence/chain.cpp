#include "evidence/chain.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "evidence/files.h"
#include "evidence/merkle.h"
#include "evidence/record_line.h"

namespace casefile::evidence {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;

/// Looks at one line in its place. A record that carries a good signature was written by casefile: when it
/// does not fit, records around it are missing, moved or repeated. Without one, the line itself was changed.
class Search {
  public:
    Search(const Chain& chain, const std::string& public_key, const std::optional<HeadFile>& head)
        : lines_(chain.lines), public_key_(public_key), head_(head) {}

    std::optional<Break> run() const {
        std::string prev(no_hash);
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const auto& line = lines_[i];
            if (!line) return Break{"record altered", line_name(i), line.error().message};
            const bool fits = line->n == i + 1 && line->prev == prev;
            const bool genuine = public_key_.empty() || is_signed_by(*line, public_key_);
            if (!genuine) return fits ? forged(i, prev) : altered(i, "its signature does not match it");
            if (!fits) return misplaced(i);
            prev = line->hash;
        }
        return std::nullopt;
    }

  private:
    static Break altered(std::size_t i, std::string what) {
        return {"record altered", line_name(i), std::move(what)};
    }

    /// The line continues the chain, yet the key did not sign it.
    Break forged(std::size_t i, const std::string& prev) const {
        const auto& line = *lines_[i];
        const auto* next = i + 1 < lines_.size() && lines_[i + 1] ? &*lines_[i + 1] : nullptr;
        const bool covered = next != nullptr
                                 ? next->prev == line.hash
                                 : head_ && head_->head.count == line.n && head_->head.hash == line.hash;
        if (covered)
            return {"signature wrong", line_name(i), "the record is not signed by the key of head.json"};
        if (next != nullptr && next->n == line.n && next->prev == prev)
            return {"record added", line_name(i),
                    "it is not signed, and the record that follows claims the same place"};
        if (i + 1 == lines_.size() && head_ && head_->head.count == i)
            return {"record added", line_name(i), "it is not signed, and head.json ends before it"};
        return altered(i, "its signature does not match it");
    }

    /// The line is signed, yet it does not continue the one before it.
    Break misplaced(std::size_t i) const {
        const auto& line = *lines_[i];
        const std::uint64_t expected = i + 1;
        const auto place =
            "expected record " + std::to_string(expected) + ", got record " + std::to_string(line.n);
        if (line.n < expected) {
            const bool same = lines_[line.n - 1]->hash == line.hash;
            return {same ? "record duplicated" : "record reordered", line_name(i), place};
        }
        if (line.n > expected) {
            const bool later = std::any_of(lines_.begin() + static_cast<std::ptrdiff_t>(i), lines_.end(),
                                           [&](const auto& other) { return other && other->n == expected; });
            return {later ? "record reordered" : "record removed", line_name(i), place};
        }
        return {"record replaced", line_name(i), "its prev is not the hash of the record before it"};
    }

    const std::vector<Result<Record>>& lines_;
    const std::string& public_key_;
    const std::optional<HeadFile>& head_;
};

}  // namespace

std::string line_name(std::size_t index) {
    return std::string(chain_name) + " line " + std::to_string(index + 1);
}

Result<std::uint64_t> for_each_line(int file, std::uint64_t offset,
                                    const std::function<Result<void>(std::string_view, std::uint64_t)>& take,
                                    std::uint64_t end) {
    struct stat info {};
    if (::fstat(file, &info) != 0) return file_error("cannot look at", chain_name);
    const auto left = std::max<std::int64_t>(info.st_size - static_cast<std::int64_t>(offset), 1);
    // No more than there is: a follower reads a line or two.
    std::vector<char> block(std::min(block_bytes, static_cast<std::size_t>(left)));
    std::string line;
    std::uint64_t line_start = offset;
    for (;;) {
        const auto wanted = std::min<std::uint64_t>(block.size(), end - std::min(offset, end));
        const auto got = ::pread(file, block.data(), wanted, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error("cannot read", chain_name);
        if (got == 0) return line_start;
        std::string_view rest(block.data(), static_cast<std::size_t>(got));
        while (!rest.empty()) {
            const auto line_end = rest.find('\n');
            const auto piece = rest.substr(0, line_end);
            line += piece.substr(0, line_bytes_max + 1 - std::min(line.size(), line_bytes_max + 1));
            offset += piece.size();
            if (line_end == std::string_view::npos) break;
            if (auto done = take(line, line_start); !done) return done.error();
            line.clear();
            line_start = ++offset;
            rest.remove_prefix(line_end + 1);
        }
    }
}

Result<Chain> load_chain(int file, std::uint64_t bytes) {
    if (bytes > chain_bytes_max)
        return Error{ErrorKind::limit_reached, std::string(chain_name) + ": expected at most 1 GiB, got " +
                                                   std::to_string(bytes) + " bytes"};
    Chain chain;
    auto end = for_each_line(
        file, 0,
        [&](std::string_view line, std::uint64_t) -> Result<void> {
            // Checked, and not kept: the files themselves are what is read.
            Held held;
            chain.lines.push_back(parse_line(line, &held));
            return {};
        },
        bytes);
    if (!end) return end.error();
    chain.torn = bytes > *end;
    return chain;
}

Result<std::string> read_hash(int file, std::uint64_t offset, std::uint64_t end) {
    std::string hash;
    const auto take = [&](std::string_view line, std::uint64_t) -> Result<void> {
        const auto record = parse_line(line);
        if (!record) return broken_chain(std::string(chain_name) + ": " + record.error().message);
        hash = record->hash;
        return {};
    };
    if (auto done = for_each_line(file, offset, take, end); !done) return done.error();
    return hash;
}

Result<void> close_over(int file, json::object& body) {
    MerkleTree tree;
    auto end = for_each_line(file, 0, [&](std::string_view line, std::uint64_t) -> Result<void> {
        const auto record = parse_line(line);
        if (!record) return record.error();
        tree.add(record->hash);
        return {};
    });
    if (!end) return end.error();
    body["count"] = tree.size();
    body["root"] = tree.root();
    return {};
}

std::optional<Break> find_break(const Chain& chain, const std::string& public_key,
                                const std::optional<HeadFile>& head) {
    return Search(chain, public_key, head).run();
}

Result<void> read_records(int file, std::uint64_t offset, std::uint64_t n, std::uint64_t after,
                          const std::function<void(const Record&)>& take) {
    std::string prev = n == 0 ? std::string(no_hash) : std::string();
    auto end = for_each_line(file, offset, [&](std::string_view line, std::uint64_t) -> Result<void> {
        auto record = parse_line(line);
        if (!record) return broken_chain(line_name(n) + ": " + record.error().message);
        if (record->n != ++n || (!prev.empty() && record->prev != prev))
            return broken_chain(line_name(n - 1) + ": the record does not continue the one before");
        prev = record->hash;
        if (n > after) take(*record);
        return {};
    });
    return end ? Result<void>() : end.error();
}

Result<std::vector<Record>> read_chain(const std::filesystem::path& chain_file) {
    auto folder = open_folder(chain_file.parent_path().empty() ? "." : chain_file.parent_path());
    if (!folder) return folder.error();
    auto file = open_file_at(folder->get(), chain_file.filename());
    if (!file) return file.error();
    if (auto locked = lock_chain(file->get(), Lock::shared); !locked) return locked.error();
    struct stat info {};
    if (::fstat(file->get(), &info) != 0) return file_error("cannot look at", chain_name);
    unlock_chain(file->get());
    auto chain = load_chain(file->get(), static_cast<std::uint64_t>(info.st_size));
    if (!chain) return chain.error();
    if (auto found = find_break(*chain, {}, std::nullopt))
        return internal(found->where + ": " + found->kind + ": " + found->what,
                        "run casefile verify on the case");
    std::vector<Record> records;
    for (auto& line : chain->lines) records.push_back(*std::move(line));
    return records;
}

Result<Record> read_opening(const std::filesystem::path& chain_file, std::string_view public_key_base64) {
    auto folder = open_folder(chain_file.parent_path().empty() ? "." : chain_file.parent_path());
    if (!folder) return folder.error();
    // Without its lock: a first line that is whole never changes.
    auto file = open_file_at(folder->get(), chain_file.filename());
    if (!file) return file.error();
    Result<Record> opening = broken_chain("chain.jsonl has no record");
    // The error ends the reading behind the first line.
    static_cast<void>(
        for_each_line(file->get(), 0, [&](std::string_view line, std::uint64_t) -> Result<void> {
            opening = parse_line(line);
            return internal("the first line is all that is wanted");
        }));
    if (opening &&
        (opening->n != 1 || opening->kind != "opened" || !is_signed_by(*opening, public_key_base64)))
        return broken_chain(line_name(0) + ": expected the opening record, signed by the key of this home");
    return opening;
}

}  // namespace casefile::evidence

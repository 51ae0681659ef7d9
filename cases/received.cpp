#include "cases/received.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "evidence/attachments.h"
#include "evidence/chain.h"
#include "evidence/run_records.h"

namespace casefile::cases {
namespace {

constexpr std::size_t block_bytes = 256 * 1024, name_bytes_max = 255;
constexpr std::uint64_t small_bytes_max = 64 * 1024 * 1024;
constexpr std::string_view inspect_ending = ".inspect.md";

Error not_a_case(const std::string& what) {
    return invalid("archive: " + what,
                   "nothing was written; casefile export makes archives that can be imported");
}

std::string shown(std::string_view name) { return "'" + printable(shorten(name, 200)) + "'"; }

/// Letters, digits, dot, dash and underscore: the names that casefile makes, and no others.
bool is_member_part(std::string_view part) {
    return !part.empty() && part.size() <= 200 && part.front() != '.' && part.front() != '-' &&
           std::all_of(part.begin(), part.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

bool is_at_top(std::string_view name) {
    return name == evidence::chain_name || name == evidence::head_name || name == "case.json" ||
           name == evidence::export_list_name || name == evidence::export_page_name ||
           name.ends_with(inspect_ending);
}

/// The first pass over an archive.
class Reading {
  public:
    Result<void> take(evidence::ArchiveReader& archive, const evidence::ArchiveEntry& entry) {
        const auto name = parse_member_name(entry.name);
        if (!name) return not_a_case(shown(entry.name) + " is no name that a case has");
        if (out_.case_id.empty()) out_.case_id = name->case_id;
        if (out_.case_id != name->case_id) return not_a_case("it holds more than one case");
        auto* const kept = keeper_of(name->path);
        Sha256 hash;
        evidence::Digest digest;
        std::vector<char> block(block_bytes);
        for (;;) {
            const auto got = archive.read(block);
            if (!got) return got.error();
            if (*got == 0) break;
            const std::string_view part(block.data(), *got);
            hash.update(part);
            digest.bytes += part.size();
            if (kept != nullptr && digest.bytes > limit_of(name->path))
                return Error{ErrorKind::limit_reached, "archive: " + name->path + ": expected at most " +
                                                           std::to_string(limit_of(name->path)) +
                                                           " bytes, got more"};
            if (kept != nullptr) *kept += part;
        }
        if (digest.bytes != entry.bytes) return not_a_case(name->path + " is shorter than it claims");
        digest.sha256 = hash.hex();
        out_.bytes += digest.bytes;
        if (!out_.files.emplace(name->path, std::move(digest)).second)
            return not_a_case(name->path + " is in it twice");
        return {};
    }

    Result<Received> finish() {
        for (const auto* name : {evidence::chain_name, evidence::head_name, evidence::export_list_name})
            if (!out_.files.contains(name))
                return not_a_case(std::string("expected ") + name + " in it, got none");
        auto head = evidence::parse_head(head_);
        if (!head) return not_a_case(std::string("head.json: ") + head.error().message);
        out_.head = *std::move(head);
        if (auto done = check_chain(); !done) return done.error();
        auto list = evidence::parse_export_list(list_, out_.head);
        if (!list) return not_a_case(std::string("export.json: ") + list.error().message);
        out_.exported = *std::move(list);
        if (out_.exported.head.hash != out_.records.back().hash || out_.exported.case_id != out_.case_id)
            return not_a_case("export.json is of another case or of another state of it");
        if (auto done = check_files(); !done) return done.error();
        return std::move(out_);
    }

  private:
    std::string* keeper_of(std::string_view path) {
        return path == evidence::chain_name         ? &chain_
               : path == evidence::head_name        ? &head_
               : path == evidence::export_list_name ? &list_
                                                    : nullptr;
    }
    static std::uint64_t limit_of(std::string_view path) {
        return path == evidence::chain_name ? evidence::chain_bytes_max : small_bytes_max;
    }

    /// The chain as a file in memory, for the same checks that a chain on disk gets.
    Result<void> check_chain() {
        const Descriptor file(::memfd_create("chain", MFD_CLOEXEC));
        if (!file) return evidence::file_error("cannot hold", "the chain");
        if (auto done = evidence::write_all(file.get(), chain_); !done) return done;
        const std::uint64_t bytes = chain_.size();
        std::string().swap(chain_);
        if (::lseek(file.get(), 0, SEEK_SET) != 0) return evidence::file_error("cannot read", "the chain");
        auto chain = evidence::load_chain(file.get(), bytes);
        if (!chain) return chain.error();
        if (chain->torn) return not_a_case("chain.jsonl ends in an incomplete line");
        if (const auto found = evidence::find_break(*chain, out_.head.public_key, out_.head))
            return not_a_case("its chain does not hold: " + found->kind + " in " + found->where + ": " +
                              found->what);
        for (auto& line : chain->lines) out_.records.push_back(*std::move(line));
        if (out_.records.empty() || out_.head.head.count != out_.records.size() ||
            out_.head.head.hash != out_.records.back().hash)
            return not_a_case("head.json is not the end of its chain");
        if (out_.records.front().kind != "opened" ||
            string_or(out_.records.front().body, "case") != out_.case_id)
            return not_a_case("its chain is not that of " + out_.case_id);
        return {};
    }

    Result<void> check_file(const std::string& path, const std::string& sha256) {
        const auto file = out_.files.find(path);
        const auto is_this = [&](const evidence::ListedFile& one) {
            return one.path == path && one.sha256 == sha256;
        };
        if (file == out_.files.end()) {
            const auto& withheld = out_.exported.withheld;
            if (std::any_of(withheld.begin(), withheld.end(), is_this)) return {};
            return not_a_case(path + " is missing");
        }
        if (file->second.sha256 != sha256) return not_a_case(path + " is not what its record names");
        return {};
    }

    Result<void> check_files() {
        std::set<std::string> known;
        const auto check = [&](const std::string& path, const std::string& sha256) {
            known.insert(path);
            return check_file(path, sha256);
        };
        const auto runs = evidence::runs_of(out_.records);
        if (!runs) return not_a_case(runs.error().message);
        for (const auto& run : *runs)
            for (const auto& file : run.sealed ? run.files : run.asked) {
                const auto path = "runs/" + run.folder_name + "/" + file.path;
                known.insert(path);
                if (run.pruned.contains(file.path) && !out_.files.contains(path)) continue;
                if (auto done = check_file(path, file.sha256); !done) return done;
            }
        const auto attachments = evidence::attachments_of(out_.records);
        if (!attachments) return not_a_case(attachments.error().message);
        for (const auto& one : *attachments)
            if (auto done = check(one.path, one.sha256); !done) return done;
        for (const auto& listed : out_.exported.files)
            if (auto done = check(listed.path, listed.sha256); !done) return done;
        for (const auto& [path, digest] : out_.files)
            if (path.find('/') != std::string::npos && !known.contains(path))
                return not_a_case("no record names " + path);
        return {};
    }

    Received out_;
    std::string chain_, head_, list_;
};

}  // namespace

std::optional<MemberName> parse_member_name(std::string_view name) {
    if (name.size() > name_bytes_max) return std::nullopt;
    const auto parts = split(name, '/');
    if (parts.size() < 2 || !is_case_id(parts[0])) return std::nullopt;
    if (!std::all_of(parts.begin(), parts.end(), [](const auto& part) { return is_member_part(part); }))
        return std::nullopt;
    const bool known = parts.size() == 2   ? is_at_top(parts[1])
                       : parts.size() == 3 ? parts[1] == "drafts" || parts[1] == evidence::attachments_name
                                           : parts.size() == 4 && parts[1] == "runs";
    if (!known) return std::nullopt;
    return MemberName{parts[0], std::string(name.substr(parts[0].size() + 1))};
}

Result<Received> receive(int file, const evidence::ArchiveLimits& limits) {
    auto archive = evidence::ArchiveReader::open(file, limits);
    if (!archive) return archive.error();
    Reading reading;
    for (;;) {
        auto entry = archive->next();
        if (!entry) return entry.error();
        if (!*entry) return reading.finish();
        if (auto done = reading.take(*archive, **entry); !done) return done.error();
    }
}

}  // namespace casefile::cases

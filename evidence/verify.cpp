#include "evidence/verify.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <span>
#include <variant>

#include "base/ids.h"
#include "base/text.h"
#include "evidence/anchors.h"
#include "evidence/chain.h"
#include "evidence/merkle.h"
#include "evidence/record_line.h"
#include "evidence/store.h"
#include "evidence/verify_files.h"

namespace casefile::evidence {
namespace {

/// Chain and head as one writer left them, under the lock that a writer holds for both: the length of the
/// one, and the other. What is in a chain up to there does not change any more, so that it is read without
/// holding anyone up.
struct Snapshot {
    Chain chain;
    std::optional<HeadFile> head;
    std::optional<Break> first_break;  ///< one of the two is missing or is no such file
};

/// A chain that is replaced while it is being locked is opened anew.
Result<Descriptor> lock_snapshot(int case_folder) {
    for (int attempts_left = 10;; --attempts_left) {
        auto file = open_file_at(case_folder, chain_name);
        if (!file) return file;
        if (auto locked = lock_chain(file->get(), Lock::shared); !locked) return locked.error();
        struct stat here {
        }, there{};
        if (::fstat(file->get(), &here) != 0) return file_error("cannot look at", chain_name);
        const bool same = ::fstatat(case_folder, chain_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                          here.st_ino == there.st_ino && here.st_dev == there.st_dev;
        if (same || attempts_left == 0) return file;
    }
}

Result<Snapshot> take_snapshot(int case_folder) {
    Snapshot snapshot;
    auto file = lock_snapshot(case_folder);
    if (!file && file.error().kind == ErrorKind::unavailable) return file.error();
    if (!file) {
        const bool missing = file.error().kind == ErrorKind::not_found;
        snapshot.first_break =
            Break{missing ? "file missing" : "file altered", chain_name, file.error().message};
        return snapshot;
    }
    struct stat info {};
    if (::fstat(file->get(), &info) != 0) return file_error("cannot look at", chain_name);
    auto head = load_head(case_folder);
    unlock_chain(file->get());
    if (!head && head.error().kind == ErrorKind::unavailable) return head.error();
    if (!head)
        snapshot.first_break = Break{"file altered", head_name, head.error().message};
    else if (!*head)
        snapshot.first_break =
            Break{"file missing", head_name, "expected the signed head of the chain, got nothing"};
    else
        snapshot.head = *std::move(*head);
    auto chain = load_chain(file->get(), static_cast<std::uint64_t>(info.st_size));
    if (!chain) return chain.error();
    snapshot.chain = *std::move(chain);
    return snapshot;
}

Head head_of(std::span<const Record> records, const HeadFile& file) {
    Head head{0, 0, std::string(no_hash), file.head.key_fingerprint};
    if (records.empty()) return head;
    head.count = records.size();
    head.hash = records.back().hash;
    head.runs = static_cast<std::uint64_t>(std::count_if(
        records.begin(), records.end(), [](const auto& record) { return record.kind == "run"; }));
    return head;
}

/// head.json may be behind the chain, as a crash or a server that writes leaves it, but has to be one of the
/// chain's earlier ends.
std::optional<Break> check_head(const HeadFile& file, const std::vector<Record>& records, Verification& out) {
    const auto count = file.head.count;
    if (count > records.size())
        return Break{"tail cut", chain_name,
                     "expected " + std::to_string(count) + " records as in head.json, got " +
                         std::to_string(records.size())};
    if (records.empty()) return Break{"file missing", chain_name, "expected the records of a case, got none"};
    const auto then = head_of(std::span(records).first(count), file);
    if (then.hash != file.head.hash || then.runs != file.head.runs)
        return Break{"head differs", head_name,
                     "its hash or its number of runs is not that of record " + std::to_string(count)};
    if (const auto behind = records.size() - count; behind > 0)
        out.not_proved.push_back(
            "head.json is " + std::to_string(behind) + (behind == 1 ? " record" : " records") +
            " behind the chain, as it is for a moment while a server writes, or after an "
            "interrupted write");
    return std::nullopt;
}

/// The id by the first record; the unfiled calls have none.
std::string case_of(const std::vector<Record>& records) {
    return records.front().kind == "opened" ? string_or(records.front().body, "case") : unfiled;
}

/// A folder that has the name of a case holds that one. Under any other name it is a copy.
std::optional<Break> check_name(const std::filesystem::path& folder, const std::vector<Record>& records) {
    const auto path = std::filesystem::absolute(folder).lexically_normal();
    const auto name = (path.has_filename() ? path : path.parent_path()).filename().string();
    const auto id = case_of(records);
    if (name == id || (name != unfiled && !is_case_id(name))) return std::nullopt;
    return Break{"file renamed", ".",
                 "the folder " + name + " holds the records of " + printable(shorten(id, 40))};
}

/// Every closing record tells of the records before it.
std::optional<Break> check_closings(const std::vector<Record>& records, Verification& out) {
    MerkleTree tree;
    for (const auto& record : records) {
        const auto* count = member(record.body, "count");
        if (record.kind == "closed" && count != nullptr) {
            Closing closing{record.n, tree.size(), tree.root()};
            if (*count != tree.size() || string_or(record.body, "root") != closing.root)
                return Break{
                    "records disagree", chain_name,
                    line_name(record.n - 1) + ": its count and root are not those of the records before it"};
            out.closed = std::move(closing);
        }
        tree.add(record.hash);
    }
    return std::nullopt;
}

/// What a record told that it holds is there, unless it was destroyed on record or withheld by an export.
std::optional<Break> check_held(const std::vector<Record>& records, const Expected& expected) {
    PrunedFiles gone;
    for (const auto& run : expected.runs) {
        for (const auto& [path, what] : run.pruned) gone.emplace(run.run_id, path);
        const auto folder = "runs/" + run.folder_name + "/";
        if (!expected.exported) continue;
        for (const auto& file : expected.exported->withheld)
            if (file.path.starts_with(folder)) gone.emplace(run.run_id, file.path.substr(folder.size()));
    }
    for (const auto& record : records) {
        const auto* names = member(record.body, "held");
        if (names == nullptr || !names->is_array() || (record.kind != "run" && record.kind != "sealed"))
            continue;
        for (const auto& name : names->get_array()) {
            const auto text = name.is_string() ? std::string(name.get_string()) : std::string();
            if (std::find(record.held.begin(), record.held.end(), text) == record.held.end() &&
                !gone.contains({string_or(record.body, "run_id"), text}))
                return Break{"record altered", line_name(record.n - 1),
                             "it held '" + printable(text) + "', which is gone"};
        }
    }
    return std::nullopt;
}

/// A case goes on while it is verified: what does not agree may be explained by what came since.
bool has_grown(const std::filesystem::path& folder, const Verification& seen) {
    const auto records = read_chain(folder / chain_name);
    return records && seen.records > 0 && records->size() > seen.records;
}

/// What the records name. In a folder that was exported, with what was left out of it.
Result<std::variant<Expected, Break>> expected_files(int case_folder, const std::vector<Record>& records,
                                                     const HeadFile& head) {
    Expected expected;
    auto runs = runs_of(records);
    if (!runs) return Break{"records disagree", chain_name, runs.error().message};
    expected.runs = *std::move(runs);
    auto attachments = attachments_of(records);
    if (!attachments) return Break{"records disagree", chain_name, attachments.error().message};
    expected.attachments = *std::move(attachments);
    auto exported = load_export_list(case_folder, head);
    if (!exported && exported.error().kind == ErrorKind::unavailable) return exported.error();
    if (!exported) return Break{"file altered", export_list_name, exported.error().message};
    expected.exported = *std::move(exported);
    if (expected.exported && (expected.exported->head.count != records.size() ||
                              expected.exported->head.hash != records.back().hash))
        return Break{"head differs", export_list_name, "it is the list of another state of the case"};
    return expected;
}

void say_what_stays_open(const Snapshot& snapshot, bool key_is_known, bool derived_are_checked,
                         Verification& out) {
    if (!key_is_known)
        out.not_proved.push_back("the signer is not established: compare key fingerprint " +
                                 out.head.key_fingerprint + " with one that the owner gave you");
    if (!out.withheld.empty())
        out.not_proved.push_back(std::to_string(out.withheld.size()) +
                                 " files were withheld when the case was exported; whoever has one can hold "
                                 "it against its hash");
    if (out.anchored == 0)
        out.not_proved.push_back(
            "a tail that was cut off together with an older head.json cannot be seen from the folder: "
            "compare "
            "the count and the head hash with those in a write-up, a log or an anchor file (--anchors)");
    out.not_proved.push_back("times are those of the clock of the machine that wrote the records");
    if (snapshot.chain.torn)
        out.not_proved.push_back(
            "chain.jsonl ends in an incomplete line, as an interrupted write leaves it; it is no "
            "evidence");
    if (!derived_are_checked)
        out.not_proved.push_back("case.json and the inspect log were not compared with the journal");
}

Result<Verification> verify_once(const std::filesystem::path& folder, const std::string& expected_key,
                                 const CheckDerived& check_derived, const std::filesystem::path& anchors) {
    Verification out;
    const auto broken = [&out](Break found) {
        out.first_break = std::move(found);
        return out;
    };
    auto opened = open_folder(folder);
    if (!opened) return opened.error();
    auto listing = list_case(opened->get());
    if (!listing) return listing.error();
    auto snapshot = take_snapshot(opened->get());
    if (!snapshot) return snapshot.error();
    if (snapshot->first_break) return broken(*snapshot->first_break);
    const auto& head = *snapshot->head;
    out.head.key_fingerprint = head.head.key_fingerprint;
    if (!expected_key.empty() && expected_key != head.head.key_fingerprint)
        return broken({"wrong key", head_name,
                       "expected key fingerprint " + expected_key + ", got " + head.head.key_fingerprint});

    if (auto found = find_break(snapshot->chain, head.public_key, head)) return broken(*found);
    std::vector<Record> records;
    for (auto& line : snapshot->chain.lines) records.push_back(*std::move(line));
    out.head = head_of(records, head);
    out.records = out.head.count;
    out.runs = out.head.runs;
    if (auto found = check_head(head, records, out)) return broken(*found);

    if (auto found = check_name(folder, records)) return broken(*found);
    if (!anchors.empty()) {
        auto found = check_anchors(anchors, case_of(records), records, out.head.key_fingerprint, out);
        if (!found) return found.error();
        if (*found) return broken(**found);
    }

    auto expected = expected_files(opened->get(), records, head);
    if (!expected) return expected.error();
    if (const auto* wrong = std::get_if<Break>(&*expected)) return broken(*wrong);
    const auto& named = std::get<Expected>(*expected);
    if (auto found = check_held(records, named)) return broken(*found);
    if (auto found = check_closings(records, out)) return broken(*found);
    auto found = check_files(opened->get(), *listing, named, out);
    if (!found) return found.error();
    if (*found) return broken(**found);
    if (check_derived)
        if (auto derived = check_derived(folder, records, &out.not_proved)) return broken(*derived);

    say_what_stays_open(*snapshot, !expected_key.empty(), static_cast<bool>(check_derived), out);
    out.ok = true;
    return out;
}

}  // namespace

Result<Verification> verify_case(const std::filesystem::path& folder, const std::string& expected_key,
                                 const CheckDerived& check_derived, const std::filesystem::path& anchors) {
    for (int attempts_left = 3;;) {
        auto found = verify_once(folder, expected_key, check_derived, anchors);
        if (!found || found->ok || --attempts_left == 0 || !has_grown(folder, *found)) return found;
    }
}

}  // namespace casefile::evidence

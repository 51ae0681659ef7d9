#include "evidence/verify.h"

#include <algorithm>
#include <span>

#include "evidence/chain.h"
#include "evidence/record_line.h"
#include "evidence/verify_files.h"

namespace casefile::evidence {
namespace {

/// Chain and head as one writer left them: both are read under the lock that a writer holds for both.
struct Snapshot {
    Chain chain;
    std::optional<HeadFile> head;
    std::optional<Break> first_break;  ///< one of the two is missing or is no such file
};

Result<Snapshot> take_snapshot(int case_folder) {
    Snapshot snapshot;
    auto file = open_file_at(case_folder, chain_name);
    if (!file && file.error().kind == ErrorKind::unavailable) return file.error();
    if (!file) {
        const bool missing = file.error().kind == ErrorKind::not_found;
        snapshot.first_break =
            Break{missing ? "file missing" : "file altered", chain_name, file.error().message};
        return snapshot;
    }
    if (auto locked = lock_chain(file->get(), Lock::shared); !locked) return locked.error();
    auto head = load_head(case_folder);
    if (!head && head.error().kind == ErrorKind::unavailable) return head.error();
    if (!head)
        snapshot.first_break = Break{"file altered", head_name, head.error().message};
    else if (!*head)
        snapshot.first_break =
            Break{"file missing", head_name, "expected the signed head of the chain, got nothing"};
    else
        snapshot.head = *std::move(*head);
    auto chain = load_chain(file->get());
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

/// head.json may be behind the chain, as a crash leaves it, but has to be one of the chain's earlier ends.
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
    if (count < records.size())
        out.not_proved.push_back("head.json is " + std::to_string(records.size() - count) +
                                 " records behind the chain, as an interrupted write leaves it");
    return std::nullopt;
}

void say_what_stays_open(const Snapshot& snapshot, bool key_is_known, bool derived_are_checked,
                         Verification& out) {
    if (!key_is_known)
        out.not_proved.push_back("the signer is not established: compare key fingerprint " +
                                 out.head.key_fingerprint + " with one that the owner gave you");
    out.not_proved.push_back(
        "a tail that was cut off together with an older head.json cannot be seen from the folder: compare "
        "the count "
        "and the head hash with those in a write-up or a log");
    out.not_proved.push_back("times are those of the clock of the machine that wrote the records");
    if (snapshot.chain.torn)
        out.not_proved.push_back(
            "chain.jsonl ends in an incomplete line, as an interrupted write leaves it; it is no "
            "evidence");
    if (!derived_are_checked)
        out.not_proved.push_back("case.json and the inspect log were not compared with the journal");
}

}  // namespace

Result<Verification> verify_case(const std::filesystem::path& folder, const std::string& expected_key,
                                 const CheckDerived& check_derived) {
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

    auto runs = runs_of(records);
    if (!runs) return broken({"records disagree", chain_name, runs.error().message});
    auto found = check_files(opened->get(), *listing, *runs, out);
    if (!found) return found.error();
    if (*found) return broken(**found);
    if (check_derived)
        if (auto derived = check_derived(folder, records)) return broken(*derived);

    say_what_stays_open(*snapshot, !expected_key.empty(), static_cast<bool>(check_derived), out);
    out.ok = true;
    return out;
}

}  // namespace casefile::evidence

#pragma once
// The journal of one case: chain.jsonl, one record a line, each signed and holding the hash of the one
// before. docs/evidence-format.md says it byte for byte.
//
//   {n, kind, at, prev, body, body_sha256, sig}, written as canonical JSON (RFC 8785)
//   body_sha256 = SHA-256 of canonical(body)
//   hash = SHA-256 of canonical({n, kind, at, prev, body_sha256})
//   prev = hash of the record before, 64 zeros in the first; n counts from 1
//   sig = Ed25519 of the 32 raw bytes of hash, base64
//
// Several threads and processes may append to one journal: a file lock orders them, and each sees the others'
// records before it adds its own. Writing a line and syncing it are two steps, so that calls in flight share
// their syncs: one of those that wait syncs for all.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "evidence/settler.h"
#include "evidence/signing_key.h"

namespace casefile::evidence {

struct Record {
    std::uint64_t n = 0;
    std::string kind;  ///< opened, run, sealed, interrupted, grant, entry, status, attachment, draft, pruned,
                       ///< closed
    std::string at;    ///< RFC 3339
    std::string prev;
    json::object body;
    std::string body_bytes;  ///< the body as it stands in the line: what was hashed
    std::string body_sha256;
    std::string sig;
    std::string hash;               ///< computed
    std::vector<std::string> held;  ///< names of the files beside the body, where the reader asked for them
};

using RecordPtr = std::shared_ptr<const Record>;

/// Files that a record holds beside its body, by name. They are no part of the record's hash: the body has
/// theirs.
using Held = std::map<std::string, std::string>;

/// Files that a record of kind pruned names, by run id and name.
using PrunedFiles = std::set<std::pair<std::string, std::string>>;

/// Where the chain ends; head.json holds the same, signed.
struct Head {
    std::uint64_t count = 0;
    std::uint64_t runs = 0;  ///< records of kind run, so the next run's sequence number is runs + 1
    std::string hash;        ///< 64 zeros while count is 0
    std::string key_fingerprint;
};

/// Where the heads of all cases are told once more, outside the home (evidence/anchors.h).
struct AnchorFile {
    std::filesystem::path path;
    std::function<void(const Error&)> on_failure;  ///< once for each time that it fails after it worked
    std::atomic<bool> failing = false;
};

class Journal {
  public:
    /// With a settler, which has to outlive the journal's last use, head.json follows enter() in a moment;
    /// without one only append() writes it. `anchors` gets a line for each head.
    Journal(std::filesystem::path folder, const SigningKey& key, const Clock& clock,
            Settler* settler = nullptr, AnchorFile* anchors = nullptr);
    ~Journal();

    /// Adds one record. When it returns, the record is on stable storage, and head.json tells of it. `body`
    /// is called with the head under the lock, once, so that it can hold a number in sequence. A last line
    /// without its newline, left by a crash, was never acknowledged and is cut off first. Errors:
    /// `unavailable` when the record cannot be made durable (disk full, folder gone); `denied` when another
    /// key signed the chain; `internal` when the chain does not hold. Then nothing was added. A record of
    /// kind closed gets `count` and `root`, over all records before it.
    Result<Record> append(std::string_view kind, const std::function<json::object(const Head&)>& body);
    Result<Record> append(std::string_view kind, json::object body);

    /// A record that has its place in the chain and can be read. Until wait() has returned nobody may rely on
    /// it, as a power failure or an error of the disk may take it back.
    struct Entered {
        RecordPtr record;
        std::shared_ptr<void> batch;
    };
    Result<Entered> enter(std::string_view kind, const std::function<json::object(const Head&)>& body,
                          const Held& held);
    /// When this returns without an error, the record is on stable storage, and every one before it.
    Result<void> wait(const Entered& entered);

    /// Every record so far, checked link by link (not the signatures); internal error on a break.
    Result<std::vector<Record>> records();
    /// Hands over those with n > `after` one by one, as there may be more than memory should hold. `take`
    /// must not use the journal. On an error what was handed over is the beginning of the chain.
    Result<void> each_after(std::uint64_t after, const std::function<void(const Record&)>& take);
    Result<Head> head();
    /// The hash of record `n`, counted from 1; empty where there is none. Reads one line at most.
    Result<std::string> hash_of(std::uint64_t n);

    /// Destroys what the records hold of these files. Nothing that is hashed or signed changes, so the chain
    /// stays what it is; a record of kind pruned has to name the files before.
    Result<void> drop_held(const PrunedFiles& files);

    /// Closes what a writer keeps open, until the next operation.
    void rest();

    const std::filesystem::path& folder() const;
    /// Of the key that signs.
    const std::string& key_fingerprint() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads a chain file from anywhere, for verification and tests; says which line is broken and how.
Result<std::vector<Record>> read_chain(const std::filesystem::path& chain_file);

/// The first record alone, when it is one of kind opened that this key signed: whose a case is, it tells
/// although what follows does not hold.
Result<Record> read_opening(const std::filesystem::path& chain_file, std::string_view public_key_base64);

/// Recomputes body_sha256 and the hash of one record.
std::string hash_of(const Record& record);

/// True when the record's signature is one of this key over its hash.
bool is_signed_by(const Record& record, std::string_view public_key_base64);

}  // namespace casefile::evidence

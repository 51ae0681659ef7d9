#pragma once
// What the tool takes, and what it means.

#include "tools/diff/key_template.h"
#include "tools/diff/redis_reader.h"
#include "tools/diff/rules.h"
#include "tools/tool_spec.h"

namespace casefile::tools::diff {

struct MysqlArgs {
    std::string sql;
};
struct RedisArgs {
    std::string key_template, type = "auto";
};
struct CsvArgs {
    std::string text;
};
struct AttachmentArgs {
    std::string name;
};
struct EvidenceArgs {
    std::string run, file;
};
/// Exactly one of the six.
struct SideArgs {
    std::optional<MysqlArgs> mysql;
    std::optional<RedisArgs> redis;
    std::optional<CsvArgs> csv;
    std::optional<AttachmentArgs> attachment;
    std::optional<EvidenceArgs> evidence;
    std::optional<std::string> symptom;  ///< "expected" or "actual", as the case tells it
    std::optional<std::string> env;
};

struct CompareArgs {
    std::vector<std::string> ignore;
    json::object rename, tolerance, read_as;
    std::optional<std::string> timezone;
    std::int64_t settle_ms = 200;
    bool left_over = false;
};

struct Args {
    SideArgs left, right;
    std::vector<std::string> key, fields;
    std::optional<CompareArgs> compare;
};

Schema<Args> args_schema();

/// One side, checked: which of the six it is stands in `args`.
struct SideRequest {
    std::string name;  ///< "left" or "right"
    SideArgs args;
    std::string env;                        ///< of mysql and redis
    std::vector<std::string> key_fields;    ///< under the names of this side
    std::optional<KeyTemplate> redis_keys;  ///< bound to the key fields
    RedisType redis_type = RedisType::automatic;
};

struct Request {
    SideRequest left, right;
    Rules rules;
};

/// A side without an environment takes that of the call, or the only one that is confirmed for the case.
Result<Request> read_request(const Args& args, Workbench& bench, const Situation& call);

/// Where the side's records come from, for the script of the run.
json::object told(const SideRequest& side);
/// The same for the files of the answer: of a statement its hash, and the tables that it names. An export
/// takes them along, and leaves the script out.
json::object told_to_all(const SideRequest& side);
json::object told(const Rules& rules);

/// What the side will send: its statement; for Redis one command of each form, with a key in the form of all
/// keys.
policy::Intent intent_of(const SideRequest& side, const Rules& rules);

}  // namespace casefile::tools::diff

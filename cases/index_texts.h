#pragma once
// What a search looks through: the fields of a case, its entries, the scripts, logs and heads of outputs of
// its runs, and its documents.

#include <functional>

#include "cases/case.h"

namespace casefile::cases {

struct IndexText {
    std::string kind;  ///< case, note, finding …, run, script, log, output, attachment
    std::string runs;  ///< ids of the runs behind it, at most three
    std::string text;
};

/// Texts that come and go together. The key is theirs alone within the case, and changes when they change.
struct IndexUnit {
    std::string key;
    std::function<std::vector<IndexText>()> texts;  ///< reads the files of a run; called when they are wanted
};

/// `folder` is that of the case. A file that is gone, or is a link, has no text.
std::vector<IndexUnit> index_units(const CaseState& state, const std::filesystem::path& folder);

enum class ScriptKind { sql, redis, json };

/// What was asked of which table, key pattern, topic or group, and no value that it was asked for: SQL
/// without what stands in quotes and without numbers; Redis commands also without every word that has a
/// digit; of JSON the members' names, the texts that are names, and the SQL and key patterns in it.
std::string without_literals(std::string_view script, ScriptKind kind);

}  // namespace casefile::cases

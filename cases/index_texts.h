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

/// How many of a case's entries, runs and attachments, from the first on, have the texts that they will
/// always have: up to the first run that is still open.
struct SettledTexts {
    std::size_t entries = 0, runs = 0, attachments = 0;
};
/// Looks at the runs from the place `from` on: those before it are known to be settled.
SettledTexts settled_texts(const CaseState& state, std::size_t from = 0);

/// Shows all that is not among `settled`, one after the other. `folder` is that of the case. A file that is
/// gone, or is a link, has no text.
void visit_index_units(const CaseState& state, const std::filesystem::path& folder,
                       const SettledTexts& settled, const std::function<void(const IndexUnit&)>& visit);

enum class ScriptKind { sql, redis, json };

/// What was asked of which table, key pattern, topic or group, and no value that it was asked for: SQL
/// without what stands in quotes and without numbers; Redis commands also without every word that has a
/// digit; of JSON the members' names, the texts that are names, and the SQL and key patterns in it.
std::string without_literals(std::string_view script, ScriptKind kind);

}  // namespace casefile::cases

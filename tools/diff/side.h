#pragma once
// One side of a comparison: something that holds records with keys.

#include <optional>
#include <string>
#include <vector>

#include "sources/source.h"
#include "tools/diff/key_template.h"
#include "tools/diff/value.h"

namespace casefile::tools::diff {

/// `values` are those of the fields that the side was asked for, in that order.
struct Record {
    Key key;
    std::vector<Value> values;

    /// About what it takes in memory.
    std::size_t bytes() const;
};

/// Takes the records of a side as they arrive.
class RecordSink {
  public:
    virtual ~RecordSink() = default;
    /// The side's fields, once, before its first record. Gives those that the sink wants, in order.
    virtual Result<std::vector<std::string>> choose(const std::vector<std::string>& names) = 0;
    /// Returning false ends the stream.
    virtual Result<bool> take(Record record) = 0;
    /// A record to fill anew: what it holds is of no use but for its memory.
    virtual Record spare() { return {}; }
};

/// From when to when a side was read. RFC 3339; empty while it was not read.
struct ReadTime {
    std::string from, until;
};

/// Used by one thread. Errors about records name the side.
class Side {
  public:
    virtual ~Side() = default;

    /// Hands over every record, and keeps none.
    virtual Result<void> stream(RecordSink& sink, const sources::Control& control) = 0;

    /// Reads single records again, with the fields that the sink chose: one for each key, in order, nothing
    /// where there is none. Only of sides that change.
    virtual Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                               const sources::Control& control) = 0;

    /// True once look_up() failed because two records have one key.
    virtual bool found_duplicate() const { return false; }

    /// False for documents: what they held once, they hold.
    virtual bool changes() const = 0;
    virtual ReadTime read_time() const = 0;
    /// About how many records it has, where that can be told; may be asked while another thread streams.
    virtual std::optional<std::int64_t> records_about(const sources::Control&) { return std::nullopt; }
};

/// Where the columns of these names stand. `side` is "left" or "right". The error says which columns there
/// are, or which one is there twice.
Result<std::vector<std::size_t>> find_columns(const std::string& side, const std::vector<std::string>& names,
                                              const std::vector<std::string>& wanted);

/// A key that names two records is no key. Told where it is seen: among sorted records; where records are
/// looked up in Redis, among neighbours, among the records of a document, among all where left-over keys are
/// looked for, and among those that are read again.
Error duplicate_key(const std::string& side, const Key& key);

/// `place` is for example "row 17".
Error null_key(const std::string& side, const std::string& field, const std::string& place);

}  // namespace casefile::tools::diff

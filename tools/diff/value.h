#pragma once
// One value of one side, with as much of its type as the side could tell.

#include <string>
#include <string_view>

#include "base/json.h"
#include "tools/diff/exact_json.h"

namespace casefile::tools::diff {

struct Value {
    enum class Kind {
        missing,     ///< the record has no such field
        unset,       ///< a Redis hash has no such field, which is its only way to hold NULL
        null,        ///< NULL, JSON null
        boolean,     ///< JSON true and false
        number,      ///< a numeric column, a JSON number: exactly as written
        text,        ///< a text or time column, a JSON string: said to be text
        moment,      ///< a TIMESTAMP column: text, of a time in UTC
        untyped,     ///< CSV, hash fields, plain Redis values: text that may stand for anything
        object,      ///< JSON, as it was written or with its members sorted
        array,       ///< likewise
        other_type,  ///< the key holds another type of value; `text` names it
    };
    Kind kind = Kind::missing;
    std::string text = {};  ///< raw bytes; empty for missing, unset and null

    bool operator==(const Value&) const = default;
    bool is_absent() const { return kind == Kind::missing || kind == Kind::unset; }
    bool is_text() const { return kind == Kind::text || kind == Kind::moment || kind == Kind::untyped; }
};

Value value_of(const ExactJson& json);

/// The value for people and files: null for NULL, text for all else; bytes that are no UTF-8 as "base64:…".
json::value shown(const Value& value, std::size_t bytes_max);

}  // namespace casefile::tools::diff

#pragma once
// When are two values the same? Each rule holds whichever side is left.
//
//   one side                other side              verdict
//   ----------------------  ----------------------  ------------------------------------------------------
//   NULL                    NULL, unset             match; '' and the text 'NULL' are values like any other
//   missing, unset          a value                 missing_left or missing_right
//   missing in JSON         NULL                    missing_left or missing_right: its writer left it out
//   another Redis type      anything                type_differs
//   object or array         the same                match when they mean the same: members in any order,
//                                                   numbers by value
//   object or array         text that is such JSON  the same; beside any other value: type_differs
//   true, false             true, false, 1, 0       match when the truth is the same; as text too
//   true, false             anything else           type_differs
//   number, untyped 1, 0    text true or false      match when the truth is the same
//   number                  number, numeric text    exact decimals: 12.50 = "12.5" = 1.25e1, 7 = "7";
//                                                   with a tolerance |left - right| <= tolerance
//   number                  other text              type_differs beside text, changed beside untyped text
//   timestamp text          timestamp text          the same instant, in any zone; missing digits of a
//                                                   fraction are 0; without a zone it is in
//                                                   compare.timezone, or in UTC where it is a TIMESTAMP; a
//                                                   tolerance is in seconds; epoch numbers are not guessed,
//                                                   but can be declared
//   time of day             time of day             the same time, at any precision; not a date and midnight
//   JSON text               JSON text               objects and arrays by meaning
//   untyped                 untyped                 decimals when both are plain numbers ("007" is none)
//   text, untyped           text, untyped           decimals where the field has a tolerance;
//                                                   otherwise byte by byte
//
// Where compare.read_as declares how a field is to be read (reading.h), both values are read so first.
// "base64:…", as casefile writes bytes into CSV, equals those bytes. NULL beside a value is `changed`.

#include <optional>

#include "tools/diff/decimal.h"
#include "tools/diff/reading.h"
#include "tools/diff/value.h"

namespace casefile::tools::diff {

enum class Verdict { match, changed, missing_left, missing_right, type_differs };
const char* name_of(Verdict verdict);

struct FieldRule {
    std::optional<Decimal> tolerance;
    std::int64_t zone_seconds = 0;  ///< of timestamps without a zone
    Reading reading = {};
};

Verdict compare(const Value& left, const Value& right, const FieldRule& rule);

}  // namespace casefile::tools::diff

#pragma once
// What can be read of a case by its URI, and the one way to write each URI.
//
//   casefile://cases/{case}                           the record
//   casefile://cases/{case}/log                       the investigation log
//   casefile://cases/{case}/timeline                  what happened, in one order
//   casefile://cases/{case}/drafts/{kind}             the newest write-up of a kind
//   casefile://cases/{case}/runs/{run}/manifest       what ran, where, and what came out
//   casefile://cases/{case}/runs/{run}/files/{file}   a file named in that manifest
//   casefile://cases/{case}/attachments/{name}        a document that a person filed with the case

#include <optional>
#include <string>
#include <string_view>

namespace casefile::tools::resources {

struct Address {
    enum class Kind { record, log, timeline, draft, attachment, manifest, file } kind = Kind::record;
    std::string case_id;
    std::string run = {};
    std::string name = {};  ///< of the file or the document, or the kind of the draft
};

/// "record", "log" and so on, for the server's log.
const char* name_of(Address::Kind kind);

std::string uri_of(const Address& address);

/// Nothing unless `uri` is spelled exactly as uri_of() spells it: each resource has one URI, which
/// subscriptions compare. Whether the case, the run or the file exists is not asked.
std::optional<Address> parse_address(std::string_view uri);

/// Newer cases have greater ids; of one day, by number.
bool is_newer(const std::string& case_id, const std::string& than);

/// By the ending of the name: "text/csv" for "db_rows.prices.csv".
std::string mime_type_of(std::string_view file_name);

}  // namespace casefile::tools::resources

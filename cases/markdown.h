#pragma once
// Markdown made of foreign text. Nothing that a row, a key or a person holds can become markup, a link or a
// heading.

#include <string>
#include <string_view>
#include <vector>

#include "cases/case.h"

namespace casefile::cases {

/// Data within a line: markdown_text, and addresses in it stay text where a renderer would make links of
/// them.
std::string inline_text(std::string_view text);

/// One line of data that may also stand where a line begins: no list, rule or heading grows out of it.
std::string line_of(std::string_view text, std::size_t bytes_max = 4'000);

/// Several lines of data as a block quote.
std::string quote_of(std::string_view text);

/// `[label](path)`; the path is percent-encoded but for its slashes.
std::string link_to(std::string_view label, std::string_view path);

/// "[run 3](runs/…)", where what became of it stands beside it. `prefix` leads from the document to the
/// case's folder: "" or "../". A sealed run's link leads to its manifest, an open one's to its folder.
std::string link_to_run(const RunLine& run, std::string_view prefix);

/// "[run 3](runs/…), [run 4, refused](runs/…)", at most `links_max` and then how many more, counting the
/// `more` that `run_ids` leaves out.
std::string links_to_runs(const CaseState& state, const std::vector<std::string>& run_ids,
                          std::string_view prefix, std::size_t links_max, std::size_t more = 0);

/// "STAGING (operator flag), PROD (form)": which environments were confirmed, and how; "none". Those that no
/// human was asked about come first, and beyond `names_max` the others are counted.
std::string environments_of(const CaseState& state, std::size_t names_max);

/// "12 records, head `…`, key `…`": what a document was made from.
std::string anchor_line(const CaseState& state, const std::string& key_fingerprint);

}  // namespace casefile::cases

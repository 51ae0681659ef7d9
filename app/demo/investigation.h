#pragma once
// The demo's investigation: from the complaint to the write-ups, by reading alone. It knows no table, key,
// topic or group beforehand; what it reports is what the tools showed.

#include <map>

#include "app/demo/conversation.h"

namespace casefile::app {

struct Findings {
    std::string case_id, table, key_template;
    std::vector<std::string> stale, missing, left_over;  ///< ids
    std::string group, topic, verdict;
    std::int64_t lag = 0;
    std::string verified_head;
    std::map<std::string, std::string> drafts;  ///< kind to file
};

inline constexpr int investigation_steps = 23;

/// `complaint` is what open_case is given: it names what a person saw.
Result<Findings> investigate(Conversation& talk, const json::object& complaint);

}  // namespace casefile::app

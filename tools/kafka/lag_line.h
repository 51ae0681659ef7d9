#pragma once
// What is told of one partition of one group: as an object for the answer, as text for the file.

#include "base/json.h"
#include "tools/kafka/lag_sample.h"

namespace casefile::tools::kafka {

json::object line_of(const View& view);
/// The same as JSON text: tens of thousands of lines are not made into objects first.
void append_line(std::string& out, const View& view);

double per_second(std::int64_t before, std::int64_t after, std::int64_t seconds);
/// Seconds until nothing waits, if both go on as they did; null when that never comes.
json::value drain_seconds(std::int64_t lag, double produced, double consumed);

}  // namespace casefile::tools::kafka

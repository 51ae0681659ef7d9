#pragma once
// What is told of one partition of one group: as an object for the answer, as text for the file.

#include "base/json.h"
#include "tools/kafka/lag_sample.h"

namespace casefile::tools::kafka {

json::object line_of(const View& view);
/// The same as JSON text: tens of thousands of lines are not made into objects first.
void append_line(std::string& out, const View& view);

/// What the ends and the commits of a partition gained in each second between two samples.
struct Rates {
    double produced = 0, consumed = 0;
};
/// None without a commit in both samples.
std::optional<Rates> rates_of(const PartitionFacts& facts);
double produced_per_second(const PartitionFacts& facts);
/// As it is shown: three decimals tell one message in a quarter of an hour.
double rounded(double rate);

/// Seconds until nothing waits if lag goes on to shrink as it did, null when it does not; none when that is
/// not known.
std::optional<json::value> drain_of(const PartitionFacts& facts);

}  // namespace casefile::tools::kafka

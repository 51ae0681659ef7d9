#pragma once
// What is said where a topic is named that is not there.

#include "sources/kafka/source.h"

namespace casefile::sources::kafka {

/// `place` is where it was named, or looked for. The hint lists the topics there are, as far as a line takes
/// them, without those that Kafka keeps for itself.
Error unknown_topic(const std::string& place, const std::string& name, const std::vector<Topic>& topics);

}  // namespace casefile::sources::kafka

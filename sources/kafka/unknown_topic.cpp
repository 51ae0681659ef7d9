#include "sources/kafka/unknown_topic.h"

#include "base/text.h"

namespace casefile::sources::kafka {

Error unknown_topic(const std::string& place, const std::string& name, const std::vector<Topic>& topics) {
    std::vector<std::string> known;
    for (const auto& topic : topics)
        if (!topic.internal && !topic.partitions.empty()) known.push_back(topic.name);
    return not_found(
        place + ": there is no topic '" + printable(shorten(name, 120)) + "'",
        "topics there are: " + (known.empty() ? "none" : printable(shorten(join(known, ", "), 400))));
}

}  // namespace casefile::sources::kafka

#pragma once
// The argument `sources` of the tools that probe: names of kinds, empty for all.

#include <string>
#include <vector>

#include "base/source_kind.h"

namespace casefile::tools::environment {

inline const std::vector<std::string> source_names = {"mysql", "redis", "kafka"};

inline std::vector<SourceKind> kinds_of(const std::vector<std::string>& names) {
    std::vector<SourceKind> kinds;
    for (const auto kind : {SourceKind::mysql, SourceKind::redis, SourceKind::kafka})
        for (const auto& name : names)
            if (name == name_of(kind)) kinds.push_back(kind);
    return kinds;
}

}  // namespace casefile::tools::environment

#include "base/source_kind.h"

namespace casefile {

const char* name_of(SourceKind kind) {
    switch (kind) {
        case SourceKind::mysql:
            return "mysql";
        case SourceKind::redis:
            return "redis";
        case SourceKind::kafka:
            return "kafka";
    }
    return "unknown";
}

std::optional<SourceKind> source_kind_of(std::string_view name) {
    for (const auto kind : {SourceKind::mysql, SourceKind::redis, SourceKind::kafka})
        if (name == name_of(kind)) return kind;
    return std::nullopt;
}

std::string name_of_source(const std::string& env, SourceKind kind) { return env + " " + name_of(kind); }

}  // namespace casefile

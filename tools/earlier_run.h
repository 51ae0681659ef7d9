#pragma once
// What an earlier call of the case filed, to tell what changed since.

#include "tools/tool_spec.h"

namespace casefile::tools {

struct EarlierFile {
    std::string run_id, opened_at;
    std::uint64_t seq = 0;
    json::object content;
};

/// The newest file of the case whose name begins with `prefix`, filed by an answered call of `tool` for the
/// call's environment, and for which `fits`. Nothing where there is none; one that is no JSON object, or not
/// what its manifest says, is passed over. Reads the whole journal of the case, so only calls that compare
/// ask for it.
std::optional<EarlierFile> earlier_file(Call& call, std::string_view tool, std::string_view prefix,
                                        const std::function<bool(const json::object&)>& fits);

}  // namespace casefile::tools

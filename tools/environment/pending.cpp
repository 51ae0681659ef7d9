#include "tools/environment/pending.h"

#include <algorithm>

#include "base/ids.h"
#include "base/small_file.h"
#include "base/text.h"

namespace casefile::tools {
namespace {

constexpr std::chrono::minutes valid_for{15};
constexpr std::uint64_t pending_bytes_max = 64 * 1024;

std::filesystem::path pending_folder(const Workbench& bench) {
    return bench.cases.store().home() / "pending";
}

std::optional<Pending> parse_pending(const std::string& text) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const auto& object = parsed->get_object();
    Pending pending{.code = string_or(object, "code"),
                    .case_id = string_or(object, "case"),
                    .env = string_or(object, "env"),
                    .principal = string_or(object, "principal"),
                    .identity_sha256 = string_or(object, "identity_sha256"),
                    .asked_at = string_or(object, "asked_at"),
                    .kinds = {}};
    if (const auto* kinds = object.if_contains("kinds"); kinds != nullptr && kinds->is_array())
        for (const auto& name : kinds->get_array())
            if (name.is_string())
                if (const auto kind = source_kind_of(name.get_string())) pending.kinds.push_back(*kind);
    return pending;
}

}  // namespace

Result<Pending> keep_pending(Workbench& bench, Pending pending) {
    pending.code = random_hex(4);
    pending.asked_at = rfc3339(bench.clock.now());
    json::array kinds;
    for (const auto kind : pending.kinds) kinds.emplace_back(name_of(kind));
    const json::object written{{"code", pending.code},
                               {"case", pending.case_id},
                               {"env", pending.env},
                               {"principal", pending.principal},
                               {"identity_sha256", pending.identity_sha256},
                               {"asked_at", pending.asked_at},
                               {"kinds", std::move(kinds)}};
    const auto folder = pending_folder(bench);
    if (!replace_small_file(folder / (pending.code + ".json"), canonical(written), false))
        return unavailable("could not keep the pending confirmation in " + folder.string(),
                           "check the folder");
    return pending;
}

Result<std::vector<Pending>> pending_confirmations(const Workbench& bench) {
    std::vector<Pending> out;
    std::error_code failure;
    for (std::filesystem::directory_iterator file(pending_folder(bench), failure), end;
         !failure && file != end; file.increment(failure)) {
        // What is being written has another name until it is whole.
        if (file->path().extension() != ".json") continue;
        const auto text = read_small_file(file->path(), pending_bytes_max);
        if (!text) continue;
        auto pending = parse_pending(*text);
        const auto asked =
            pending ? parse_rfc3339(pending->asked_at) : Result<WallTime>(invalid("unreadable"));
        if (!asked || bench.clock.now() - *asked > valid_for) {
            std::error_code kept;
            std::filesystem::remove(file->path(), kept);
            continue;
        }
        out.push_back(*std::move(pending));
    }
    std::sort(out.begin(), out.end(), [](const auto& l, const auto& r) { return l.asked_at < r.asked_at; });
    return out;
}

void drop_pending(const Workbench& bench, const std::string& code) {
    std::error_code failure;
    std::filesystem::remove(pending_folder(bench) / (slug(code, 16) + ".json"), failure);
}

void drop_pending(const Workbench& bench, const std::string& case_id, const std::string& env) {
    const auto waiting = pending_confirmations(bench);
    if (!waiting) return;
    for (const auto& one : *waiting)
        if (one.case_id == case_id && one.env == env) drop_pending(bench, one.code);
}

}  // namespace casefile::tools

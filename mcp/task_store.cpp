#include "mcp/task_store.h"

#include "base/small_file.h"

namespace casefile::mcp {
namespace {

/// A task holds the message that began it, which may be so large where the operator allows it.
constexpr std::uint64_t task_bytes_max = 1'073'741'824;

std::optional<json::object> read_task(const std::filesystem::path& file) {
    const auto text = read_small_file(file, task_bytes_max);
    if (!text) return std::nullopt;
    const auto parsed = parse_json(*text);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return parsed->get_object();
}

}  // namespace

Result<void> TaskStore::save(const std::string& id, const json::object& task) const {
    if (replace_small_file(folder_ / (id + ".json"), json::serialize(task), true)) return {};
    return unavailable("a task could not be kept in " + folder_.string(), "check the folder and its disk");
}

std::optional<json::object> TaskStore::load(const std::string& id) const {
    // Ids are ours, in hexadecimal: nothing else can name a file.
    if (id.empty() || id.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
    return read_task(folder_ / (id + ".json"));
}

void TaskStore::remove(const std::string& id) const {
    std::error_code failure;
    std::filesystem::remove(folder_ / (id + ".json"), failure);
}

void TaskStore::sweep(const std::function<bool(const json::object&)>& is_over) const {
    std::error_code failure;
    // Other processes tidy the same folder: a step that fails ends the sweep, and the next one goes on.
    for (std::filesystem::directory_iterator entry(folder_, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const auto task = entry->path().extension() == ".json" ? read_task(entry->path()) : std::nullopt;
        std::error_code kept;
        if (task && is_over(*task)) std::filesystem::remove(entry->path(), kept);
    }
}

}  // namespace casefile::mcp

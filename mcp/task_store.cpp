#include "mcp/task_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "base/ids.h"

namespace casefile::mcp {
namespace {

bool write_synced(const std::filesystem::path& file, std::string_view text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    bool good = true;
    while (good && !text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        good = written > 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(written));
    }
    good = good && ::fdatasync(descriptor) == 0;
    return ::close(descriptor) == 0 && good;
}

void sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

std::optional<json::object> read_task(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return parsed->get_object();
}

}  // namespace

Result<void> TaskStore::save(const std::string& id, const json::object& task) const {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, failure);
    const auto file = folder_ / (id + ".json");
    const auto fresh = folder_ / (id + "." + random_hex(4) + ".new");
    if (write_synced(fresh, json::serialize(task))) {
        std::filesystem::rename(fresh, file, failure);
        if (!failure) {
            sync_folder(folder_);
            return {};
        }
    }
    std::filesystem::remove(fresh, failure);
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
    for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
        const auto task = entry.path().extension() == ".json" ? read_task(entry.path()) : std::nullopt;
        if (task && is_over(*task)) std::filesystem::remove(entry.path(), failure);
    }
}

}  // namespace casefile::mcp

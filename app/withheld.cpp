#include "app/withheld.h"

#include <set>

#include "base/text.h"

namespace casefile::app {
namespace {

std::string counted(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

std::string describe_withheld(const std::vector<std::string>& paths) {
    // Script and input are called as the run's task is, which the name of its folder tells.
    std::set<std::string> runs;
    std::size_t others = 0;
    for (const auto& path : paths) {
        const auto slash = path.rfind('/');
        const auto folder = path.substr(0, slash);
        const auto task = folder.substr(folder.find('-') + 1);
        if (path.substr(slash + 1).starts_with(task.substr(0, task.rfind('.')) + "."))
            runs.insert(folder);
        else
            ++others;
    }
    std::vector<std::string> parts;
    if (!runs.empty()) parts.push_back("script and input of " + counted(runs.size(), "run", "runs"));
    if (others > 0) parts.push_back(counted(others, "output", "outputs") + " marked sensitive");
    return counted(paths.size(), "file", "files") + " withheld: " + join(parts, ", ");
}

}  // namespace casefile::app

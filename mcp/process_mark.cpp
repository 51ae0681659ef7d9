#include "mcp/process_mark.h"

#include <unistd.h>

#include <cstdlib>

#include "base/small_file.h"
#include "base/text.h"

namespace casefile::mcp {
namespace {

/// When a process began, so that a later one with the same number is not taken for it.
std::string start_of(long process) {
    constexpr std::uint64_t bytes_max = 64 * 1024;
    const auto text = read_small_file("/proc/" + std::to_string(process) + "/stat", bytes_max);
    if (!text) return {};
    const auto after_name = text->rfind(')');
    if (after_name == std::string::npos || after_name + 2 > text->size()) return {};
    const auto fields = split(std::string_view(*text).substr(after_name + 2), ' ');
    constexpr std::size_t start_time = 19;
    return fields.size() > start_time ? fields[start_time] : std::string();
}

bool still_runs(const std::string& mark) {
    const auto colon = mark.find(':');
    if (colon == std::string::npos) return false;
    const auto process = std::strtol(mark.c_str(), nullptr, 10);
    return process > 0 && mark.substr(colon + 1) == start_of(process) && colon + 1 < mark.size();
}

}  // namespace

std::string own_mark() {
    static const std::string mark = std::to_string(::getpid()) + ":" + start_of(::getpid());
    return mark;
}

bool lives_elsewhere(const std::string& mark) { return mark != own_mark() && still_runs(mark); }

}  // namespace casefile::mcp

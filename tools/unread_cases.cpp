#include "tools/unread_cases.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools {
namespace {

constexpr std::size_t problems_max = 20, problem_length_max = 300;

}  // namespace

std::optional<std::vector<std::string>> problems_of(const std::vector<cases::UnreadCase>& unread) {
    if (unread.empty()) return std::nullopt;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < std::min(unread.size(), problems_max); ++i)
        lines.push_back(unread[i].id +
                        " cannot be read: " + printable(shorten(unread[i].why.message, problem_length_max)) +
                        "; verify_evidence tells more");
    if (unread.size() > problems_max)
        lines.push_back("and " + std::to_string(unread.size() - problems_max) +
                        " more; casefile doctor names all");
    return lines;
}

void add_unread(const std::string& id, const Error& why, std::vector<cases::UnreadCase>& unread) {
    if (std::none_of(unread.begin(), unread.end(), [&](const auto& one) { return one.id == id; }))
        unread.push_back({id, why});
}

}  // namespace casefile::tools

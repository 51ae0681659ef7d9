#include "tools/work/runbooks.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "base/text.h"

namespace casefile::tools::work {
namespace {

constexpr std::size_t files_max = 1'000, bytes_max = 65'536, steps_max = 30;

/// Steps that a casefile tool can do, and those that only people can.
void sort_steps(const std::string& text, Runbook& runbook) {
    static const std::vector<std::string> tools{"fingerprint", "query_mysql", "describe_mysql", "read_redis",
                                                "scan_redis",  "kafka_lag",   "read_kafka",     "diff"};
    for (const auto& row : split(text, '\n')) {
        const auto step = trim(row);
        const auto digits = step.find_first_not_of("0123456789");
        const bool numbered = digits != std::string_view::npos && digits > 0 && step[digits] == '.';
        if (!numbered && !step.starts_with("- ")) continue;
        const bool read = std::any_of(tools.begin(), tools.end(), [&](const std::string& tool) {
            return step.find(tool) != std::string_view::npos;
        });
        auto& steps = read ? runbook.reads : runbook.for_people;
        if (steps.size() < steps_max) steps.push_back(printable(shorten(step, 300)));
    }
}

std::string title_of(const std::string& text, const std::string& name) {
    for (const auto& row : split(text, '\n'))
        if (row.starts_with("# ")) return printable(shorten(trim(std::string_view(row).substr(2)), 200));
    return name;
}

}  // namespace

std::vector<Runbook> read_runbooks(const std::filesystem::path& home) {
    std::error_code none;
    std::set<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(home / "runbooks", none))
        if (file.path().extension() == ".md" && files.size() < files_max) files.insert(file.path());
    std::vector<Runbook> all;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        std::string text(bytes_max, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        auto& runbook = all.emplace_back();
        runbook.name = file.stem().string();
        runbook.title = title_of(text, runbook.name);
        sort_steps(text, runbook);
        runbook.text = std::move(text);
    }
    return all;
}

}  // namespace casefile::tools::work

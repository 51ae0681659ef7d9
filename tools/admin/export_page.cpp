// export_page: the incident page, written into the one folder that the configuration names, replaced in one
// step; what stood there before is kept beside it.

#include "base/text.h"
#include "cases/incident_page.h"
#include "evidence/files.h"
#include "tools/admin/tools.h"

namespace casefile::tools::admin {
namespace {

constexpr std::uint64_t page_bytes_max = 4 * 1024 * 1024;
constexpr int versions_max = 1'000;
constexpr const char* history_name = "history";

struct Args {
    std::string id;
};

struct Answer {
    std::string file, status;
    std::int64_t versions = 1;
};

/// "Incident INC-….2.md" in the folder of earlier versions.
std::string version_name(const cases::CaseState& state, int number) {
    return "Incident " + state.id + "." + std::to_string(number) + ".md";
}

Result<Answer> write(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    if (bench.pages_folder.empty())
        return denied("export_page: no folder is configured for pages",
                      "the operator names one as pages_folder in the configuration file");
    const auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    const auto folder = evidence::open_folder(bench.pages_folder);
    if (!folder) return folder.error();
    const auto name = cases::page_file_name(*state);
    const auto history = evidence::make_folder_at(folder->get(), history_name, true);
    if (!history) return history.error();

    int earlier = 0;
    while (earlier < versions_max && evidence::exists_at(history->get(), version_name(*state, earlier + 1)))
        ++earlier;
    if (const auto before = evidence::open_file_at(folder->get(), name)) {
        const auto text = evidence::read_whole(before->get(), page_bytes_max);
        if (!text) return text.error();
        if (earlier == versions_max)
            return Error{ErrorKind::limit_reached, "export_page: a thousand versions of this page are kept",
                         "move some away from " + (bench.pages_folder / history_name).string()};
        if (auto done =
                evidence::replace_file_at(history->get(), version_name(*state, ++earlier), *text, true);
            !done)
            return done.error();
    }
    std::vector<std::string> names;
    for (int number = earlier; number > 0; --number)
        names.push_back(std::string(history_name) + "/" + version_name(*state, number));
    const auto page = cases::incident_page(*state, bench.cases.store().key().fingerprint(), names);
    if (auto done = evidence::replace_file_at(folder->get(), name, page, true); !done) return done.error();
    return Answer{(bench.pages_folder / name).string(), state->status(), earlier + 1};
}

}  // namespace

std::unique_ptr<mcp::Tool> export_page_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "export_page",
        .title = "Export the incident page",
        .description = "Writes the incident page into the operator's folder for pages, and nowhere else.",
        .input = Schema<Args>{}.field("case", &Args::id, ""),
        .output = Schema<Answer>{}
                      .field("file", &Answer::file, "")
                      .field("status", &Answer::status, "")
                      .field("versions", &Answer::versions, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return write(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::admin

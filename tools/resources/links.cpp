#include "tools/resources/links.h"

#include "evidence/store.h"
#include "tools/resources/address.h"

namespace casefile::tools::resources {
namespace {

constexpr std::size_t links_max = 3;

}  // namespace

void add_links(mcp::ToolResult& result, const std::string& case_id, const evidence::Receipt& receipt) {
    if (case_id == evidence::unfiled) return;
    std::string line;
    for (const auto& file : receipt.files) {
        if (file.role != "output" || result.more.size() >= links_max) continue;
        const auto uri = uri_of({Address::Kind::file, case_id, receipt.id, file.path});
        result.more.push_back({{"type", "resource_link"},
                               {"uri", uri},
                               {"name", file.path},
                               {"mimeType", mime_type_of(file.path)},
                               {"size", file.bytes}});
        line += (line.empty() ? "\nfiles: " : ", ") + uri;
    }
    mcp::append_text(result, line);
}

}  // namespace casefile::tools::resources

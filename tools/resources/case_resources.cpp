#include "tools/resources/case_resources.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "cases/inspect_log.h"
#include "cases/write_up.h"
#include "evidence/files.h"
#include "tools/asked.h"
#include "tools/resources/address.h"
#include "tools/resources/file_content.h"
#include "tools/resources/home_resources.h"

namespace casefile::tools::resources {
namespace {

using Kind = Address::Kind;

constexpr std::size_t cases_max = 1'000'000;

/// The same for what is not there and for what belongs to somebody else.
Error no_such_resource() {
    return not_found("uri: there is no such resource", "resources/list tells the cases that you may see");
}

/// Where the newest draft of each kind lies, relative to the case.
std::map<std::string, std::string> newest_drafts(const cases::CaseState& state) {
    std::map<std::string, std::string> paths;
    for (const auto& draft : state.drafts) paths[string_or(draft, "kind")] = string_or(draft, "path");
    return paths;
}

std::set<std::string> attachment_names(const cases::CaseState& state) {
    std::set<std::string> names;
    for (const auto& one : state.attachments)
        if (auto name = string_or(one, "name"); evidence::is_attachment_name(name))
            names.insert(std::move(name));
    return names;
}

/// The place of a listed resource within its case: record, log, drafts by kind, documents by name.
auto place_of(const Address& address) { return std::tuple(address.kind, address.name); }

mcp::Resource listed(const Address& address, const cases::CaseSummary& summary) {
    mcp::Resource resource{
        .uri = uri_of(address), .name = address.case_id, .title = {}, .description = {}, .mime_type = {}};
    resource.title = shorten(printable(summary.topic), 100);
    resource.last_modified = summary.changed_at;
    if (address.kind == Kind::record) {
        resource.description = "The record of a case; the tool get_case gives its brief.";
        resource.mime_type = "application/json";
        return resource;
    }
    if (address.kind == Kind::attachment) {
        resource.name += " " + address.name;
        resource.description =
            "A document that a person filed with the case; the tool read_evidence reads it.";
        resource.mime_type = mime_type_of(address.name);
        return resource;
    }
    resource.mime_type = "text/markdown";
    if (address.kind == Kind::log) {
        resource.name += " log";
        resource.description = "The investigation log; the tools get_case and timeline tell the same.";
    } else {
        resource.name += " " + address.name;
        resource.description = "The newest write-up of this kind; the tool draft_postmortem makes it.";
    }
    return resource;
}

std::vector<mcp::Resource> first_of(std::vector<mcp::Resource> resources, std::size_t count) {
    if (resources.size() > count) resources.resize(count);
    return resources;
}

class CaseResources : public mcp::Resources {
  public:
    explicit CaseResources(Workbench& bench) : bench_(bench) {}

    Result<std::vector<mcp::Resource>> list(const mcp::Reader& reader, const std::string& after,
                                            std::size_t count) const override;
    std::vector<mcp::ResourceTemplate> templates() const override;
    Result<std::vector<mcp::ResourceContent>> read(const mcp::Reader& reader,
                                                   const std::string& uri) const override;
    Result<void> watch(const mcp::Reader& reader, const std::string& uri) const override;
    void look(const std::set<std::string>& uris, bool list) const override;

  private:
    Result<mcp::ResourceContent> content(const Address& address, const std::string& principal) const;
    Result<mcp::ResourceContent> document(std::string bytes, std::string mime_type) const;
    Result<mcp::ResourceContent> file(const Address& address, const std::string& name) const;
    Result<mcp::ResourceContent> draft(const cases::CaseState& state, const std::string& kind) const;

    Workbench& bench_;
};

Result<std::vector<mcp::Resource>> CaseResources::list(const mcp::Reader& reader, const std::string& after,
                                                       std::size_t count) const {
    const auto& of_home = home_resources();
    const auto last = std::ranges::find(of_home, after, &mcp::Resource::uri);
    if (last != of_home.end()) return first_of({last + 1, of_home.end()}, count);
    const auto from = parse_address(after);
    if (!after.empty() && !from) return invalid("after: expected a resource of the list, got another");
    auto summaries = bench_.cases.list(reader.principal, "", cases_max);
    if (!summaries) return summaries.error();
    std::ranges::sort(*summaries, [](const auto& l, const auto& r) { return is_newer(l.id, r.id); });

    std::vector<mcp::Resource> out;
    for (const auto& summary : *summaries) {
        if (out.size() >= count || reader.stop.stop_requested()) break;
        if (from && is_newer(summary.id, from->case_id)) continue;
        std::vector<Address> addresses = {{Kind::record, summary.id}, {Kind::log, summary.id}};
        // A case that is damaged keeps its place; reading it tells what is wrong.
        if (const auto state = bench_.cases.find(summary.id, reader.principal)) {
            for (const auto& [kind, path] : newest_drafts(*state))
                addresses.push_back({Kind::draft, summary.id, {}, kind});
            for (const auto& name : attachment_names(*state))
                addresses.push_back({Kind::attachment, summary.id, {}, name});
        }
        for (const auto& address : addresses) {
            if (from && summary.id == from->case_id && place_of(address) <= place_of(*from)) continue;
            if (out.size() < count) out.push_back(listed(address, summary));
        }
    }
    for (auto& one : first_of(of_home, count - out.size())) out.push_back(std::move(one));
    return out;
}

std::vector<mcp::ResourceTemplate> CaseResources::templates() const {
    return {
        {.uri_template = "casefile://cases/{case}",
         .name = "case",
         .title = "Record of a case",
         .description = "Fields, grants, entries and runs; the tool get_case gives its brief.",
         .mime_type = "application/json"},
        {.uri_template = "casefile://cases/{case}/log",
         .name = "log",
         .title = "Investigation log",
         .description = "Inputs, hypotheses, steps and links; the tools get_case and timeline tell the same.",
         .mime_type = "text/markdown"},
        {.uri_template = "casefile://cases/{case}/timeline",
         .name = "timeline",
         .title = "Timeline",
         .description = "Runs, entries, status changes and events in one order, each with its source; the "
                        "tool timeline tells the newest and adds events.",
         .mime_type = "text/markdown"},
        {.uri_template = "casefile://cases/{case}/runs/{run}/manifest",
         .name = "manifest",
         .title = "Manifest of a run",
         .description =
             "What ran, where, under whose grant, what came out; the tool read_evidence reads it too.",
         .mime_type = "application/json"},
        {.uri_template = "casefile://cases/{case}/runs/{run}/files/{file}",
         .name = "file",
         .title = "File of a run",
         .description = "The first MiB; the tool read_evidence pages through the whole file.",
         .mime_type = {}},
        {.uri_template = "casefile://cases/{case}/attachments/{name}",
         .name = "attachment",
         .title = "Document of a case",
         .description = "What a person filed with `casefile attach`; the tool read_evidence reads it too.",
         .mime_type = {}},
        {.uri_template = "casefile://cases/{case}/drafts/{kind}",
         .name = "draft",
         .title = "Write-up",
         .description = "The newest of a kind, with what people changed in it; the tool draft_postmortem "
                        "makes it.",
         .mime_type = "text/markdown"}};
}

Result<std::vector<mcp::ResourceContent>> CaseResources::read(const mcp::Reader& reader,
                                                              const std::string& uri) const {
    if (auto of_home = read_home_resource(bench_, reader.principal, uri))
        return std::vector{*std::move(of_home)};
    const auto address = parse_address(uri);
    auto came = address ? content(*address, reader.principal) : no_such_resource();
    log_info(std::string("read resource=") + (address ? name_of(address->kind) : "unknown") +
             " case=" + (address ? address->case_id : "-") +
             " outcome=" + (came ? "answered" : casefile::name_of(came.error().kind)));
    if (!came) return came.error().kind == ErrorKind::not_found ? no_such_resource() : came.error();
    came->uri = uri;
    return std::vector{*std::move(came)};
}

/// What case_news.cpp tells of a case.
Result<void> CaseResources::watch(const mcp::Reader& reader, const std::string& uri) const {
    const auto untold = invalid("uri: expected a resource whose changes are told, got another",
                                "those are the record, the log, the timeline and the drafts of a case");
    if (std::ranges::find(home_resources(), uri, &mcp::Resource::uri) != home_resources().end())
        return untold;
    const auto address = parse_address(uri);
    if (!address || !bench_.cases.watch(address->case_id, reader.principal)) return no_such_resource();
    const auto kind = address->kind;
    if (kind == Kind::manifest || kind == Kind::file || kind == Kind::attachment) return untold;
    return {};
}

/// Others write into the same home. What they added comes to the clients as what this process adds.
void CaseResources::look(const std::set<std::string>& uris, bool list) const {
    std::set<std::string> ids;
    for (const auto& uri : uris)
        if (const auto address = parse_address(uri)) ids.insert(address->case_id);
    bench_.cases.look(std::move(ids), list);
}

Result<mcp::ResourceContent> CaseResources::content(const Address& address,
                                                    const std::string& principal) const {
    if (address.kind == Kind::file) {
        // Whose case it is comes first; the store knows no principals.
        const auto seen = bench_.cases.glance(address.case_id, principal);
        return seen ? file(address, address.name) : seen.error();
    }
    const auto state = bench_.cases.find(address.case_id, principal);
    if (!state) return state.error();
    const auto key = bench_.cases.key_of(*state);
    if (address.kind == Kind::record)
        return document(cases::render_case_json(*state, key), "application/json");
    if (address.kind == Kind::log) return document(cases::render_inspect_log(*state, key), "text/markdown");
    if (address.kind == Kind::timeline) return document(cases::timeline_page(*state), "text/markdown");
    if (address.kind == Kind::draft) return draft(*state, address.name);
    if (address.kind == Kind::attachment) {
        const auto opened = bench_.cases.open_attachment(*state, address.name);
        return opened
                   ? read_content(opened->get(), address.name, "read_evidence pages through the whole file")
                   : opened.error();
    }
    const auto run = state->run(address.run);
    return !run ? no_such_resource() : file(address, run->task + ".manifest.json");
}

/// A document is given whole or not at all: half of one says something else.
Result<mcp::ResourceContent> CaseResources::document(std::string bytes, std::string mime_type) const {
    if (bytes.size() > static_cast<std::size_t>(bench_.limits.message_bytes_max))
        return Error{ErrorKind::limit_reached,
                     "expected at most " + std::to_string(bench_.limits.message_bytes_max) + " bytes, got " +
                         std::to_string(bytes.size()),
                     "get_case gives the brief, read_evidence lists the runs in pages"};
    return mcp::ResourceContent{.uri = {}, .mime_type = std::move(mime_type), .bytes = std::move(bytes)};
}

Result<mcp::ResourceContent> CaseResources::file(const Address& address, const std::string& name) const {
    const auto file = bench_.cases.store().open_file(address.case_id, address.run, name);
    if (!file) return file.error();
    auto content = read_content(file->get(), name, "read_evidence pages through the whole file");
    if (content && content->is_text && holds_what_was_asked(name))
        content->bytes = masked_asked(bench_.masks, name, content->bytes);
    return content;
}

Result<mcp::ResourceContent> CaseResources::draft(const cases::CaseState& state,
                                                  const std::string& kind) const {
    const auto paths = newest_drafts(state);
    const auto found = paths.find(kind);
    if (found == paths.end()) return no_such_resource();
    // The journal may be one that was brought here: its path is not followed out of the folder of drafts.
    const auto path = std::filesystem::path(found->second);
    if (path.parent_path() != "drafts" || !evidence::is_plain_name(path.filename().string()))
        return no_such_resource();
    const auto folder = evidence::open_folder(bench_.cases.store().case_folder(state.id));
    if (!folder) return folder.error();
    const auto drafts = evidence::open_folder_at(folder->get(), path.parent_path().string());
    if (!drafts) return drafts.error();
    const auto file = evidence::open_file_at(drafts->get(), path.filename().string());
    if (!file) return file.error();
    return read_content(file->get(), path.filename().string(),
                        "the file " + path.string() + " in the folder of the case has the rest");
}

}  // namespace

std::unique_ptr<const mcp::Resources> case_resources(Workbench& bench) {
    return std::make_unique<CaseResources>(bench);
}

}  // namespace casefile::tools::resources

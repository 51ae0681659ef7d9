#include "cases/markdown.h"

#include "base/text.h"

namespace casefile::cases {
namespace {

std::string encoded_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("/._-").find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            out += "%" + upper(to_hex(std::string_view(&c, 1)));
    }
    return out;
}

std::string path_of(const RunLine& run, std::string_view prefix) {
    auto path = std::string(prefix) + run.folder() + "/";
    if (!run.sealed_at.empty()) path += run.task + ".manifest.json";
    return path;
}

}  // namespace

std::string inline_text(std::string_view text) {
    auto out = markdown_text(text);
    for (const auto& [address, defused] : {std::pair("://", "\\://"), std::pair("www.", "www\\.")})
        for (auto at = out.find(address); at != std::string::npos; at = out.find(address, at + 4))
            out.replace(at, std::string_view(address).size(), defused);
    return out;
}

std::string line_of(std::string_view text, std::size_t bytes_max) {
    auto line = inline_text(trim(shorten(text, bytes_max)));
    const auto after_digits = line.find_first_not_of("0123456789");
    if (line.starts_with('-') || line.starts_with('=') || line.starts_with('+'))
        line.insert(0, 1, '\\');
    else if (after_digits != std::string::npos && after_digits > 0 &&
             (line[after_digits] == '.' || line[after_digits] == ')'))
        line.insert(after_digits, 1, '\\');
    return line;
}

std::string quote_of(std::string_view text) {
    std::string out;
    for (const auto& line : split(text, '\n')) {
        const auto shown = line_of(line);
        out += shown.empty() ? ">\n" : "> " + shown + "\n";
    }
    return out;
}

std::string link_to(std::string_view label, std::string_view path) {
    return "[" + inline_text(label) + "](" + encoded_path(path) + ")";
}

std::string link_to_run(const RunLine& run, std::string_view prefix) {
    return link_to("run " + std::to_string(run.seq), path_of(run, prefix));
}

std::string links_to_runs(const CaseState& state, const std::vector<std::string>& run_ids,
                          std::string_view prefix, std::size_t links_max, std::size_t more) {
    std::vector<std::string> links;
    for (const auto& run_id : run_ids) {
        const auto run = state.run(run_id);
        if (!run) continue;
        if (links.size() == links_max) {
            ++more;
            continue;
        }
        const auto reason = run->no_data_because();
        links.push_back(link_to("run " + std::to_string(run->seq) + (reason.empty() ? "" : ", " + reason),
                                path_of(*run, prefix)));
    }
    auto out = join(links, ", ");
    if (more > 0) out += " and " + std::to_string(more) + " more";
    return out;
}

std::string environments_of(const CaseState& state, std::size_t names_max) {
    std::vector<std::string> names;
    for (const bool by_operator : {true, false})
        for (const auto& grant : state.grants) {
            if ((grant->how == "operator flag") != by_operator) continue;
            auto name = line_of(grant->env, 80) + " (" + inline_text(grant->how) + ")";
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
        }
    if (names.empty()) return "none";
    const auto more = names.size() - std::min(names.size(), names_max);
    names.resize(names.size() - more);
    return join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string anchor_line(const CaseState& state, const std::string& key_fingerprint) {
    return std::to_string(state.count) + " records, head `" + state.head + "`, key `" + key_fingerprint + "`";
}

}  // namespace casefile::cases

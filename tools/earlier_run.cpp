#include "tools/earlier_run.h"

#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/files.h"

namespace casefile::tools {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t looked_at_max = 20;  // files that do not fit

std::optional<std::string> read_file(Call& call, const std::string& run_id, const std::string& name) {
    const auto file = call.bench.cases.store().open_file(call.state.id, run_id, name);
    if (!file) return std::nullopt;
    std::string text;
    std::array<char, 64 * 1024> part{};
    for (ssize_t got = 0; (got = read(file->get(), part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(got));
        if (text.size() > file_bytes_max) return std::nullopt;
    }
    return text;
}

std::optional<json::object> read_object(Call& call, const std::string& run_id, const std::string& name) {
    const auto text = read_file(call, run_id, name);
    if (!text) return std::nullopt;
    auto parsed = parse_json(*text);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return std::move(parsed->get_object());
}

/// The content of a file, when it is what the manifest of its run says.
std::optional<json::object> read_as_filed(Call& call, const cases::RunLine& run, const std::string& name) {
    const auto manifest = read_object(call, run.run_id, run.task + ".manifest.json");
    const auto text = read_file(call, run.run_id, name);
    if (!manifest || !text) return std::nullopt;
    const auto* outputs = member(*manifest, "outputs");
    if (outputs == nullptr || !outputs->is_array()) return std::nullopt;
    for (const auto& one : outputs->get_array()) {
        const auto* output = one.if_object();
        if (output == nullptr || string_or(*output, "path") != name) continue;
        if (string_or(*output, "sha256") != sha256_hex(*text)) return std::nullopt;
        auto parsed = parse_json(*text);
        if (!parsed || !parsed->is_object()) return std::nullopt;
        return std::move(parsed->get_object());
    }
    return std::nullopt;
}

}  // namespace

std::optional<EarlierFile> earlier_file(Call& call, std::string_view tool, std::string_view prefix,
                                        const std::function<bool(const json::object&)>& fits) {
    const auto state = call.bench.cases.find(call.state.id, call.context.principal);
    if (!state) return std::nullopt;
    std::size_t looked_at = 0;
    for (const auto& run : state->runs.newest_first()) {
        if (run.tool != tool || run.env != call.env || run.outcome != "answered") continue;
        for (const auto& name : run.files()) {
            if (!name.starts_with(prefix)) continue;
            auto content = read_as_filed(call, run, name);
            if (content && fits(*content))
                return EarlierFile{run.run_id, run.opened_at, run.seq, *std::move(content)};
            if (++looked_at == looked_at_max) return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace casefile::tools

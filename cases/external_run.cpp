#include "cases/external_run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/attachments.h"
#include "evidence/files.h"
#include "evidence/manifest.h"

namespace casefile::cases {
namespace {

constexpr std::string_view manifest_ending = ".manifest.json";
constexpr std::uint64_t manifest_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t block_bytes = 256 * 1024, shown_max = 120;
constexpr std::array script_endings = {".py", ".js", ".mjs", ".ts", ".sh", ".sql", ".redis"};

std::string shown(std::string_view text) { return "'" + printable(shorten(text, shown_max)) + "'"; }

/// A claim's path within the folder that the manifest calls its own, with either kind of slash; nothing when
/// it leads elsewhere. Only names count: the folder may have been copied from another machine.
std::optional<std::string> name_within(std::string path, std::string output_dir) {
    for (auto* text : {&path, &output_dir}) std::replace(text->begin(), text->end(), '\\', '/');
    while (output_dir.ends_with('/')) output_dir.pop_back();
    if (!output_dir.empty() && path.starts_with(output_dir + "/")) path.erase(0, output_dir.size() + 1);
    if (path.starts_with("./")) path.erase(0, 2);
    return evidence::is_plain_name(path) ? std::optional(path) : std::nullopt;
}

std::string ending_of(std::string_view name) {
    const auto dot = name.rfind('.');
    const auto ending = dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
    return is_slug(ending, 8) && ending.find('-') == std::string::npos ? ending : "bin";
}

struct Wanted {
    std::string name, role;
    json::object claim;  ///< what the manifest says of it; empty where it says nothing
};

/// What the manifest says, and which files that makes worth taking.
class Manifest {
  public:
    static Result<Manifest> read(int folder, const std::string& name) {
        const auto file = evidence::open_file_at(folder, name);
        if (!file) return file.error();
        const auto text = evidence::read_whole(file->get(), manifest_bytes_max);
        if (!text) return text.error();
        const auto parsed = parse_json(trim(*text));
        if (!parsed || !parsed->is_object())
            return invalid(shown(name) + ": expected one JSON object, got something else");
        return Manifest(name, parsed->get_object());
    }

    const std::string& task() const { return task_; }
    const std::vector<Wanted>& wanted() const { return wanted_; }
    const std::vector<std::string>& doubts() const { return doubts_; }

    json::object claims() const {
        json::object out;
        for (const auto* key : {"run_id", "success", "output_dir", "input_path", "script_path", "outputs"})
            if (const auto* value = member(said_, key)) out[key] = *value;
        return out;
    }
    std::string run_id() const { return string_or(said_, "run_id"); }
    std::string success() const {
        const auto* value = member(said_, "success");
        return value == nullptr || !value->is_bool() ? "claims no outcome"
               : value->get_bool()                   ? "claims success"
                                                     : "claims failure";
    }

    /// Files that carry the run's name, or are its script by the layout, and that no claim names.
    void add_unclaimed(const std::set<std::string>& names) {
        for (const auto* ending : script_endings)
            if (names.contains(task_ + ending)) want(task_ + ending, "script", {});
        if (names.contains(task_ + ".input.json")) want(task_ + ".input.json", "input", {});
        for (const auto& name : names)
            if (name.starts_with(base_ + ".")) want(name, "unclaimed", {});
    }

  private:
    Manifest(const std::string& name, json::object said) : said_(std::move(said)) {
        base_ = name.substr(0, name.size() - manifest_ending.size());
        const auto run = "." + run_id();
        task_ = base_.size() > run.size() && run.size() > 1 && base_.ends_with(run)
                    ? base_.substr(0, base_.size() - run.size())
                    : base_;
        want(name, "manifest", {});
        claim("script_path", string_or(said_, "script_path"), "script", {});
        claim("input_path", string_or(said_, "input_path"), "input", {});
        const auto* outputs = member(said_, "outputs");
        if (outputs == nullptr || !outputs->is_array()) {
            doubts_.emplace_back("outputs: expected a list, got none");
            return;
        }
        std::size_t number = 0;
        for (const auto& one : outputs->get_array()) {
            const auto where = "outputs[" + std::to_string(number++) + "].path";
            if (!one.is_object())
                doubts_.push_back(where + ": expected an object, got " + type_name(one));
            else
                claim(where, string_or(one.get_object(), "path"),
                      string_or(one.get_object(), "role", "output"), one.get_object());
        }
    }

    void claim(const std::string& where, const std::string& path, const std::string& role,
               const json::object& said) {
        if (path.empty()) return;
        if (const auto name = name_within(path, string_or(said_, "output_dir")))
            want(*name, role, said);
        else
            doubts_.push_back(where + ": " + shown(path) + " is no plain name within the folder");
    }

    void want(const std::string& name, const std::string& role, const json::object& said) {
        for (const auto& one : wanted_)
            if (one.name == name) return;
        wanted_.push_back({name, slug(role, 12), said});
    }

    json::object said_;
    std::string base_, task_;
    std::vector<Wanted> wanted_;
    std::vector<std::string> doubts_;
};

/// Copies into the run, and hashes what it copied: whatever a writer does to the file meanwhile, the record
/// tells the bytes that were filed.
class Copier {
  public:
    Copier(int folder, evidence::Run& run) : folder_(folder), run_(run) {}

    Result<void> copy(const Wanted& wanted) {
        auto file = evidence::open_file_at(folder_, wanted.name);
        if (!file) {
            doubts_.push_back(shown(wanted.name) + ": " +
                              (file.error().kind == ErrorKind::not_found
                                   ? "the manifest names it, and it is not there"
                                   : "not taken: expected a regular file, got a link, a pipe or a device"));
            return {};
        }
        const auto number = std::to_string(files_.size() + 1);
        const auto name = "external." + std::string(number.size() < 2 ? "0" : "") + number + "." +
                          wanted.role + "." + ending_of(wanted.name);
        auto output = run_.open_output(name, "external", ending_of(wanted.name), external_file_bytes_max);
        if (!output) return output.error();
        auto sha256 = pour(evidence::bytes_from(file->get()), **output);
        if (!sha256) return sha256.error();
        compare(wanted, (*output)->size(), *sha256);
        files_.push_back(json::object{{"file", name},
                                      {"original_name", printable(wanted.name)},
                                      {"role", wanted.role},
                                      {"bytes", (*output)->size()},
                                      {"sha256", *sha256}});
        run_.log("took " + printable(wanted.name) + " as " + name);
        return {};
    }

    const json::array& files() const { return files_; }
    const std::vector<std::string>& doubts() const { return doubts_; }

  private:
    Result<std::string> pour(const evidence::ByteSource& bytes, evidence::OutputFile& to) {
        Sha256 hash;
        std::vector<char> block(block_bytes);
        for (;;) {
            const auto got = bytes(block);
            if (!got) return got.error();
            if (*got == 0) return hash.hex();
            total_ += *got;
            if (total_ > external_bytes_max)
                return Error{ErrorKind::limit_reached, "external run: expected at most " +
                                                           std::to_string(external_bytes_max) +
                                                           " bytes in all, got more"};
            hash.update({block.data(), *got});
            if (auto done = to.write({block.data(), *got}); !done) return done.error();
        }
    }

    /// Manifests of casefile itself claim sizes and hashes as well.
    void compare(const Wanted& wanted, std::uint64_t bytes, const std::string& sha256) {
        if (const auto* said = member(wanted.claim, "bytes");
            said != nullptr && said->is_int64() && static_cast<std::uint64_t>(said->get_int64()) != bytes)
            doubts_.push_back(shown(wanted.name) + ": its manifest claims " + canonical(*said) +
                              " bytes, it has " + std::to_string(bytes));
        if (const auto said = string_or(wanted.claim, "sha256"); !said.empty() && said != sha256)
            doubts_.push_back(shown(wanted.name) + ": its manifest claims another SHA-256");
    }

    int folder_;
    evidence::Run& run_;
    std::uint64_t total_ = 0;
    json::array files_;
    std::vector<std::string> doubts_;
};

Result<std::string> choose_manifest(const std::set<std::string>& names, const std::string& asked) {
    std::vector<std::string> found;
    for (const auto& name : names)
        if (name.ends_with(manifest_ending) && name.size() > manifest_ending.size()) found.push_back(name);
    if (found.empty())
        return invalid("the folder holds no finished run: expected a file <task>.<run_id>.manifest.json");
    if (asked.empty() && found.size() == 1) return found.front();
    if (std::find(found.begin(), found.end(), asked) != found.end()) return asked;
    for (auto& name : found) name = printable(name);
    return invalid((asked.empty() ? "the folder holds several runs" : "there is no such manifest") +
                       std::string(": ") + shorten(join(found, ", "), 1'000),
                   "choose one of them with --manifest");
}

std::string counted(std::size_t count, const std::string& one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

Result<ExternalRun> file_external_run(evidence::Store& store, const CaseState& state,
                                      const std::filesystem::path& folder, const std::string& manifest,
                                      const std::string& principal, const std::string& client) {
    const auto path = std::filesystem::absolute(folder).lexically_normal();
    const auto whole = path.has_filename() ? path : path.parent_path();
    const auto parent = evidence::open_folder(whole.parent_path());
    if (!parent) return parent.error();
    const auto opened = evidence::open_folder_at(parent->get(), whole.filename().string());
    if (!opened) return opened.error();
    const auto names = evidence::names_in(opened->get());
    if (!names) return names.error();
    const auto chosen = choose_manifest(*names, manifest);
    if (!chosen) return chosen.error();
    auto said = Manifest::read(opened->get(), *chosen);
    if (!said) return said.error();
    said->add_unclaimed(*names);
    if (said->wanted().size() > external_files_max)
        return Error{ErrorKind::limit_reached, "external run: expected at most " +
                                                   std::to_string(external_files_max) + " files, got " +
                                                   std::to_string(said->wanted().size())};

    const json::object asked{
        {"attach", {{"folder", printable(whole.filename().string())}, {"manifest", printable(*chosen)}}}};
    const auto task = slug(said->task(), 40);
    auto run = store.begin(state.id, {.tool = "external",
                                      .task = task,
                                      .env = "",
                                      .principal = principal,
                                      .client = client,
                                      .traceparent = "",
                                      .script = {"json", canonical(asked) + "\n"},
                                      .arguments = asked,
                                      .context = state.context(),
                                      .grant = {}});
    if (!run) return run.error();
    Copier copier(opened->get(), *run);
    ExternalRun filed;
    const auto fail = [&](const Error& error) -> Result<ExternalRun> {
        (void)run->seal(evidence::Outcome::failed,
                        {{"source", "external"}, {"summary", shorten(error.message, 200)}});
        return error;
    };
    for (const auto& wanted : said->wanted())
        if (auto done = copier.copy(wanted); !done) return fail(done.error());
    filed.doubts = said->doubts();
    filed.doubts.insert(filed.doubts.end(), copier.doubts().begin(), copier.doubts().end());
    filed.summary = "external run " + printable(shorten(said->run_id(), 40)) + ", " +
                    counted(copier.files().size(), "file") + ", " + said->success() +
                    (filed.doubts.empty() ? "" : ", " + counted(filed.doubts.size(), "claim") + " in doubt");
    const json::object account{{"source", "external"},
                               {"layout", "MANIFEST_IO"},
                               {"claims", said->claims()},
                               {"files", copier.files()},
                               {"doubts", json::array(filed.doubts.begin(), filed.doubts.end())}};
    if (auto done =
            run->write_output("external." + task + ".json", "metadata", "json", canonical(account) + "\n");
        !done)
        return fail(done.error());
    auto receipt = run->seal(evidence::Outcome::answered,
                             {{"source", "external"},
                              {"summary", filed.summary},
                              {"claims", said->claims()},
                              {"doubts", json::array(filed.doubts.begin(), filed.doubts.end())}});
    if (!receipt) return receipt.error();
    filed.receipt = *std::move(receipt);
    return filed;
}

}  // namespace casefile::cases

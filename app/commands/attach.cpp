// casefile attach CASE FILE or FOLDER: a person files a document with a case, or a finished run of another
// tool. No tool of the server takes a path.

#include <sys/stat.h>

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "app/version.h"
#include "base/text.h"
#include "cases/external_run.h"
#include "evidence/files.h"

namespace casefile::app {
namespace {

struct Arguments {
    std::string case_id, path, name, manifest;
};

/// The bytes of a file, and an error when it became another while it was being read: half of one state and
/// half of another is a document that never was.
evidence::ByteSource steady_bytes(int file, std::string name) {
    struct stat first {};
    (void)::fstat(file, &first);
    return [file, first, name = std::move(name),
            bytes = evidence::bytes_from(file)](std::span<char> into) -> Result<std::size_t> {
        auto got = bytes(into);
        if (!got || *got > 0) return got;
        struct stat last {};
        if (::fstat(file, &last) != 0 || last.st_size != first.st_size ||
            last.st_mtim.tv_sec != first.st_mtim.tv_sec || last.st_mtim.tv_nsec != first.st_mtim.tv_nsec)
            return unavailable(name + ": it changed while it was being read",
                               "attach it when it is finished");
        return got;
    };
}

int attach_file(Home& home, const Arguments& given, const std::filesystem::path& path) {
    const auto parent = evidence::open_folder(path.parent_path());
    if (!parent) return complain(with_path(parent.error(), given.path));
    const auto name = path.filename().string();
    const auto file = evidence::open_file_at(parent->get(), name);
    if (!file) return complain(with_path(file.error(), given.path));
    const auto attached = home.book->attach(given.case_id, {given.name, name, {}},
                                            steady_bytes(file->get(), printable(name)), local_principal());
    if (!attached) return complain(attached.error());
    std::cout << "attached " << attached->name << " to " << given.case_id << "\n  bytes  " << attached->bytes
              << "\n  sha256 " << attached->sha256 << "\n  file   " << attached->path << ", record "
              << attached->record << "\n";
    return exit_done;
}

int attach_run(Home& home, const Arguments& given, const std::filesystem::path& path) {
    const auto state = home.book->find(given.case_id, local_principal());
    if (!state) return complain(state.error());
    const auto filed = cases::file_external_run(*home.store, *state, path, given.manifest, local_principal(),
                                                std::string("casefile ") + version);
    (void)home.book->refresh(given.case_id, true);
    if (!filed) return complain(filed.error());
    std::cout << "filed as run " << filed->receipt.seq << " of " << given.case_id << ", source external\n  "
              << filed->summary << "\n  folder " << filed->receipt.folder.string() << "\n";
    for (const auto& doubt : filed->doubts) std::cout << "  in doubt: " << doubt << "\n";
    return exit_done;
}

int attach(const Options& options, const Arguments& given) {
    auto home = open_existing_home(options);
    if (!home) return complain(home.error());
    auto path = std::filesystem::absolute(given.path).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    struct stat info {};
    const bool is_folder = ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    if (is_folder && !given.name.empty())
        return complain(invalid("--name is for a document; the files of a run keep their own names as data"));
    return is_folder ? attach_run(**home, given, path) : attach_file(**home, given, path);
}

}  // namespace

void add_attach(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("attach", "File a document, or a finished run of another tool");
    const auto given = std::make_shared<Arguments>();
    command->add_option("CASE", given->case_id, "Case id")->required();
    command
        ->add_option("PATH", given->path,
                     "A document of at most 32 MiB, or a folder with <task>.<run_id>.manifest.json")
        ->required();
    command->add_option("--name", given->name,
                        "What tools call the document; without it a name is made of the file's own");
    command->add_option("--manifest", given->manifest, "Which run, where a folder holds several");
    add_home_option(*command, options);
    command->callback([&, given] { action = [&, given] { return attach(options, *given); }; });
}

}  // namespace casefile::app

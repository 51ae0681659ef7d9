#pragma once
// casefile at a shell, with a home of its own and no server behind its variables.

#include <sys/stat.h>

#include "base/json.h"
#include "tests/support/program.h"

namespace casefile {

struct Shell {
    Ran casefile(std::vector<std::string> words) {
        words.insert(words.begin(), program("casefile"));
        return run(words, {{"CASEFILE_HOME", at("home")}});
    }

    std::string at(const std::string& name) const { return (folder.path() / name).string(); }

    std::string open_case() {
        const auto opened = casefile({"call", "open_case", R"({"topic":"wrong prices"})"});
        REQUIRE(opened.exit_code == 0);
        return std::string(parse_json(opened.out)->get_object().at("case").get_string());
    }

    std::string env_file(const std::string& text) {
        const auto file = at("vars.env");
        std::ofstream(file) << text;
        chmod(file.c_str(), 0600);
        return file;
    }

    TemporaryFolder folder;
};

}  // namespace casefile

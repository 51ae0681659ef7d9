#pragma once
// Reads the tables in tests/policy; README.md there says how they are written.

#include <fstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/support/catch.h"

namespace casefile::policy {

struct CorpusLine {
    int number = 0;
    std::string text;  ///< as written, for messages
    std::string mark;
    std::string reason;  ///< the third field; empty where there is none
    std::string harm;    ///< the fourth, of refused statements of SQL that are proved
};

inline std::vector<CorpusLine> read_corpus(const std::string& name) {
    std::ifstream file(std::string(CASEFILE_SOURCE_DIR) + "/tests/policy/" + name);
    REQUIRE(file.is_open());
    std::vector<CorpusLine> lines;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.starts_with('#')) continue;
        const auto fields = split(line, '\t');
        INFO(name << ":" << number << ": expected text, mark, reason and harm between tabs");
        REQUIRE((fields.size() >= 2 && fields.size() <= 4));
        const auto field = [&](std::size_t i) { return i < fields.size() ? fields[i] : std::string(); };
        lines.push_back({number, fields[0], fields[1], field(2), field(3)});
    }
    return lines;
}

/// <HH> stands for the byte of that hexadecimal number.
inline std::string decoded(const std::string& text) {
    const std::string digits = "0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_byte = text[i] == '<' && i + 3 < text.size() && text[i + 3] == '>' &&
                             digits.find(text[i + 1]) != std::string::npos &&
                             digits.find(text[i + 2]) != std::string::npos;
        if (is_byte) {
            out += static_cast<char>(digits.find(text[i + 1]) * 16 + digits.find(text[i + 2]));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

inline bool is_mark(const std::string& mark) {
    return mark == "proved" || mark == "family" || mark == "documented";
}

}  // namespace casefile::policy

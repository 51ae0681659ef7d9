#include "cases/index.h"

namespace casefile::cases {
namespace {

constexpr std::size_t search_words_max = 16;

}  // namespace

std::vector<std::string> search_words(const std::string& search) {
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty() && words.size() < search_words_max) words.push_back("\"" + word + "\"*");
        word.clear();
    };
    for (const char c : search) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            (static_cast<unsigned char>(c) & 0x80) != 0;
        if (letter)
            word += c;
        else
            finish();
    }
    finish();
    return words;
}

}  // namespace casefile::cases

#include "tools/masked_outcome.h"

#include "base/text.h"

namespace casefile::tools {
namespace {

/// No link, no image, no tag and no code: a client may show the question as Markdown or HTML.
std::string without_markup(std::string_view text) {
    std::string out;
    for (const char c : printable(text, true)) {
        if (c == '[' || c == '<')
            out += '(';
        else if (c == ']' || c == '>')
            out += ')';
        else if (c == '`')
            out += '\'';
        else if (c == '/' && out.ends_with(":/"))
            out += " /";
        else
            out += c;
    }
    return out;
}

}  // namespace

Came masked(Came came, const Masks& masks) {
    if (!came) return masks.error(came.error());
    if (auto* finished = std::get_if<Finished>(&*came)) {
        finished->structured = masks.answer(finished->structured).as_object();
        finished->summary = masks.text(finished->summary);
        return came;
    }
    for (auto& question : std::get<mcp::NeedsInput>(*came).questions)
        question.message = masks.text(without_markup(question.message));
    return came;
}

Came with_moved(Came came, const std::set<std::string>& moved) {
    auto* finished = came && !moved.empty() ? std::get_if<Finished>(&*came) : nullptr;
    if (finished == nullptr) return came;
    const json::array lines(moved.begin(), moved.end());
    finished->structured.emplace("drift", lines);
    finished->details.emplace("drift", lines);
    return came;
}

}  // namespace casefile::tools

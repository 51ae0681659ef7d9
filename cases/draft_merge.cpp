#include "cases/draft_merge.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"

namespace casefile::cases {
namespace {

constexpr std::string_view closing_mark = "---";
constexpr std::string_view note_begins = "> The record now says:";

struct Section {
    std::string key;  ///< its heading, and which of that name it is; the closing lines have closing_mark
    std::vector<std::string> lines;

    std::string text() const {
        auto lines_left = lines;
        while (!lines_left.empty() && trim(lines_left.back()).empty()) lines_left.pop_back();
        return join(lines_left, "\n");
    }
};

using Sections = std::vector<Section>;

Sections sections_of(const std::string& text) {
    auto lines = split(text, '\n');
    // The last rule begins the closing lines.
    const auto last_rule = std::find(lines.rbegin(), lines.rend(), closing_mark);
    const auto closing = lines.size() - static_cast<std::size_t>(last_rule - lines.rbegin());
    Sections sections{{"", {}}};
    std::map<std::string, int> seen;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool closes = last_rule != lines.rend() && i + 1 == closing;
        if (closes)
            sections.push_back({std::string(closing_mark), {}});
        else if (lines[i].starts_with("## ") && sections.back().key != closing_mark)
            sections.push_back({lines[i] + " " + std::to_string(++seen[lines[i]]), {}});
        sections.back().lines.push_back(lines[i]);
    }
    return sections;
}

const Section* find(const Sections& sections, const std::string& key) {
    const auto found =
        std::find_if(sections.begin(), sections.end(), [&](const Section& one) { return one.key == key; });
    return found == sections.end() ? nullptr : &*found;
}

/// A person's section without the note of an earlier merge.
std::string without_note(const std::string& text) {
    std::vector<std::string> kept;
    bool in_note = false;
    for (const auto& line : split(text, '\n')) {
        in_note = line == note_begins || (in_note && line.starts_with(">"));
        if (!in_note) kept.push_back(line);
    }
    while (!kept.empty() && trim(kept.back()).empty()) kept.pop_back();
    return join(kept, "\n");
}

std::string note_of(const Section& fresh) {
    std::string note(note_begins);
    for (std::size_t i = fresh.key.empty() ? 0 : 1; i < fresh.lines.size(); ++i)
        if (!trim(fresh.lines[i]).empty()) note += "\n> " + fresh.lines[i];
    return note;
}

std::string merged_section(const Section& edited, const Section* base, const Section* fresh) {
    const auto theirs = without_note(edited.text());
    if (base != nullptr && theirs == base->text()) return fresh == nullptr ? "" : fresh->text();
    const bool record_changed = fresh != nullptr && (base == nullptr || fresh->text() != base->text());
    if (record_changed && theirs != fresh->text()) return theirs + "\n\n" + note_of(*fresh);
    return theirs;
}

}  // namespace

std::string merge_draft(const std::string& base, const std::string& edited, const std::string& fresh) {
    const auto before = sections_of(base), theirs = sections_of(edited), ours = sections_of(fresh);
    std::vector<std::string> parts;
    for (const auto& section : theirs) {
        if (section.key == closing_mark) continue;
        auto text = merged_section(section, find(before, section.key), find(ours, section.key));
        if (!text.empty()) parts.push_back(std::move(text));
    }
    for (const auto& section : ours) {
        const bool is_new = section.key != closing_mark && find(before, section.key) == nullptr &&
                            find(theirs, section.key) == nullptr;
        if (is_new) parts.push_back(section.text());
    }
    if (const auto* closing = find(ours, std::string(closing_mark))) parts.push_back(closing->text());
    return join(parts, "\n\n") + "\n";
}

}  // namespace casefile::cases

#include "cases/draft_merge.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"

namespace casefile::cases {
namespace {

constexpr std::string_view closing_mark = "---";
constexpr std::string_view closing_words = ", environments confirmed: ";
constexpr const char* behind_closing = "behind the closing lines";
constexpr std::string_view note_begins = "> The record now says:";

struct Section {
    std::string key;  ///< its heading, and which of that name it is; the closing lines have closing_mark
    std::vector<std::string> lines;

    /// Without the empty lines around it.
    std::string text() const {
        const auto is_empty = [](const std::string& line) { return trim(line).empty(); };
        const auto last = std::find_if_not(lines.rbegin(), lines.rend(), is_empty).base();
        return join({std::find_if_not(lines.begin(), last, is_empty), last}, "\n");
    }
};

using Sections = std::vector<Section>;

/// The fence that a line opens or ends: its backticks or tildes. Empty where it is none.
std::string_view fence_of(std::string_view line) {
    const auto from = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(from);
    if (from > 3 || line.empty() || (line[0] != '`' && line[0] != '~')) return {};
    const auto length = std::min(line.find_first_not_of(line[0]), line.size());
    return length < 3 ? std::string_view() : line.substr(0, length);
}

/// For each line whether it belongs to a fenced block of code, where nothing is a heading or a rule. A fence
/// that nothing ends counts for none: it would take all that follows for code.
std::vector<bool> fenced_lines(const std::vector<std::string>& lines) {
    std::vector<bool> fenced(lines.size(), false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto opens = fence_of(lines[i]);
        if (opens.empty()) continue;
        const auto ends = std::find_if(
            lines.begin() + static_cast<std::ptrdiff_t>(i) + 1, lines.end(), [&](const std::string& line) {
                return fence_of(line).starts_with(opens) && fence_of(line) == trim(line);
            });
        if (ends == lines.end()) continue;
        const auto last = static_cast<std::size_t>(ends - lines.begin());
        for (; i < last; ++i) fenced[i] = true;
        fenced[last] = true;
    }
    return fenced;
}

bool is_heading(const std::string& line) { return line.starts_with("## "); }

/// Where the closing lines stand: those of `closing`, or the last rule with the line of a case below it,
/// which a person may have changed. What else stands below a rule is a person's.
std::pair<std::size_t, std::size_t> closing_of(const std::vector<std::string>& lines,
                                               const std::vector<bool>& fenced,
                                               const std::vector<std::string>& closing) {
    if (!closing.empty()) {
        const auto at = std::find_end(lines.begin(), lines.end(), closing.begin(), closing.end());
        if (at != lines.end()) {
            const auto from = static_cast<std::size_t>(at - lines.begin());
            return {from, from + closing.size()};
        }
    }
    for (auto from = lines.size(); from-- > 0;) {
        if (fenced[from] || lines[from] != closing_mark) continue;
        auto at = from + 1;
        while (at < lines.size() && trim(lines[at]).empty()) ++at;
        if (at < lines.size() && lines[at].find(closing_words) != std::string::npos) return {from, at + 1};
    }
    return {lines.size(), lines.size()};
}

/// `closing`: the closing lines that casefile wrote, where they are known. What a person wrote behind them
/// are sections as well.
Sections sections_of(const std::string& text, const Section* closing = nullptr) {
    const auto lines = split(text, '\n');
    const auto fenced = fenced_lines(lines);
    const auto [from, until] = closing_of(
        lines, fenced, closing == nullptr ? std::vector<std::string>() : split(closing->text(), '\n'));
    Sections sections{{"", {}}};
    std::map<std::string, int> seen;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool closes = i >= from && i < until;
        if (i == from)
            sections.push_back({std::string(closing_mark), {}});
        else if (!closes && !fenced[i] && is_heading(lines[i]))
            sections.push_back({lines[i] + " " + std::to_string(++seen[lines[i]]), {}});
        else if (i == until)
            sections.push_back({behind_closing, {}});
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

/// An editor that ends its lines with CR and LF has changed no line.
std::string with_plain_ends(const std::string& text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at)
        if (text.compare(at, 2, "\r\n") != 0) plain += text[at];
    return plain;
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
    const auto before = sections_of(base), ours = sections_of(fresh);
    const auto theirs = sections_of(with_plain_ends(edited), find(before, std::string(closing_mark)));
    std::vector<std::string> parts, behind;
    bool closed = false;
    for (const auto& section : theirs) {
        closed = closed || section.key == closing_mark;
        if (section.key == closing_mark) continue;
        auto text = merged_section(section, find(before, section.key), find(ours, section.key));
        if (!trim(text).empty()) (closed ? behind : parts).push_back(std::move(text));
    }
    for (const auto& section : ours) {
        const bool is_new = section.key != closing_mark && find(before, section.key) == nullptr &&
                            find(theirs, section.key) == nullptr;
        if (is_new) parts.push_back(section.text());
    }
    if (const auto* closing = find(ours, std::string(closing_mark))) parts.push_back(closing->text());
    parts.insert(parts.end(), behind.begin(), behind.end());
    return join(parts, "\n\n") + "\n";
}

}  // namespace casefile::cases

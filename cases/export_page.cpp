#include "cases/export_page.h"

#include "base/hash.h"
#include "base/text.h"
#include "cases/embedded_page.h"
#include "cases/inspect_log.h"
#include "cases/told.h"
#include "cases/write_up.h"

namespace casefile::cases {
namespace {

constexpr std::size_t text_bytes_max = 20'000, manifest_bytes_max = 64 * 1024;
/// A page of more than this is no longer read; the folder and the inspect log have the rest.
constexpr std::size_t runs_max = 2'000, records_max = 5'000, entries_max = 2'000;

/// Data as text: nothing in it can become markup, and what nobody sees is spelled out.
std::string html(std::string_view text, bool multi_line = false) {
    std::string out;
    for (const char c : printable(shorten(text, text_bytes_max), multi_line)) switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    return out;
}

/// A relative link: every byte but those of plain names is encoded, so that no scheme grows out of it.
std::string href(std::string_view path) {
    std::string out = "./";
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '/';
        out += plain ? std::string(1, c) : "%" + upper(to_hex(std::string_view(&c, 1)));
    }
    return out;
}

std::string link(const std::string& path, const std::string& name) {
    return "<a href=\"" + href(path) + "\">" + html(name) + "</a>";
}

/// The hash of an inline style or script, as a policy names it.
std::string policy_hash(std::string_view content) {
    Sha256 hash;
    hash.update(content);
    return "'sha256-" + to_base64(hash.digest()) + "'";
}

std::string told_value(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : canonical(value);
}

class Page {
  public:
    explicit Page(const PageCase& page) : page_(page), state_(page.state) {}

    std::string render() {
        head();
        summary();
        check();
        question();
        entries();
        runs();
        documents();
        events();
        chain();
        out_ += "</main>\n<script>" + std::string(page_script()) + "</script>\n</body>\n</html>\n";
        return std::move(out_);
    }

  private:
    void heading(const std::string& title) { out_ += "<h2>" + html(title) + "</h2>\n"; }

    void more(std::size_t shown, std::size_t total, const char* where) {
        if (shown < total)
            out_ +=
                "<p class=\"soft\">" + std::to_string(total - shown) + " more are in " + where + ".</p>\n";
    }

    void head() {
        out_ +=
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src " +
            policy_hash(page_script()) + "; style-src " + policy_hash(page_style()) +
            "; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
            html(state_.id + ": " + state_.topic()) + "</title>\n<style>" + std::string(page_style()) +
            "</style>\n</head>\n<body data-head=\"" + html(state_.head) + "\" data-key=\"" +
            html(page_.key_fingerprint) + "\" data-count=\"" + std::to_string(state_.count) + "\">\n<main>\n";
    }

    void chip(const std::string& text) {
        if (!text.empty()) out_ += "<span class=\"chip\">" + html(text) + "</span>";
    }

    void summary() {
        out_ += "<div class=\"kicker\">" + html(state_.id) + "</div>\n<h1>" + html(state_.topic()) +
                "</h1>\n<div class=\"chips\">";
        chip(state_.status());
        chip(state_.fields.severity.value_or(""));
        chip(state_.fields.env.value_or(""));
        chip("opened " + state_.opened_at);
        chip("by " + state_.principal);
        out_ += "</div>\n";
    }

    void check() {
        out_ +=
            "<div class=\"card\">\n<dl><dt>Records</dt><dd>" + std::to_string(state_.count) + ", of them " +
            std::to_string(state_.runs.size()) + " runs</dd><dt>Head</dt><dd class=\"hash\">" +
            html(state_.head) + "</dd><dt>Key fingerprint</dt><dd class=\"hash\">" +
            html(page_.key_fingerprint) +
            "</dd></dl>\n<h2>Check the evidence</h2>\n<div class=\"pick\"><input type=\"file\" "
            "id=\"folder\" webkitdirectory><label for=\"folder\">Choose this folder…</label>"
            "<span class=\"soft\">Nothing leaves this computer: the page hashes every file itself and holds "
            "it against the signed chain. <code>casefile verify</code> does the same and more.</span></div>\n"
            "<div id=\"verdict\" role=\"status\"></div>\n</div>\n";
    }

    void question() {
        heading("Question");
        out_ += "<div class=\"card\"><dl>";
        const auto fact = [&](const std::string& name, const std::string& value) {
            if (!trim(value).empty()) out_ += "<dt>" + html(name) + "</dt><dd>" + html(value, true) + "</dd>";
        };
        const auto symptoms = state_.fields.symptoms.value_or(Symptoms{});
        const auto window = state_.fields.time_window.value_or(TimeWindow{});
        fact("Expected", symptoms.expected);
        fact("Actual", symptoms.actual);
        for (const auto& pair : state_.fields.entity_ids.value_or(json::object()))
            fact("Id " + std::string(pair.key()), told_value(pair.value()));
        if (!window.start.empty() || !window.end.empty())
            fact("Window", window.start + " to " + window.end + " " + window.timezone);
        fact("Entrypoint", state_.fields.entrypoint.value_or(""));
        fact("Notes", state_.fields.notes.value_or(""));
        fact("Root cause", state_.fields.root_cause.value_or(""));
        fact("Impact", state_.fields.impact.value_or(""));
        fact("Tags", join(state_.fields.tags.value_or(std::vector<std::string>()), ", "));
        for (const auto& grant : state_.grants)
            fact(grant->suspended.empty() ? "Confirmed" : "Suspended",
                 grant->env + " by " + grant->confirmed_by + " (" + grant->how + "), " + grant->given_at);
        out_ += "<dt>Log</dt><dd>" + link(inspect_file_name(state_), "investigation log") + ", " +
                link("case.json", "record") + "</dd></dl></div>\n";
    }

    std::string cited(const std::vector<std::string>& run_ids) const {
        std::string out;
        for (const auto& id : run_ids)
            if (const auto run = state_.run(id))
                out += " <a href=\"#run-" + std::to_string(run->seq) + "\">run " + std::to_string(run->seq) +
                       "</a>";
        return out;
    }

    void entries() {
        if (state_.entries.empty()) return;
        heading("Hypotheses, findings and notes");
        out_ +=
            "<div class=\"card "
            "wide\"><table><thead><tr><th>Kind</th><th>Text</th><th>Evidence</th><th>Written</th></tr></"
            "thead><tbody>\n";
        std::size_t shown = 0;
        for (const auto& entry : state_.entries) {
            if (++shown > entries_max) break;
            out_ += "<tr><td>" + html(entry.kind) +
                    (entry.state.empty() ? "" : "<br><span class=\"soft\">" + html(entry.state) + "</span>") +
                    "</td><td>" + (entry.key.empty() ? "" : "<strong>" + html(entry.key) + "</strong> ") +
                    html(entry.text, true) + "</td><td>" + cited(entry.evidence) +
                    "</td><td class=\"soft\">" + html(entry.at) + "</td></tr>\n";
        }
        out_ += "</tbody></table></div>\n";
        more(std::min(shown, entries_max), state_.entries.size(), "the investigation log");
    }

    void files(const std::vector<PageFile>& all) {
        out_ +=
            "<div "
            "class=\"wide\"><table><thead><tr><th>File</th><th>Role</th><th>Bytes</th><th>SHA-256</th><th></"
            "th></tr></thead><tbody>\n";
        for (const auto& file : all)
            out_ += "<tr><td>" +
                    (file.here ? link(file.path, file.name)
                               : html(file.name) + " <span class=\"mark held\">not in this folder</span>") +
                    "</td><td>" + html(file.role) + "</td><td class=\"number\">" +
                    (file.bytes ? std::to_string(*file.bytes) : "") + "</td><td class=\"hash soft\">" +
                    html(file.sha256) + "</td><td data-path=\"" + html(file.path) + "\"></td></tr>\n";
        out_ += "</tbody></table></div>\n";
    }

    void runs() {
        heading("Runs");
        if (page_.runs.empty()) out_ += "<p class=\"soft\">Nothing was asked.</p>\n";
        std::size_t shown = 0;
        for (const auto& run : page_.runs) {
            const auto line = state_.run(run.run_id);
            if (!line || ++shown > runs_max) continue;
            const auto outcome = line->outcome.empty() ? std::string("not sealed") : line->outcome;
            out_ += "<details id=\"run-" + std::to_string(line->seq) + "\"><summary><strong>" +
                    std::to_string(line->seq) + "</strong><span>" + html(line->tool) +
                    "</span><span class=\"grow\">" +
                    html(line->summary.empty() ? line->task : line->summary) + "</span><span class=\"mark " +
                    (outcome == "answered"     ? "good"
                     : outcome == "not sealed" ? "held"
                                               : "bad") +
                    "\">" + html(outcome) + "</span><span class=\"soft\">" +
                    html(line->env + " " + line->opened_at) + "</span></summary><div class=\"inside\">\n";
            files(run.files);
            if (!run.manifest.empty())
                out_ += "<pre>" + html(shorten(run.manifest, manifest_bytes_max), true) + "</pre>\n";
            out_ += "</div></details>\n";
        }
        more(std::min(shown, runs_max), page_.runs.size(), "the investigation log");
    }

    void documents() {
        if (page_.attachments.empty() && page_.drafts.empty()) return;
        heading("Documents");
        out_ += "<div class=\"card\">\n";
        if (!page_.attachments.empty()) files(page_.attachments);
        for (const auto& draft : page_.drafts)
            out_ += "<p>" + link(draft, draft) +
                    " <span class=\"soft\">a write-up that people may edit: outside the promise</span></p>\n";
        out_ += "</div>\n";
    }

    void events() {
        const Timeline all(state_);
        heading("Timeline");
        out_ += "<details><summary><span class=\"grow\">" + std::to_string(all.size()) +
                " events</span></summary><div class=\"inside wide\"><table><tbody>\n";
        std::size_t shown = 0;
        for (const auto& event : all) {
            if (++shown > entries_max) break;
            out_ += "<tr><td class=\"soft\">" + html(event.at) + "</td><td>" + html(event.kind) +
                    "</td><td>" + html(event.text) + cited(event.evidence) + "</td></tr>\n";
        }
        out_ += "</tbody></table></div></details>\n";
        more(std::min(shown, entries_max), all.size(), "the investigation log");
    }

    void chain() {
        heading("Chain");
        out_ += "<details><summary><span class=\"grow\">" + std::to_string(page_.records.size()) +
                " records, each signed and holding the hash of the one before</span></summary><div "
                "class=\"inside "
                "wide\"><table><thead><tr><th>n</th><th>Kind</th><th>Time</th><th>Hash</th></tr></"
                "thead><tbody>\n";
        std::size_t shown = 0;
        for (const auto& record : page_.records) {
            if (++shown > records_max) break;
            out_ += "<tr><td>" + std::to_string(record.n) + "</td><td>" + html(record.kind) +
                    "</td><td class=\"soft\">" + html(record.at) + "</td><td class=\"hash\">" +
                    html(record.hash) + "</td></tr>\n";
        }
        out_ += "</tbody></table></div></details>\n";
        more(std::min(shown, records_max), page_.records.size(), "chain.jsonl");
    }

    const PageCase& page_;
    const CaseState& state_;
    std::string out_;
};

}  // namespace

std::string render_export_page(const PageCase& page) { return Page(page).render(); }

}  // namespace casefile::cases

// read_evidence: a slice of one file of a sealed run or of an attachment, or the list of runs. Nothing but a
// name in that run's manifest, or of an attachment, opens.

#include <unistd.h>

#include "base/text.h"
#include "evidence/files.h"
#include "tools/asked.h"
#include "tools/csv.h"
#include "tools/evidence/json_slice.h"
#include "tools/evidence/tools.h"

namespace casefile::tools::evidence_record {
namespace {

constexpr std::size_t runs_max = 50;

struct Args {
    std::string id;
    std::optional<std::string> run, file, path;
    std::vector<std::string> columns;
    std::int64_t offset = 0;
    std::int64_t rows_max = 100;
};

struct RunLine {
    std::int64_t seq = 0;
    std::string run, tool, task, env, outcome, summary;
    std::vector<std::string> files;
};

struct Answer {
    std::vector<RunLine> runs;
    std::optional<std::int64_t> runs_total;
    std::optional<std::vector<std::string>> columns;
    std::optional<json::array> rows;
    std::optional<std::string> text;
    std::optional<json::value> value;
    std::optional<std::int64_t> next_offset;
};

/// The newest runs, oldest of them first; `offset` counts back from the newest.
Answer list_runs(const cases::CaseState& state, const Args& args) {
    Answer answer;
    const auto total = state.runs.size();
    const auto skipped = std::min(total, static_cast<std::size_t>(args.offset));
    const auto last = total - skipped;
    const auto shown = std::min({last, runs_max, static_cast<std::size_t>(args.rows_max)});
    for (auto i = last - shown; i < last; ++i) {
        const auto& run = state.runs[i];
        answer.runs.push_back({.seq = static_cast<std::int64_t>(run.seq),
                               .run = run.run_id,
                               .tool = run.tool,
                               .task = run.task,
                               .env = run.env,
                               .outcome = run.outcome.empty() ? "open" : run.outcome,
                               .summary = shorten(run.summary, 120),
                               .files = run.files()});
    }
    answer.runs_total = static_cast<std::int64_t>(total);
    if (last > shown) answer.next_offset = static_cast<std::int64_t>(skipped + shown);
    return answer;
}

ByteSource bytes_of(int descriptor) {
    return [descriptor](std::span<char> into) -> Result<std::size_t> {
        const auto got = read(descriptor, into.data(), into.size());
        if (got < 0) return unavailable("the file cannot be read", "check the disk that holds the case");
        return static_cast<std::size_t>(got);
    };
}

/// `text` has to outlive the source.
ByteSource bytes_of(std::string_view text) {
    return [text](std::span<char> into) mutable -> Result<std::size_t> {
        const auto taken = text.copy(into.data(), into.size());
        text.remove_prefix(taken);
        return taken;
    };
}

/// Places of the wanted columns, in the order in which they are wanted; without any all of them.
Result<std::vector<std::size_t>> places_of(const std::vector<std::string>& wanted,
                                           const std::vector<std::string>& names) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; wanted.empty() && i < names.size(); ++i) places.push_back(i);
    for (const auto& name : wanted) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end())
            return invalid("columns: the file has no column '" + printable(shorten(name, 60)) + "'",
                           "it has " + printable(shorten(join(names, ", "), 1'000)));
        places.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    return places;
}

/// A row alone never breaks the budget: long cells of one are cut, and tell how long they are.
json::value cell_of(const std::optional<std::string>& cell, std::size_t bytes_max) {
    if (!cell) return {};
    if (cell->size() <= bytes_max) return json::value(*cell);
    return json::value(shorten(*cell, bytes_max) + " (cut: " + std::to_string(cell->size()) + " bytes)");
}

/// Rows `offset` to `offset + rows_max` of a CSV file, within the answer's budget of bytes.
Result<Answer> read_rows(int descriptor, const Args& args, std::size_t bytes_max) {
    CsvReader reader(bytes_of(descriptor));
    Answer answer;
    CsvReader::Row row;
    auto more = reader.next(row);
    if (!more) return more.error();
    std::vector<std::string> names;
    if (*more)
        for (auto& name : row) names.push_back(name.value_or(""));
    const auto places = places_of(args.columns, names);
    if (!places) return places.error();
    if (*more) {
        answer.columns.emplace();
        for (const auto place : *places) answer.columns->push_back(names[place]);
    }
    const auto cell_bytes_max = bytes_max / std::max<std::size_t>(places->size(), 1);
    json::array rows;
    std::size_t bytes = 0;
    for (std::int64_t at = 0;; ++at) {
        more = reader.next(row);
        if (!more) return more.error();
        if (!*more) break;
        if (at < args.offset) continue;
        json::array cells;
        for (const auto place : *places) {
            const auto& cell = place < row.size() ? row[place] : std::nullopt;
            cells.push_back(cell_of(cell, cell_bytes_max));
            bytes += (cell ? std::min(cell->size(), cell_bytes_max) : 4) + 3;
        }
        const bool full = std::ssize(rows) >= args.rows_max || (bytes > bytes_max && !rows.empty());
        if (full) {
            answer.next_offset = at;
            break;
        }
        rows.push_back(std::move(cells));
    }
    answer.rows = std::move(rows);
    return answer;
}

Result<std::string> read_bytes(int descriptor, std::int64_t offset, std::size_t bytes_max) {
    std::string text(bytes_max, '\0');
    const auto got = pread(descriptor, text.data(), text.size(), offset);
    if (got < 0) return unavailable("the file cannot be read", "check the disk that holds the case");
    text.resize(static_cast<std::size_t>(got));
    return text;
}

/// `bytes_max`, or less where a character would be cut there. A character has four bytes at most: what goes
/// on like one for longer is no text, and is cut anywhere.
std::size_t end_between_characters(std::string_view text, std::size_t bytes_max) {
    const auto goes_on = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    for (std::size_t back = 0; back <= std::min<std::size_t>(bytes_max, 3); ++back)
        if (!goes_on(bytes_max - back)) return bytes_max - back;
    return bytes_max;
}

/// Bytes from `offset`, cut between characters. `asked` is the file's whole text where it is not shown as it
/// is.
Result<Answer> read_text(int descriptor, const Args& args, std::size_t bytes_max,
                         const std::optional<std::string>& asked) {
    auto slice =
        asked ? asked->substr(std::min(asked->size(), static_cast<std::size_t>(args.offset)), bytes_max + 4)
              : read_bytes(descriptor, args.offset, bytes_max + 4);
    if (!slice) return slice.error();
    auto& text = *slice;
    Answer answer;
    if (text.size() > bytes_max) {
        const auto end = end_between_characters(text, bytes_max);
        text.resize(end);
        answer.next_offset = args.offset + static_cast<std::int64_t>(end);
    }
    answer.text = printable(text, true);
    return answer;
}

/// One value of a JSON file, or a part of it.
Result<Answer> read_value(ByteSource source, const Args& args, std::size_t bytes_max) {
    auto slice = read_json_slice(std::move(source), {.pointer = *args.path,
                                                     .offset = static_cast<std::uint64_t>(args.offset),
                                                     .items_max = static_cast<std::size_t>(args.rows_max),
                                                     .bytes_max = bytes_max});
    if (!slice) return slice.error();
    Answer answer;
    answer.value = std::move(slice->value);
    if (slice->next_offset) answer.next_offset = static_cast<std::int64_t>(*slice->next_offset);
    return answer;
}

Result<void> check_kind(const Args& args) {
    if (args.path && !args.file->ends_with(".json"))
        return invalid("path: expected a file that ends in .json, got '" + printable(*args.file) + "'",
                       "a CSV is read by rows and columns, any other file by bytes");
    if (!args.columns.empty() && !args.file->ends_with(".csv"))
        return invalid("columns: expected a file that ends in .csv, got '" + printable(*args.file) + "'",
                       "JSON is read by path, any other file by bytes");
    return {};
}

Result<Answer> read_open(const Workbench& bench, int file, const Args& args) {
    // The structured answer and its text twin share the budget of a preview, as every answer does.
    const auto bytes_max = static_cast<std::size_t>(bench.limits.preview_tokens_max) * 4;
    if (auto done = check_kind(args); !done) return done.error();
    if (args.file->ends_with(".csv")) return read_rows(file, args, bytes_max);
    std::optional<std::string> asked;
    if (holds_what_was_asked(*args.file)) {
        auto text = read_bytes(file, 0, static_cast<std::size_t>(bench.limits.message_bytes_max));
        if (!text) return text.error();
        asked = masked_asked(bench.masks, *args.file, *text);
    }
    if (args.path) return read_value(asked ? bytes_of(*asked) : bytes_of(file), args, bytes_max);
    return read_text(file, args, bytes_max, asked);
}

Result<Answer> read_slice(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    if (!args.run && args.file) {
        auto file = bench.cases.open_attachment(*state, *args.file);
        if (!file) return file.error();
        return read_open(bench, file->get(), args);
    }
    if (!args.run) return list_runs(*state, args);
    const auto run = state->run_meant_by(*args.run);
    if (!run)
        return not_found("run: expected the id or the number of a run of this case, got '" +
                             printable(shorten(*args.run, 60)) + "'",
                         "read_evidence without run lists the runs");
    if (!args.file) return invalid("file: expected one of " + join(run->files(), ", ") + ", got none");
    const auto file = bench.cases.store().open_file(args.id, run->run_id, *args.file);
    if (!file) return file.error();
    return read_open(bench, file->get(), args);
}

Schema<Answer> answer_schema() {
    return Schema<Answer>{}
        .list("runs", &Answer::runs,
              Schema<RunLine>{}
                  .field("seq", &RunLine::seq, "")
                  .field("run", &RunLine::run, "")
                  .field("tool", &RunLine::tool, "")
                  .field("task", &RunLine::task, "")
                  .field("env", &RunLine::env, "")
                  .field("outcome", &RunLine::outcome, "")
                  .field("summary", &RunLine::summary, "")
                  .field("files", &RunLine::files, ""),
              "Without run.")
        .field("runs_total", &Answer::runs_total, "")
        .field("columns", &Answer::columns, "")
        .field("rows", &Answer::rows, "Of a CSV file.")
        .field("text", &Answer::text, "Of any other file.")
        .field("value", &Answer::value, "At path.")
        .field("next_offset", &Answer::next_offset, "There is more from here.");
}

}  // namespace

std::unique_ptr<mcp::Tool> read_evidence_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "read_evidence",
        .title = "Read evidence",
        .description = "Pages through a file of a run (CSV by rows, JSON by path, others by bytes), or "
                       "without run lists "
                       "the runs.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("run", &Args::run, "Id or number.")
                     .field("file", &Args::file, "A name in that run's files; without run, an attachment.")
                     .length(1, 200)
                     .field("path", &Args::path, "JSON Pointer into a .json file; \"\" is all of it.")
                     .length(0, 2'000)
                     .field("columns", &Args::columns, "Of a CSV: only these.")
                     .optional()
                     .field("offset", &Args::offset, "Rows, elements or bytes to skip.")
                     .range(0, 1'000'000'000'000)
                     .optional()
                     .field("rows_max", &Args::rows_max, "")
                     .range(1, 10'000)
                     .optional(),
        .output = answer_schema(),
        .run = [&bench](const Args& args,
                        mcp::CallContext& context) { return read_slice(bench, args, context); },
    });
}

}  // namespace casefile::tools::evidence_record

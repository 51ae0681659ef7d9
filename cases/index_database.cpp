#include "cases/index_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cases/signature.h"
#include "cases/told.h"

namespace casefile::cases {
namespace {

constexpr int schema_version = 6;
constexpr int busy_milliseconds = 2'000;
// SQLite's own default, 2 MiB, fills up in a long case; what is left out comes from the page cache of the
// system.
constexpr const char* cache_pragma = "PRAGMA cache_size = -512";
constexpr std::int64_t hits_max = 3;
constexpr std::int64_t texts_ranked_max = 2'000;
constexpr std::size_t text_shown_max = 300;

constexpr const char* schema = R"sql(
    CREATE TABLE cases (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL, topic TEXT NOT NULL,
        status TEXT NOT NULL, severity TEXT NOT NULL, opened_at TEXT NOT NULL, changed_at TEXT NOT NULL,
        runs INTEGER NOT NULL, journal_bytes INTEGER NOT NULL, head TEXT NOT NULL, external INTEGER NOT NULL,
        signature TEXT NOT NULL, cause TEXT NOT NULL, fix TEXT NOT NULL);
    CREATE INDEX signatures ON cases (signature);
    CREATE TABLE settled (
        place INTEGER PRIMARY KEY, records INTEGER NOT NULL, head TEXT NOT NULL, entries INTEGER NOT NULL,
        runs INTEGER NOT NULL, attachments INTEGER NOT NULL, open TEXT NOT NULL);
    CREATE TABLE pieces (
        piece INTEGER PRIMARY KEY, place INTEGER NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
        runs TEXT NOT NULL);
    CREATE INDEX pieces_of_units ON pieces (place, unit);
    CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61');
)sql";

/// What helped: of the pattern that was learned, or of the newest fix.
std::string fix_of(const CaseState& state) {
    for (const auto& pattern : newest_of(state, "pattern"))
        if (const auto fix = member_of(pattern, "fix"); !fix.empty()) return shorten(fix, text_shown_max);
    const auto fixes = newest_of(state, "fix");
    return fixes.empty() ? "" : shorten(fixes.back().text, text_shown_max);
}

CaseSummary summary_at(Statement& row) {
    return {row.text(0), row.text(1),   row.text(2),        row.text(3), row.text(4),
            row.text(5), row.number(6), row.number(7) != 0, {}};
}

}  // namespace

IndexDatabase::IndexDatabase(const std::string& file) {
    try {
        if (file != ":memory:") make_private(file);
        check(
            sqlite3_open_v2(file.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr));
        check(sqlite3_busy_timeout(connection_, busy_milliseconds));
        // Refused while another process does the same, which then has done it for us.
        sqlite3_exec(connection_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
        run("PRAGMA synchronous = NORMAL");
        run(cache_pragma);
        make_schema();
    } catch (const SqliteFailure&) {
        sqlite3_close(connection_);
        throw;
    }
}

IndexDatabase::~IndexDatabase() { sqlite3_close(connection_); }

bool IndexDatabase::is_at(const std::filesystem::path& file) const {
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 && info.st_ino == inode_;
}

std::map<std::string, std::uint64_t> IndexDatabase::known() {
    std::map<std::string, std::uint64_t> sizes;
    Statement rows(connection_, "SELECT id, journal_bytes FROM cases");
    while (rows.step()) sizes.emplace(rows.text(0), static_cast<std::uint64_t>(rows.number(1)));
    return sizes;
}

void IndexDatabase::put(const CaseState& state, std::uint64_t journal_bytes,
                        const std::filesystem::path& folder, const HashAt& hash_at) {
    in_transaction([&] {
        const auto last = last_put(state, hash_at);
        LastPut put{.count = state.count,
                    .head = state.head,
                    .settled = settled_texts(state, last ? last->settled.runs : 0),
                    .unsettled = {}};
        visit_index_units(state, folder, put.settled,
                          [&](const IndexUnit& unit) { put.unsettled.insert(unit.key); });
        const auto place = put_case(state, journal_bytes);
        auto there = last ? last->unsettled : units_at(place);
        visit_index_units(state, folder, last ? last->settled : SettledTexts(), [&](const IndexUnit& unit) {
            if (there.erase(unit.key) == 0) put_texts(place, unit);
        });
        for (const auto& gone : there) drop_texts(place, gone);
        keep_put(place, put);
    });
}

std::optional<IndexDatabase::LastPut> IndexDatabase::last_put(const CaseState& state, const HashAt& hash_at) {
    Statement row(connection_,
                  "SELECT records, settled.head, entries, settled.runs, attachments, open FROM settled JOIN "
                  "cases USING (place) WHERE id = ?1 AND settled.head = cases.head");
    if (!row.bind(1, state.id).step()) return std::nullopt;
    const auto number = [&](int column) { return static_cast<std::size_t>(row.number(column)); };
    LastPut last{.count = number(0),
                 .head = row.text(1),
                 .settled = {.entries = number(2), .runs = number(3), .attachments = number(4)},
                 .unsettled = {}};
    // While one call was on its way here, another may have come with more.
    if (state.count < last.count || hash_at(last.count) != last.head) return std::nullopt;
    const auto keys = parse_json(row.text(5));
    if (!keys || !keys->is_array()) return std::nullopt;
    for (const auto& key : keys->get_array())
        if (key.is_string()) last.unsettled.emplace(key.get_string());
    return last;
}

void IndexDatabase::keep_put(std::int64_t place, const LastPut& put) {
    const auto& settled = put.settled;
    Statement(
        connection_,
        "INSERT OR REPLACE INTO settled (place, records, head, entries, runs, attachments, open) VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, place)
        .bind(2, static_cast<std::int64_t>(put.count))
        .bind(3, put.head)
        .bind(4, static_cast<std::int64_t>(settled.entries))
        .bind(5, static_cast<std::int64_t>(settled.runs))
        .bind(6, static_cast<std::int64_t>(settled.attachments))
        .bind(7, compact(json::array(put.unsettled.begin(), put.unsettled.end())))
        .done();
}

void IndexDatabase::drop(const std::string& id) {
    in_transaction([&] {
        Statement row(connection_, "SELECT place FROM cases WHERE id = ?1");
        if (!row.bind(1, id).step()) return;
        const auto place = row.number(0);
        for (const auto& unit : units_at(place)) drop_texts(place, unit);
        Statement(connection_, "DELETE FROM settled WHERE place = ?1").bind(1, place).step();
        Statement(connection_, "DELETE FROM cases WHERE id = ?1").bind(1, id).step();
    });
}

/// Cases in which each word stands somewhere; then, of each, the texts that tell the most of them.
std::vector<CaseSummary> IndexDatabase::list(const std::string& principal,
                                             const std::vector<std::string>& words, std::size_t rows_max) {
    std::string sql =
        "SELECT id, topic, status, severity, opened_at, changed_at, runs, external, place FROM cases "
        "WHERE (?1 = '' OR principal = ?1)";
    for (std::size_t i = 0; i < words.size(); ++i)
        sql +=
            " AND place IN (SELECT place FROM pieces JOIN words ON words.rowid = pieces.piece WHERE "
            "words MATCH ?" +
            std::to_string(i + 3) + ")";
    Statement rows(connection_, (sql + " ORDER BY opened_at DESC, id DESC LIMIT ?2").c_str());
    rows.bind(1, principal).bind(2, static_cast<std::int64_t>(rows_max));
    for (std::size_t i = 0; i < words.size(); ++i) rows.bind(static_cast<int>(i) + 3, words[i]);
    std::vector<CaseSummary> found;
    while (rows.step()) {
        found.push_back(summary_at(rows));
        if (!words.empty()) found.back().hits = hits(rows.number(8), words);
    }
    return found;
}

/// By what people and calls said of each case; files of runs would make long cases look like all others.
std::vector<SimilarCase> IndexDatabase::ranked(const std::string& principal, const std::string& signature,
                                               const std::vector<std::string>& words, std::size_t rows_max) {
    std::string query;
    for (const auto& word : words) query += (query.empty() ? "\"" : " OR \"") + word + "\"";
    if (query.empty()) return {};
    Statement rows(connection_,
                   "SELECT id, topic, status, -bm25(words), signature, cause, fix, text FROM words JOIN "
                   "pieces ON pieces.piece = words.rowid JOIN cases ON cases.place = pieces.place WHERE "
                   "words MATCH ?1 AND (?2 = '' OR principal = ?2) AND kind NOT IN ('script', 'log', "
                   "'output', 'attachment') ORDER BY rank LIMIT ?3");
    rows.bind(1, query).bind(2, principal).bind(3, texts_ranked_max);
    std::map<std::string, SimilarCase> by_case;
    while (rows.step()) {
        auto& one = by_case[rows.text(0)];
        one.id = rows.text(0);
        one.topic = rows.text(1);
        one.status = rows.text(2);
        one.score += rows.real(3);
        one.same_signature = !signature.empty() && rows.text(4) == signature;
        one.cause = rows.text(5);
        one.fix = rows.text(6);
        const auto text = lower(rows.text(7));
        for (const auto& word : words)
            if (text.find(word) != std::string::npos &&
                std::ranges::find(one.shared, word) == one.shared.end())
                one.shared.push_back(word);
    }
    std::vector<SimilarCase> found;
    for (auto& [id, one] : by_case) found.push_back(std::move(one));
    std::ranges::sort(found, [](const SimilarCase& left, const SimilarCase& right) {
        return std::pair(right.same_signature, right.score) < std::pair(left.same_signature, left.score);
    });
    if (found.size() > rows_max) found.resize(rows_max);
    return found;
}

std::vector<RecurringSignature> IndexDatabase::recurring(const std::string& principal,
                                                         std::size_t times_min) {
    Statement rows(connection_,
                   "SELECT signature, group_concat(id, ' ') FROM (SELECT signature, id FROM cases WHERE "
                   "signature <> '' AND (?1 = '' OR principal = ?1) ORDER BY opened_at DESC) GROUP BY "
                   "signature HAVING COUNT(*) >= ?2 ORDER BY COUNT(*) DESC, signature");
    rows.bind(1, principal).bind(2, static_cast<std::int64_t>(times_min));
    std::vector<RecurringSignature> found;
    while (rows.step()) found.push_back({rows.text(0), split(rows.text(1), ' ')});
    return found;
}

void IndexDatabase::empty() {
    in_transaction([&] { make_tables(); });
}

/// Everything, in an order that does not depend on when it was put in.
std::string IndexDatabase::dump() {
    std::string text;
    Statement rows(
        connection_,
        "SELECT cases.id, principal, topic, status, severity, opened_at, changed_at, cases.runs, "
        "journal_bytes, external, signature, cause, fix, kind, pieces.runs, text FROM cases LEFT JOIN "
        "pieces ON "
        "pieces.place = cases.place LEFT JOIN words ON words.rowid = pieces.piece "
        "ORDER BY cases.id, kind, pieces.runs, text");
    while (rows.step()) {
        for (int column = 0; column < 16; ++column) text += rows.text(column) + "|";
        text += "\n";
    }
    return text;
}

/// SQLite gives its side files the mode of the main one. Never opens a file that is there: closing it
/// would drop the locks that other connections of this process hold on it.
void IndexDatabase::make_private(const std::string& file) {
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0) inode_ = info.st_ino;
}

void IndexDatabase::run(const char* sql) { check(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr)); }

template <class Work>
void IndexDatabase::in_transaction(const Work& work) {
    run("BEGIN IMMEDIATE");
    try {
        work();
        run("COMMIT");
    } catch (...) {
        // Whatever it was: an open transaction would lock every other process out of the index.
        sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
}

std::int64_t IndexDatabase::put_case(const CaseState& state, std::uint64_t journal_bytes) {
    Statement upsert(
        connection_,
        "INSERT INTO cases (id, principal, topic, status, severity, opened_at, changed_at, runs, "
        "journal_bytes, head, external, signature, cause, fix) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
        "?10, ?11, ?12, ?13, ?14) ON CONFLICT (id) DO UPDATE SET principal = ?2, topic = ?3, status = ?4, "
        "severity = ?5, opened_at = ?6, changed_at = ?7, runs = ?8, journal_bytes = ?9, head = ?10, "
        "external = ?11, signature = ?12, cause = ?13, fix = ?14 RETURNING place");
    upsert.bind(1, state.id).bind(2, state.principal).bind(3, state.topic()).bind(4, state.status());
    upsert.bind(5, state.fields.severity.value_or("")).bind(6, state.opened_at).bind(7, state.changed_at);
    upsert.bind(8, static_cast<std::int64_t>(state.runs.size()));
    upsert.bind(9, static_cast<std::int64_t>(journal_bytes));
    upsert.bind(10, state.head).bind(11, std::int64_t{state.imported_key.empty() ? 0 : 1});
    upsert.bind(12, signature_of(state))
        .bind(13, shorten(state.fields.root_cause.value_or(""), text_shown_max))
        .bind(14, fix_of(state));
    upsert.step();
    const auto place = upsert.number(0);
    while (upsert.step()) {
    }
    return place;
}

std::set<std::string> IndexDatabase::units_at(std::int64_t place) {
    std::set<std::string> units;
    Statement rows(connection_, "SELECT DISTINCT unit FROM pieces WHERE place = ?1");
    rows.bind(1, place);
    while (rows.step()) units.insert(rows.text(0));
    return units;
}

void IndexDatabase::put_texts(std::int64_t place, const IndexUnit& unit) {
    Statement piece(connection_, "INSERT INTO pieces (place, unit, kind, runs) VALUES (?1, ?2, ?3, ?4)");
    for (const auto& text : unit.texts()) {
        piece.bind(1, place).bind(2, unit.key).bind(3, text.kind).bind(4, text.runs).done();
        // Made for each text: one that feeds many keeps memory for all of them.
        Statement(connection_, "INSERT INTO words (rowid, text) VALUES (last_insert_rowid(), ?1)")
            .bind(1, text.text)
            .done();
    }
}

void IndexDatabase::drop_texts(std::int64_t place, const std::string& unit) {
    Statement(connection_,
              "DELETE FROM words WHERE rowid IN (SELECT piece FROM pieces WHERE place = ?1 AND unit = ?2)")
        .bind(1, place)
        .bind(2, unit)
        .step();
    Statement(connection_, "DELETE FROM pieces WHERE place = ?1 AND unit = ?2")
        .bind(1, place)
        .bind(2, unit)
        .step();
}

std::vector<std::string> IndexDatabase::hits(std::int64_t place, const std::vector<std::string>& words) {
    Statement rows(connection_,
                   "SELECT kind, runs, snippet(words, 0, '', '', '…', 14) FROM words JOIN pieces ON "
                   "pieces.piece = words.rowid WHERE words MATCH ?1 AND place = ?2 ORDER BY rank, piece "
                   "LIMIT ?3");
    rows.bind(1, join(words, " OR ")).bind(2, place).bind(3, hits_max);
    std::vector<std::string> found;
    while (rows.step())
        found.push_back(rows.text(0) + (rows.text(1).empty() ? "" : " " + rows.text(1)) + ": " +
                        printable(rows.text(2)));
    return found;
}

std::int64_t IndexDatabase::version() {
    Statement row(connection_, "PRAGMA user_version");
    return row.step() ? row.number(0) : 0;
}

/// Under the write lock, so that of two processes that start at once, one makes it and the other finds
/// it.
void IndexDatabase::make_schema() {
    if (version() == schema_version) return;
    in_transaction([&] {
        if (version() != schema_version) make_tables();
    });
}

void IndexDatabase::make_tables() {
    run("DROP TABLE IF EXISTS cases; DROP TABLE IF EXISTS settled; DROP TABLE IF EXISTS pieces; DROP TABLE "
        "IF EXISTS words");
    run(schema);
    run(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
}

}  // namespace casefile::cases

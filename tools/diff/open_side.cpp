#include "tools/diff/open_side.h"

#include <sys/stat.h>

#include "base/text.h"
#include "tools/diff/csv_side.h"
#include "tools/diff/json_side.h"
#include "tools/diff/mysql_side.h"
#include "tools/mysql/masked_rows.h"

namespace casefile::tools::diff {
namespace {

std::uint64_t size_of(const Descriptor& file) {
    struct stat about {};
    return ::fstat(file.get(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

OpenSide document(const SideRequest& request, Descriptor file, std::string as_of) {
    const auto size = size_of(file);
    return {std::make_unique<CsvSide>(request.name, request.key_fields, bytes_of(std::move(file)), size,
                                      std::move(as_of))};
}

/// A CSV output of an earlier run; what it holds was true when that run was sealed.
Result<OpenSide> open_evidence(const SideRequest& request, const Call& call) {
    const auto& asked = *request.args.evidence;
    auto state = call.bench.cases.find(call.state.id, call.context.principal);
    if (!state) return state.error();
    const auto run = state->run_meant_by(asked.run);
    if (!run || run->sealed_at.empty())
        return not_found(request.name + ".evidence.run: this case has no sealed run '" +
                             printable(shorten(asked.run, 64)) + "'",
                         "read_evidence lists the runs");
    if (!asked.file.ends_with(".csv"))
        return invalid(request.name + ".evidence.file: expected a .csv file of that run, got '" +
                           printable(shorten(asked.file, 100)) + "'",
                       "query_mysql writes its rows into db_rows.<task>.csv");
    auto file = call.bench.cases.store().open_file(call.state.id, run->run_id, asked.file);
    if (!file) return file.error();
    return document(request, *std::move(file), run->sealed_at);
}

/// A document that a person filed with the case.
Result<OpenSide> open_attachment(const SideRequest& request, const Call& call) {
    const auto& name = request.args.attachment->name;
    auto state = call.bench.cases.find(call.state.id, call.context.principal);
    if (!state) return state.error();
    auto file = call.bench.cases.open_attachment(*state, name);
    if (!file) {
        auto error = file.error();
        error.message = request.name + "." + error.message;
        error.hint += "; a small one can be given as csv {text}";
        return error;
    }
    std::string attached_at;
    for (const auto& attachment : state->attachments)
        if (string_or(attachment, "name") == name) attached_at = string_or(attachment, "at");
    return document(request, *std::move(file), attached_at);
}

/// What the case says was expected, or seen instead: CSV, or one JSON record, or a list of them.
Result<OpenSide> open_symptom(const SideRequest& request, const Call& call) {
    const auto& name = *request.args.symptom;
    auto state = call.bench.cases.find(call.state.id, call.context.principal);
    if (!state) return state.error();
    const auto symptoms = state->fields.symptoms.value_or(cases::Symptoms{});
    auto text = name == "expected" ? symptoms.expected : symptoms.actual;
    if (trim(text).empty())
        return not_found(
            request.name + ".symptom: the case says nothing of what was " +
                (name == "expected" ? "expected" : "seen"),
            "update_case takes symptoms {expected, actual}; as CSV with a first line of names, or "
            "as JSON records, they can be compared");
    auto as_of = rfc3339(call.bench.clock.now());
    if (const auto begin = trim(text).substr(0, 1); begin == "{" || begin == "[")
        return OpenSide{
            std::make_unique<JsonSide>(request.name, request.key_fields, std::move(text), std::move(as_of))};
    const auto size = text.size();
    return OpenSide{std::make_unique<CsvSide>(request.name, request.key_fields, bytes_of(std::move(text)),
                                              size, std::move(as_of))};
}

}  // namespace

Room room_of(const Call& call) {
    return {.folder = call.bench.cases.store().case_folder(call.state.id),
            .disk_bytes_max = static_cast<std::uint64_t>(call.bench.limits.file_bytes_max)};
}

Result<OpenSide> open_side(const SideRequest& request, const Call& call, mysql::CostGuard& guard) {
    const auto& args = request.args;
    if (args.mysql) {
        auto source = call.bench.sources.mysql(request.env);
        if (!source) return source.error();
        auto masked = mysql::judge_masks(args.mysql->sql, **source, call);
        if (!masked) return masked.error();
        auto side =
            std::make_unique<MysqlSide>(request.name, request.key_fields, args.mysql->sql, **source,
                                        guard.judge((*source)->endpoint(), args.mysql->sql, std::nullopt));
        auto* mysql = side.get();
        return OpenSide{std::move(side), nullptr, mysql, *std::move(masked)};
    }
    if (args.redis) {
        auto source = call.bench.sources.redis(request.env);
        if (!source) return source.error();
        auto side = std::make_unique<RedisSide>(request.name, *request.redis_keys, request.redis_type,
                                                **source, call.bench.clock, room_of(call));
        auto* redis = side.get();
        return OpenSide{std::move(side), redis};
    }
    if (args.evidence) return open_evidence(request, call);
    if (args.attachment) return open_attachment(request, call);
    if (args.symptom) return open_symptom(request, call);
    return OpenSide{std::make_unique<CsvSide>(request.name, request.key_fields, bytes_of(args.csv->text),
                                              args.csv->text.size(), rfc3339(call.bench.clock.now()))};
}

}  // namespace casefile::tools::diff

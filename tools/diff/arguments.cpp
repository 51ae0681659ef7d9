#include "tools/diff/arguments.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "policy/sql_masks.h"
#include "tools/diff/timestamp.h"
#include "tools/environment/meant_environment.h"

namespace casefile::tools::diff {
namespace {

/// Unknown members are refused all the same; that the schema does not say so saves its room in tools/list.
Schema<SideArgs> side_schema() {
    return Schema<SideArgs>{}
        .object("mysql", &SideArgs::mysql,
                Schema<MysqlArgs>{}.field("sql", &MysqlArgs::sql, "").length(1, 65536).open(), "")
        .object("redis", &SideArgs::redis,
                Schema<RedisArgs>{}
                    .field("key_template", &RedisArgs::key_template, "")
                    .field("type", &RedisArgs::type, "")
                    .choices({"auto", "string", "hash", "json", "plain"})
                    .optional()
                    .open(),
                "")
        .object("csv", &SideArgs::csv, Schema<CsvArgs>{}.field("text", &CsvArgs::text, "").open(), "")
        .object("attachment", &SideArgs::attachment,
                Schema<AttachmentArgs>{}.field("name", &AttachmentArgs::name, "").open(), "")
        .object("evidence", &SideArgs::evidence,
                Schema<EvidenceArgs>{}
                    .field("run", &EvidenceArgs::run, "")
                    .field("file", &EvidenceArgs::file, "")
                    .open(),
                "")
        .field("symptom", &SideArgs::symptom, "")
        .choices({"expected", "actual"})
        .field("env", &SideArgs::env, "")
        .open();
}

Schema<CompareArgs> compare_schema() {
    return Schema<CompareArgs>{}
        .field("ignore", &CompareArgs::ignore, "")
        .length(0, 500)
        .optional()
        .field("rename", &CompareArgs::rename, "{left name: right name}")
        .optional()
        .field("tolerance", &CompareArgs::tolerance, "{field: \"0.01\"}; of times in seconds.")
        .optional()
        .field("read_as", &CompareArgs::read_as,
               "{field or *: words of trim, case, set, bool, null, epoch_s, epoch_ms, epoch_us}")
        .optional()
        .field("timezone", &CompareArgs::timezone, "Of times without one: UTC (default), +02:00.")
        .field("settle_ms", &CompareArgs::settle_ms,
               "Pause before differences are read again; default 200, 0 off.")
        .range(0, 5'000)
        .optional()
        .field("left_over", &CompareArgs::left_over, "Also scan for Redis keys without a record.")
        .optional();
}

Result<std::map<std::string, std::string>> texts_of(const json::object& object, const std::string& path) {
    std::map<std::string, std::string> out;
    for (const auto& pair : object) {
        const auto name = std::string(pair.key());
        if (!pair.value().is_string())
            return schema_detail::type_error(schema_detail::path_of(path, name), "a string", pair.value());
        out.emplace(name, pair.value().get_string());
    }
    return out;
}

Result<Rules> read_rules(const Args& args) {
    const auto compare = args.compare.value_or(CompareArgs{});
    Rules rules{.key = args.key,
                .fields = args.fields,
                .ignore = compare.ignore,
                .rename = {},
                .tolerance = {},
                .read_as = {}};
    rules.settle = std::chrono::milliseconds(compare.settle_ms);
    rules.left_over = compare.left_over;
    auto rename = texts_of(compare.rename, "compare.rename");
    if (!rename) return rename.error();
    rules.rename = *std::move(rename);
    for (const auto& [left, right] : rules.rename)
        if (rules.left_name(right) != left)
            return invalid("compare.rename: both '" + printable(shorten(rules.left_name(right), 64)) +
                               "' and '" + printable(shorten(left, 64)) + "' are mapped to '" +
                               printable(shorten(right, 64)) + "'",
                           "map each field of the right once");
    const auto tolerance = texts_of(compare.tolerance, "compare.tolerance");
    if (!tolerance) return tolerance.error();
    for (const auto& [field, text] : *tolerance) {
        const auto decimal = Decimal::parse(text);
        if (!decimal || decimal->negative())
            return invalid("compare.tolerance." + field + ": expected a decimal such as \"0.01\", got '" +
                           printable(shorten(text, 40)) + "'");
        rules.tolerance.emplace(field, *decimal);
    }
    const auto read_as = texts_of(compare.read_as, "compare.read_as");
    if (!read_as) return read_as.error();
    for (const auto& [field, words] : *read_as) {
        const auto reading = parse_reading(field, words);
        if (!reading) return reading.error();
        rules.read_as.emplace(field, *reading);
    }
    if (compare.timezone) {
        const auto zone = parse_zone(*compare.timezone);
        if (!zone) return zone.error();
        rules.zone_seconds = *zone;
    }
    return rules;
}

Result<void> check_one_kind(const SideArgs& side, const std::string& name) {
    const int kinds = side.mysql.has_value() + side.redis.has_value() + side.csv.has_value() +
                      side.attachment.has_value() + side.evidence.has_value() + side.symptom.has_value();
    if (kinds == 1) return {};
    return invalid(name + ": expected exactly one of mysql, redis, csv, attachment, evidence, symptom, got " +
                       std::to_string(kinds),
                   R"(for example {"mysql": {"sql": "SELECT id, price FROM products"}})");
}

RedisType type_of(const std::string& name) {
    if (name == "string") return RedisType::string;
    if (name == "hash") return RedisType::hash;
    if (name == "json") return RedisType::json;
    if (name == "plain") return RedisType::plain;
    return RedisType::automatic;
}

Result<SideRequest> read_side(const SideArgs& args, const std::string& name, Workbench& bench,
                              const Situation& call) {
    if (auto done = check_one_kind(args, name); !done) return done.error();
    SideRequest side{.name = name, .args = args, .env = {}, .key_fields = {}, .redis_keys = {}};
    if (args.mysql || args.redis) {
        auto env =
            meant_environment(bench, name + ".env", args.env.value_or(call.env), call.state, call.principal);
        if (!env) return env.error();
        side.env = *std::move(env);
    }
    if (!args.redis) return side;
    auto keys = KeyTemplate::parse(args.redis->key_template);
    if (!keys) return keys.error();
    side.redis_keys = *std::move(keys);
    side.redis_type = type_of(args.redis->type);
    return side;
}

/// The key fields: as named, or else those of a key template.
Result<void> settle_key(Request& request) {
    auto& rules = request.rules;
    auto& left = request.left;
    auto& right = request.right;
    if (rules.key.empty() && left.redis_keys) rules.key = left.redis_keys->names();
    if (rules.key.empty() && right.redis_keys)
        for (const auto& name : right.redis_keys->names()) rules.key.push_back(rules.left_name(name));
    if (rules.key.empty())
        return invalid("key: expected the fields that tell one record from another, got none",
                       R"(for example ["id"])");
    left.key_fields = rules.key;
    right.key_fields = rules.right_names(rules.key);
    for (auto* side : {&left, &right})
        if (side->redis_keys)
            if (auto done = side->redis_keys->bind(side->key_fields); !done) return done.error();
    return {};
}

}  // namespace

Schema<Args> args_schema() {
    return Schema<Args>{}
        .object("left", &Args::left, side_schema(),
                "One of mysql, redis, csv, attachment, evidence, symptom (CSV or JSON of the case); "
                "env where needed.")
        .object("right", &Args::right, side_schema(), "Likewise. A plain Redis value is the field value.")
        .field("key", &Args::key, "Key fields; default: those in key_template, such as order:{id}.")
        .length(0, 16)
        .optional()
        .field("fields", &Args::fields, "Default: those both have.")
        .length(0, 500)
        .optional()
        .object("compare", &Args::compare, compare_schema(), "");
}

Result<Request> read_request(const Args& args, Workbench& bench, const Situation& call) {
    auto rules = read_rules(args);
    if (!rules) return rules.error();
    auto left = read_side(args.left, "left", bench, call);
    if (!left) return left.error();
    auto right = read_side(args.right, "right", bench, call);
    if (!right) return right.error();
    Request request{*std::move(left), *std::move(right), *std::move(rules)};
    if (auto done = settle_key(request); !done) return done.error();
    return request;
}

json::object told(const SideRequest& side) {
    json::object out;
    if (!side.env.empty()) out["env"] = side.env;
    const auto& args = side.args;
    if (args.mysql) out["mysql"] = {{"sql", args.mysql->sql}};
    if (args.redis) out["redis"] = {{"key_template", args.redis->key_template}, {"type", args.redis->type}};
    if (args.csv) out["csv"] = {{"bytes", args.csv->text.size()}};
    if (args.attachment) out["attachment"] = {{"name", args.attachment->name}};
    if (args.symptom) out["symptom"] = *args.symptom;
    if (args.evidence) out["evidence"] = {{"run", args.evidence->run}, {"file", args.evidence->file}};
    return out;
}

json::object told_to_all(const SideRequest& side) {
    auto out = told(side);
    if (!side.args.mysql) return out;
    json::array tables;
    if (const auto names = policy::tables_of(side.args.mysql->sql))
        for (const auto& name : *names) tables.emplace_back(name.table);
    out["mysql"] = {{"sql_sha256", sha256_hex(side.args.mysql->sql)}, {"tables", std::move(tables)}};
    return out;
}

json::object told(const Rules& rules) {
    const auto list = [](const std::vector<std::string>& names) {
        return json::array(names.begin(), names.end());
    };
    json::object out{{"key", list(rules.key)},
                     {"ignore", list(rules.ignore)},
                     {"zone_seconds", rules.zone_seconds},
                     {"settle_ms", rules.settle.count()},
                     {"left_over", rules.left_over}};
    if (!rules.fields.empty()) out["fields"] = list(rules.fields);
    json::object rename, tolerance, read_as;
    for (const auto& [left, right] : rules.rename) rename[left] = right;
    for (const auto& [field, decimal] : rules.tolerance) tolerance[field] = decimal.text();
    for (const auto& [field, reading] : rules.read_as) read_as[field] = words_of(reading);
    out["rename"] = std::move(rename);
    out["tolerance"] = std::move(tolerance);
    if (!read_as.empty()) out["read_as"] = std::move(read_as);
    return out;
}

policy::Intent intent_of(const SideRequest& side, const Rules& rules) {
    policy::Intent intent;
    if (side.args.mysql) {
        intent = {.action = policy::Intent::Action::read, .env = side.env, .sources = {SourceKind::mysql}};
        intent.sql.push_back({side.args.mysql->sql});
    } else if (side.redis_keys) {
        intent = {.action = policy::Intent::Action::read, .env = side.env, .sources = {SourceKind::redis}};
        const auto& key = side.redis_keys->text();
        std::vector<std::string> fields{"HMGET", key};
        fields.insert(fields.end(), rules.fields.begin(), rules.fields.end());
        if (rules.fields.empty()) fields.emplace_back("field");
        for (auto command : std::vector<std::vector<std::string>>{
                 {"TIME"},
                 {"MGET", key},
                 {"GET", key},
                 {"TYPE", key},
                 {"HLEN", key},
                 fields,
                 {"JSON.GET", key},
                 {"HSCAN", key, "0", "COUNT", "100"},
                 {"SCAN", "0", "MATCH", side.redis_keys->pattern(), "COUNT", "1000"}})
            intent.redis.push_back({std::move(command)});
    }
    return intent;
}

}  // namespace casefile::tools::diff

#include "app/config.h"

#include "base/small_file.h"
#include "base/text.h"
#include "net/oauth.h"

namespace casefile::app {
namespace {

constexpr std::uint64_t file_bytes_max = 16 * 1024 * 1024;

Schema<Limits> limits_schema() {
    return Schema<Limits>{}
        .field("rows_max", &Limits::rows_max, "Rows in one answer.")
        .range(1, 1'000'000)
        .optional()
        .field("file_rows_max", &Limits::file_rows_max, "Rows in one output file.")
        .range(1, 1'000'000'000)
        .optional()
        .field("file_bytes_max", &Limits::file_bytes_max, "Bytes of one output file.")
        .range(1, 1'099'511'627'776)
        .optional()
        .field("query_seconds_max", &Limits::query_seconds_max, "Seconds one query may take.")
        .range(1, 3'600)
        .optional()
        .field("diff_seconds_max", &Limits::diff_seconds_max, "Seconds one diff or export may take.")
        .range(1, 86'400)
        .optional()
        .field("preview_tokens_max", &Limits::preview_tokens_max, "Tokens of one answer's preview.")
        .range(100, 20'000)
        .optional()
        .field("keys_max", &Limits::keys_max, "Keys of one scan.")
        .range(1, 10'000'000)
        .optional()
        .field("messages_max", &Limits::messages_max, "Messages of one read.")
        .range(1, 100'000)
        .optional()
        .field("plan_rows_max", &Limits::plan_rows_max,
               "Rows that a plan may read before the human is asked.")
        .range(1, 1'000'000'000'000)
        .optional()
        .field("plan_rows_protected_max", &Limits::plan_rows_protected_max,
               "The same in a protected environment.")
        .range(1, 1'000'000'000'000)
        .optional()
        .field("value_bytes_max", &Limits::value_bytes_max, "Bytes shown of one value.")
        .range(100, 1'073'741'824)
        .optional()
        .field("connections_max", &Limits::connections_max, "Connections to one source.")
        .range(1, 64)
        .optional()
        .field("calls_max", &Limits::calls_max, "Calls in flight.")
        .range(1, 1'024)
        .optional()
        .field("message_bytes_max", &Limits::message_bytes_max, "Bytes of one protocol message.")
        .range(1'024, 1'073'741'824)
        .optional();
}

Schema<OAuthConfig> oauth_schema() {
    return Schema<OAuthConfig>{}
        .field("issuer", &OAuthConfig::issuer, "The authorization server's URL, as its tokens' iss names it.")
        .field("audience", &OAuthConfig::audience,
               "The URL of /mcp as clients reach it; a token's aud has to contain it.")
        .field("jwks_file", &OAuthConfig::jwks_file,
               "The authorization server's public keys, as its jwks_uri gives them.")
        .length(1, 4'096);
}

Schema<HttpConfig> http_schema() {
    return Schema<HttpConfig>{}
        .field("hosts", &HttpConfig::hosts, "Names besides loopback that the Host header may have.")
        .optional()
        .field("origins", &HttpConfig::origins, "Origins of web pages that may speak to casefile.")
        .optional()
        .field("certificate_file", &HttpConfig::certificate_file, "PEM chain; with key_file, TLS is spoken.")
        .optional()
        .field("key_file", &HttpConfig::key_file, "PEM private key.")
        .optional()
        .object("oauth", &HttpConfig::oauth, oauth_schema(),
                "Whose access tokens count beside the installation's own.")
        .optional();
}

Schema<KafkaConfig> kafka_schema() {
    return Schema<KafkaConfig>{}
        .field("tunnels", &KafkaConfig::tunnels,
               "Advertised address to tunnel: {\"broker-1.internal:9092\": \"127.0.0.1:19092\"}.")
        .optional()
        .field("groups", &KafkaConfig::groups,
               "Consumer groups to ask for where the broker cannot list them.")
        .optional();
}

Schema<policy::MaskChanges> mask_changes_schema() {
    return Schema<policy::MaskChanges>{}
        .field("add", &policy::MaskChanges::add, "Names to mask; * stands for any text.")
        .optional()
        .field("remove", &policy::MaskChanges::remove, "Names to show.")
        .optional();
}

Schema<policy::MaskSettings> masks_schema() {
    using policy::MaskSettings;
    return Schema<MaskSettings>{}
        .field("profile", &MaskSettings::profile, "What is masked without being named here.")
        .choices({"secrets", "privacy"})
        .optional()
        .object("columns", &MaskSettings::columns, mask_changes_schema(), "Columns of SQL.")
        .optional()
        .object("fields", &MaskSettings::fields, mask_changes_schema(),
                "Members of JSON, fields of hashes and streams, headers.")
        .optional()
        .object("keys", &MaskSettings::keys, mask_changes_schema(), "Redis keys.")
        .optional();
}

/// What the schema cannot say; the error names the field.
Result<void> check_values(const Config& config) {
    for (const auto& [env, kafka] : config.kafka)
        for (const auto& pair : kafka.tunnels)
            if (!pair.value().is_string())
                return invalid("kafka." + env + ".tunnels." + std::string(pair.key()) +
                               ": expected a string such as 127.0.0.1:19092, got " + type_name(pair.value()));
    if (config.http.certificate_file.empty() != config.http.key_file.empty())
        return invalid("http: expected certificate_file and key_file together, got one of them");
    std::error_code none;
    if (!config.pages_folder.empty() && !std::filesystem::is_directory(config.pages_folder, none))
        return invalid("pages_folder: expected a folder that is there, got " + printable(config.pages_folder),
                       "make it, or name another; export_page writes there alone");
    if (!config.http.oauth) return {};
    const auto& oauth = *config.http.oauth;
    if (auto checked = net::check_urls({.issuer = oauth.issuer, .audience = oauth.audience}); !checked)
        return invalid("http.oauth." + checked.error().message, checked.error().hint);
    return {};
}

}  // namespace

Schema<Config> config_schema() {
    return Schema<Config>{}
        .object("limits", &Config::limits, limits_schema(), "How big anything may get.")
        .optional()
        .field("protected_environments", &Config::protected_environments,
               "Labels that have to be typed to be confirmed; a trailing * matches any rest.")
        .optional()
        .field("protected_need_terminal", &Config::protected_need_terminal,
               "Protected environments are confirmed at a terminal only, never in a form of the client.")
        .optional()
        .field("hosts_allowed", &Config::hosts_allowed, "Hosts besides loopback that a variable may name.")
        .optional()
        .field("grant_hours", &Config::grant_hours, "How long a confirmation lasts.")
        .range(1, 168)
        .optional()
        .field("anchor_file", &Config::anchor_file,
               "File, best on another disk, that gets a line for each head of a chain.")
        .optional()
        .object("http", &Config::http, http_schema(), "Of casefile serve --http.")
        .optional()
        .field("pages_folder", &Config::pages_folder,
               "The one folder that export_page may write incident pages into.")
        .optional()
        .map("kafka", &Config::kafka, kafka_schema(), "By environment label.")
        .optional()
        .object("masks", &Config::masks, masks_schema(), "Values that answers and files hide.")
        .optional();
}

Result<Config> read_config(const std::filesystem::path& file) {
    if (file.empty()) return Config{};
    const auto text = read_small_file(file, file_bytes_max);
    if (!text)
        return invalid("--config: " + text.error().message,
                       "expected a readable JSON file; docs/configuration.md lists its fields");
    auto parsed = parse_json_with_comments(*text);
    if (!parsed) return invalid(file.string() + ": " + parsed.error().message);
    auto config = config_schema().parse(*parsed);
    if (!config) return invalid(file.string() + ": " + config.error().message, config.error().hint);
    if (auto checked = check_values(*config); !checked)
        return invalid(file.string() + ": " + checked.error().message, checked.error().hint);
    return config;
}

}  // namespace casefile::app

#pragma once
// The configuration file: policy and limits. Connection details come from variables and from nowhere else.

#include <filesystem>

#include "base/limits.h"
#include "base/schema.h"
#include "policy/mask_rules.h"

namespace casefile::app {

struct KafkaConfig {
    json::object tunnels;             ///< advertised "host:port" to loopback "host:port"
    std::vector<std::string> groups;  ///< asked for where the broker cannot list groups
};

/// An authorization server whose tokens count beside that of this installation.
struct OAuthConfig {
    std::string issuer;
    std::string audience;
    std::string jwks_file;
};

/// Of `casefile serve --http`.
struct HttpConfig {
    std::vector<std::string> hosts;    ///< names besides loopback that Host may have
    std::vector<std::string> origins;  ///< of web pages that may speak to us, such as https://ide.example
    std::string certificate_file;      ///< PEM; with key_file: TLS
    std::string key_file;
    std::optional<OAuthConfig> oauth;
};

struct Config {
    Limits limits;
    std::vector<std::string> protected_environments = {"PROD*"};
    bool protected_need_terminal = false;    ///< a form of the client does not confirm a protected one
    std::vector<std::string> hosts_allowed;  ///< hosts besides loopback that a variable may name
    std::int64_t grant_hours = 8;
    std::string anchor_file;  ///< outside the home: gets a line for each head of a chain; empty: none
    HttpConfig http;
    std::map<std::string, KafkaConfig> kafka;  ///< by environment
    policy::MaskSettings masks;
    std::string pages_folder;  ///< where export_page writes; empty: it refuses
};

Schema<Config> config_schema();

/// JSON with comments. An empty path gives the defaults. The error names the file and the field.
Result<Config> read_config(const std::filesystem::path& file);

}  // namespace casefile::app

#include "mcp/revision.h"

#include <algorithm>
#include <array>

namespace casefile::mcp {
namespace {

// clang-format off
constexpr std::array<Revision, 5> table{{
    //               modern  batches  annotations  titles  structured  elicitation  its mode  links   polling
    {"2026-07-28",   true,   false,   true,        true,   true,       true,        true,     true,   false},
    {"2025-11-25",   false,  false,   true,        true,   true,       true,        true,     true,   true},
    {"2025-06-18",   false,  false,   true,        true,   true,       true,        false,    true,   false},
    {"2025-03-26",   false,  true,    true,        false,  false,      false,       false,    false,  false},
    {"2024-11-05",   false,  false,   false,       false,  false,      false,       false,    false,  false},
}};

struct MethodRow {
    std::string_view name;
    Method method;
    bool modern;
    bool handshake;
};

constexpr std::array<MethodRow, 18> methods{{
    {"initialize",               Method::initialize,              false, true},
    {"ping",                     Method::ping,                    false, true},
    {"server/discover",          Method::discover,                true,  false},
    {"tools/list",               Method::tools_list,              true,  true},
    {"tools/call",               Method::tools_call,              true,  true},
    {"prompts/list",             Method::prompts_list,            true,  true},
    {"prompts/get",              Method::prompts_get,             true,  true},
    {"resources/list",           Method::resources_list,          true,  true},
    {"resources/templates/list", Method::resource_templates_list, true,  true},
    {"resources/read",           Method::resources_read,          true,  true},
    {"resources/subscribe",      Method::resources_subscribe,     false, true},
    {"resources/unsubscribe",    Method::resources_unsubscribe,   false, true},
    {"completion/complete",      Method::complete,                true,  true},
    {"logging/setLevel",         Method::set_log_level,           false, true},
    {"subscriptions/listen",     Method::listen,                  true,  false},
    {"tasks/get",                Method::tasks_get,               true,  false},
    {"tasks/update",             Method::tasks_update,            true,  false},
    {"tasks/cancel",             Method::tasks_cancel,            true,  false},
}};
// clang-format on

const MethodRow* find_row(std::string_view name) {
    const auto* row =
        std::find_if(methods.begin(), methods.end(), [&](const auto& one) { return one.name == name; });
    return row == methods.end() ? nullptr : row;
}

}  // namespace

std::span<const Revision> revisions() { return table; }

const Revision* find_revision(std::string_view name) {
    const auto* row =
        std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.name == name; });
    return row == table.end() ? nullptr : row;
}

const Revision& newest_handshake() {
    return *std::find_if(table.begin(), table.end(), [](const auto& one) { return !one.modern; });
}

std::optional<Method> find_method(const Revision& revision, std::string_view name) {
    const auto* row = find_row(name);
    if (row == nullptr || !(revision.modern ? row->modern : row->handshake)) return std::nullopt;
    return row->method;
}

bool is_known_method(std::string_view name) { return find_row(name) != nullptr; }

}  // namespace casefile::mcp

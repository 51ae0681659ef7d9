#include "sources/privileges.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "base/text.h"

namespace casefile::sources {
namespace {

/// None of these changes data, files, accounts or the server; nor can it call a routine that does.
constexpr std::array<std::string_view, 13> harmless_privileges = {
    "USAGE",        "SELECT",         "SHOW DATABASES",     "SHOW VIEW",       "SHOW_ROUTINE",
    "PROCESS",      "BINLOG MONITOR", "SLAVE MONITOR",      "REPLICA MONITOR", "REPLICATION CLIENT",
    "SHOW ROUTINE", "MONITOR",        "SHOW CREATE ROUTINE"};

/// Where `word` stands outside backquotes and brackets, or npos.
std::size_t find_outside_quotes(std::string_view text, std::string_view word, std::size_t from = 0) {
    bool quoted = false;
    int depth = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '`') quoted = !quoted;
        if (quoted) continue;
        if (text[i] == '(') ++depth;
        if (text[i] == ')') --depth;
        if (depth == 0 && text.substr(i, word.size()) == word) return i;
    }
    return std::string_view::npos;
}

std::vector<std::string> split_outside_quotes(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from <= text.size();) {
        const auto comma = std::min(find_outside_quotes(text, ",", from), text.size());
        out.emplace_back(trim(text.substr(from, comma - from)));
        from = comma + 1;
    }
    return out;
}

/// The first account name of `text`, without quotes and host.
std::string account_name(std::string_view text) {
    text = trim(text);
    if (text.starts_with('`')) return std::string(text.substr(1, text.find('`', 1) - 1));
    return std::string(text.substr(0, text.find_first_of(" @,")));
}

struct Grant {
    std::vector<std::string> privileges;  ///< empty for a role
    std::string object;
    std::string role;  ///< set when the line grants a role
    std::string grantee;
    bool grant_option = false;
};

std::optional<Grant> parse_grant(std::string_view line) {
    if (!line.starts_with("GRANT ")) return std::nullopt;
    line.remove_prefix(6);
    const auto to = find_outside_quotes(line, " TO ");
    if (to == std::string_view::npos) return std::nullopt;
    Grant grant;
    grant.grantee = account_name(line.substr(to + 4));
    grant.grant_option = find_outside_quotes(line, " WITH GRANT OPTION", to) != std::string_view::npos ||
                         find_outside_quotes(line, " WITH ADMIN OPTION", to) != std::string_view::npos;
    const auto head = line.substr(0, to);
    const auto on = find_outside_quotes(head, " ON ");
    if (on == std::string_view::npos) {
        grant.role = account_name(head);
        return grant;
    }
    grant.object = std::string(trim(head.substr(on + 4)));
    grant.privileges = split_outside_quotes(head.substr(0, on));
    return grant;
}

bool is_harmless(std::string_view privilege) {
    const auto name = upper(trim(privilege.substr(0, privilege.find('('))));
    return std::find(harmless_privileges.begin(), harmless_privileges.end(), name) !=
           harmless_privileges.end();
}

/// "INSERT, UPDATE and 24 more ON *.*"
std::string in_short(const std::vector<std::string>& privileges, const std::string& object) {
    constexpr std::size_t shown_max = 4;
    const std::vector<std::string> shown(
        privileges.begin(),
        privileges.begin() + static_cast<std::ptrdiff_t>(std::min(shown_max, privileges.size())));
    auto out = join(shown, ", ");
    if (privileges.size() > shown_max)
        out += " and " + std::to_string(privileges.size() - shown_max) + " more";
    return out + " ON " + object;
}

/// Members of a flat array of names and values, as ACL GETUSER gives it.
const redis::Reply* value_of(const redis::Reply& user, std::string_view name) {
    for (std::size_t i = 0; i + 1 < user.items.size(); i += 2)
        if (user.items[i].text == name) return &user.items[i + 1];
    return nullptr;
}

/// Reading and writing commands of one type of value: harmless once @write is taken away.
constexpr std::array<std::string_view, 10> data_categories = {"@keyspace", "@string",     "@hash",   "@list",
                                                              "@set",      "@sortedset",  "@stream", "@geo",
                                                              "@bitmap",   "@hyperloglog"};

/// Of @connection, what acts on the connections of others; the server writes -@dangerous as these.
constexpr std::array<std::string_view, 5> acting_on_others = {
    "client|kill", "client|no-evict", "client|pause", "client|unblock", "client|unpause"};

constexpr std::array<std::string_view, 27> harmless_rules = {
    "@read",         "info",           "ping",
    "time",          "role",           "lastsave",
    "command",       "acl|whoami",     "acl|getuser",
    "slowlog|get",   "slowlog|len",    "client|list",
    "client|info",   "client|id",      "client|getname",
    "config|get",    "memory|stats",   "auth",
    "memory|usage",  "memory|doctor",  "cluster|info",
    "cluster|nodes", "cluster|slots",  "select",
    "hello",         "latency|latest", "latency|history",
};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

/// The rules that let an account write, read from left to right as the server does. Empty when there are
/// none.
std::vector<std::string> writing_rules(std::string_view rules) {
    std::vector<std::string> writing;
    bool write_removed = false, admin_removed = false;  // from a "+@all" before
    for (const auto& rule : split(rules, ' ')) {
        if (rule.size() < 2) continue;
        const auto name = lower(std::string_view(rule).substr(1));
        const bool added = rule[0] == '+';
        if (name == "@all") {
            writing.clear();
            write_removed = admin_removed = false;
            if (added) writing.emplace_back("+@all");
        } else if (added && name == "@connection") {
            for (const auto one : acting_on_others) writing.push_back("+" + std::string(one));
        } else if (added) {
            if (!contains(harmless_rules, name)) writing.push_back("+" + name);
        } else {
            const bool others_removed = name == "@admin" || name == "@dangerous" || name == "@connection";
            admin_removed = admin_removed || name == "@admin" || name == "@dangerous";
            std::erase_if(writing, [&](const std::string& one) {
                const auto rule_given = std::string_view(one).substr(1);
                return rule_given == name || (others_removed && contains(acting_on_others, rule_given)) ||
                       rule_given.starts_with(name + "|");
            });
            if (name != "@write") continue;
            write_removed = true;
            std::erase_if(writing, [](const auto& one) { return contains(data_categories, one.substr(1)); });
        }
    }
    if (write_removed && admin_removed) std::erase(writing, "+@all");
    return writing;
}

}  // namespace

Privileges judge_grants(const std::vector<std::string>& lines) {
    Privileges out{.can_write = false};
    std::vector<Grant> grants;
    std::set<std::string> grantees;
    for (const auto& line : lines) {
        auto grant = parse_grant(line);
        if (!grant) continue;
        if (grant->role.empty()) grantees.insert(grant->grantee);
        grants.push_back(*std::move(grant));
    }

    std::vector<std::string> writing, reading;
    for (const auto& grant : grants) {
        if (!grant.role.empty()) {
            out.list.push_back("role " + grant.role);
            if (!grantees.contains(grant.role))
                writing.push_back("the role " + grant.role + ", whose privileges the server does not list");
            continue;
        }
        std::vector<std::string> harmful;
        for (const auto& privilege : grant.privileges)
            if (!is_harmless(privilege)) harmful.push_back(privilege);
        if (grant.grant_option) harmful.emplace_back("GRANT OPTION");
        out.list.push_back(join(grant.privileges, ", ") + " ON " + grant.object);
        if (harmful.empty())
            reading.push_back(in_short(grant.privileges, grant.object));
        else
            writing.push_back(in_short(harmful, grant.object));
    }

    if (grants.empty()) return {true, "not known: the server listed no grants; taken as able to write", {}};
    out.can_write = !writing.empty();
    out.reason = "the account has " + join(out.can_write ? writing : reading, "; ");
    return out;
}

Privileges judge_acl(const redis::Reply& user) {
    if (user.kind == redis::Reply::Kind::error) {
        const bool refused = user.text.starts_with("NOPERM");
        return {true,
                refused ? "not known: the account may not ask ACL GETUSER; taken as able to write"
                        : "this server has no access lists: every client that gets in can write",
                {}};
    }
    const auto* commands = value_of(user, "commands");
    if (commands == nullptr)
        return {true, "not known: ACL GETUSER gave no rules; taken as able to write", {}};

    std::vector<std::string> rules = {commands->text};
    if (const auto* selectors = value_of(user, "selectors"))
        for (const auto& selector : selectors->items)
            if (const auto* more = value_of(selector, "commands")) rules.push_back(more->text);

    Privileges out{.can_write = false, .list = rules};
    for (const auto& one : rules) {
        const auto writing = writing_rules(one);
        if (writing.empty()) continue;
        out.can_write = true;
        out.reason = "the account has " + join(writing, " ");
        return out;
    }
    out.reason = "the account has only " + join(rules, " and ");
    return out;
}

}  // namespace casefile::sources

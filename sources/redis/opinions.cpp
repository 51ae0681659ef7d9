#include "sources/redis/opinions.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::sources::redis {
namespace {

constexpr std::size_t flags_at = 2;
constexpr std::size_t subcommands_at = 9;  // since Redis 7; before, a command has the flags of them all

bool is_described(const Reply& info) {
    return info.kind == Reply::Kind::array && info.items.size() > flags_at &&
           info.items[flags_at].kind == Reply::Kind::array;
}

ServerOpinion opinion_in(const Reply& info) {
    ServerOpinion opinion{.name = lower(info.items[0].text), .flags = {}};
    for (const auto& flag : info.items[flags_at].items) opinion.flags.push_back(flag.text);
    return opinion;
}

}  // namespace

Command Opinions::question_about(const std::vector<Command>& commands) const {
    Command question{"COMMAND", "INFO"};
    if (!withheld_.empty()) return {};
    const Command* before = nullptr;  // a pipeline often has many of one name
    for (const auto& command : commands) {
        if (command.empty() || (before != nullptr && command[0] == (*before)[0])) continue;
        before = &command;
        auto name = lower(command[0]);
        if (by_name_.contains(name) || std::ranges::find(question, name) != question.end()) continue;
        question.push_back(std::move(name));
    }
    return question.size() > 2 ? question : Command();
}

void Opinions::note(const Command& question, const Reply& answer) {
    if (answer.kind != Reply::Kind::array || answer.items.size() + 2 != question.size()) {
        withheld_ = answer.kind == Reply::Kind::error ? printable(shorten(answer.text, 200))
                                                      : "COMMAND INFO has another form than expected";
        return;
    }
    for (std::size_t i = 0; i < answer.items.size(); ++i) {
        const auto& info = answer.items[i];
        auto& opinion = by_name_[question[i + 2]];
        if (!is_described(info)) continue;
        opinion = opinion_in(info);
        if (info.items.size() <= subcommands_at) continue;
        // Asked for by the name that was sent, whatever the server calls the command.
        for (const auto& one : info.items[subcommands_at].items)
            if (is_described(one)) {
                auto of_one = opinion_in(one);
                const auto bar = of_one.name.find('|');
                if (bar != std::string::npos)
                    by_name_[question[i + 2] + of_one.name.substr(bar)] = std::move(of_one);
            }
    }
}

bool Opinions::has_subcommands(const std::string& name) const {
    const auto prefix = lower(name) + "|";
    const auto first = by_name_.lower_bound(prefix);
    return first != by_name_.end() && first->first.starts_with(prefix);
}

std::optional<ServerOpinion> Opinions::of(const Command& command) const {
    if (command.empty()) return std::nullopt;
    const auto name = lower(command[0]);
    auto found = command.size() > 1 ? by_name_.find(name + "|" + lower(command[1])) : by_name_.end();
    if (found == by_name_.end()) found = by_name_.find(name);
    if (found == by_name_.end() || found->second.name.empty()) return std::nullopt;
    return found->second;
}

}  // namespace casefile::sources::redis

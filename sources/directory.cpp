#include "sources/directory.h"

#include <cassert>

#include "base/text.h"

namespace casefile::sources {
namespace {

/// The variable that would name the missing source.
std::string variable_of(const std::string& env, SourceKind kind) {
    return upper(name_of(kind)) + "_" + upper(env) + (kind == SourceKind::kafka ? "_BROKERS" : "_URL");
}

template <class Wanted>
Result<Wanted*> as(Result<Source*> found) {
    if (!found) return found.error();
    auto* source = dynamic_cast<Wanted*>(*found);
    assert(source != nullptr);
    return source;
}

}  // namespace

void Directory::add(std::unique_ptr<Source> source) {
    const auto& endpoint = source->endpoint();
    const auto key = std::pair(endpoint.env, endpoint.kind);
    sources_.insert_or_assign(key, std::move(source));
}

std::vector<Source*> Directory::all() const {
    std::vector<Source*> out;
    for (const auto& [key, source] : sources_) out.push_back(source.get());
    return out;
}

std::vector<std::string> Directory::environments() const {
    std::vector<std::string> out;
    for (const auto& [key, source] : sources_)
        if (out.empty() || out.back() != key.first) out.push_back(key.first);
    return out;
}

std::vector<Source*> Directory::of(const std::string& env) const {
    std::vector<Source*> out;
    for (const auto& [key, source] : sources_)
        if (key.first == env) out.push_back(source.get());
    return out;
}

Result<Source*> Directory::find(const std::string& env, SourceKind kind) const {
    if (const auto found = sources_.find({env, kind}); found != sources_.end()) return found->second.get();

    const auto known = environments();
    const auto variable = variable_of(env, kind);
    if (known.empty())
        return not_found("no environment is configured: expected one for '" + env + "', got none",
                         "set " + variable + " for casefile and start it again");
    if (of(env).empty())
        return not_found("environment '" + env + "' is not known: expected one of " + join(known, ", "),
                         "name one of these, or set " + variable + " for casefile and start it again");
    return not_found(
        "environment '" + env + "' has no " + name_of(kind) + " source: " + variable +
            " is not set or not valid",
        "set " + variable + " for casefile and start it again; list_environments tells what there is");
}

Result<mysql::MysqlSource*> Directory::mysql(const std::string& env) const {
    return as<mysql::MysqlSource>(find(env, SourceKind::mysql));
}

Result<redis::RedisSource*> Directory::redis(const std::string& env) const {
    return as<redis::RedisSource>(find(env, SourceKind::redis));
}

Result<kafka::KafkaSource*> Directory::kafka(const std::string& env) const {
    return as<kafka::KafkaSource>(find(env, SourceKind::kafka));
}

}  // namespace casefile::sources

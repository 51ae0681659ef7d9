#pragma once
// Redis without a server, as a map: answers the commands that read many keys.

#include <functional>
#include <set>

#include "tests/fakes/fake_redis_source.h"

namespace casefile::sources::redis {

/// Redis as a map: texts and hashes by key, lists that cannot be compared, and a log of what was asked.
class RedisMap : public RedisSource {
  public:
    explicit RedisMap(const std::string& env) : where(fake_endpoint(env, SourceKind::redis)) {}

    const Endpoint& endpoint() const override { return where; }
    Result<Fingerprint> fingerprint(const Control&) override { return fake_fingerprint(where); }

    Result<std::vector<Reply>> pipeline(const std::vector<Command>& commands,
                                        const Control& control) override {
        if (control.stopped()) return cancelled_error();
        ++pipelines;
        if (before_pipeline) before_pipeline(*this);
        std::vector<Reply> out;
        for (const auto& command : commands) out.push_back(answer(command));
        return out;
    }

    Endpoint where;
    std::map<std::string, std::string> texts;
    std::map<std::string, std::map<std::string, std::string>> hashes;
    std::set<std::string> lists;
    std::function<void(RedisMap&)> before_pipeline;
    int pipelines = 0;
    std::size_t keys_in_mget = 0;               ///< the most at once
    int short_looks = 0;                        ///< commands GETRANGE
    std::map<std::string, std::int64_t> sizes;  ///< told instead of what the text holds
    std::set<std::string> read;                 ///< keys whose texts were asked for, by MGET

  private:
    Reply answer(const Command& command) {
        const auto& name = command[0];
        if (name == "TIME") return array_reply({text_reply("1795356001"), text_reply("500000")});
        if (name == "MGET") {
            keys_in_mget = std::max(keys_in_mget, command.size() - 1);
            read.insert(command.begin() + 1, command.end());
            std::vector<Reply> items;
            for (std::size_t i = 1; i < command.size(); ++i)
                items.push_back(texts.contains(command[i]) ? text_reply(texts[command[i]]) : nil_reply());
            return array_reply(std::move(items));
        }
        if (name == "SCAN") return scan(command[3].substr(0, command[3].find('*')));
        const auto& key = command[1];
        if (name == "STRLEN") return length_of(key);
        if (name == "GETRANGE") {
            ++short_looks;
            return window_of(key, static_cast<std::size_t>(std::stoull(command[3])) + 1);
        }
        if (name == "GET") return texts.contains(key) ? text_reply(texts[key]) : nil_reply();
        if (name == "TYPE")
            return status_reply(texts.contains(key)    ? "string"
                                : hashes.contains(key) ? "hash"
                                : lists.contains(key)  ? "list"
                                                       : "none");
        if (texts.contains(key))
            return error_reply("WRONGTYPE Operation against a key holding the wrong kind of value");
        if (name == "HLEN")
            return integer_reply(
                std::ssize(hashes.contains(key) ? hashes[key] : std::map<std::string, std::string>{}));
        if (name == "HSCAN") {
            std::vector<Reply> items;
            for (const auto& [field, value] : hashes[key]) {
                items.push_back(text_reply(field));
                items.push_back(text_reply(value));
            }
            return array_reply({text_reply("0"), array_reply(std::move(items))});
        }
        if (name != "HMGET") return error_reply("ERR unknown command");
        std::vector<Reply> items;
        for (std::size_t i = 2; i < command.size(); ++i) {
            const bool there = hashes.contains(key) && hashes[key].contains(command[i]);
            items.push_back(there ? text_reply(hashes[key][command[i]]) : nil_reply());
        }
        return array_reply(std::move(items));
    }

    /// From the first byte on, as all who ask here do.
    Reply window_of(const std::string& key, std::size_t bytes) {
        if (sizes.contains(key)) return text_reply(std::string(bytes, 'x'));
        const auto length = length_of(key);
        if (length.kind == Reply::Kind::error) return length;
        const auto found = texts.find(key);
        return text_reply(found == texts.end() ? std::string() : found->second.substr(0, bytes));
    }

    Reply length_of(const std::string& key) {
        if (sizes.contains(key)) return integer_reply(sizes[key]);
        if (hashes.contains(key) || lists.contains(key))
            return error_reply("WRONGTYPE Operation against a key holding the wrong kind of value");
        return integer_reply(texts.contains(key) ? std::ssize(texts[key]) : 0);
    }

    /// All keys in one step, the first of them twice, as SCAN may.
    Reply scan(const std::string& prefix) const {
        std::vector<Reply> keys;
        const auto add = [&](const std::string& key) {
            if (key.starts_with(prefix)) keys.push_back(text_reply(key));
        };
        for (const auto& [key, value] : texts) add(key);
        for (const auto& [key, value] : hashes) add(key);
        if (!keys.empty()) keys.push_back(keys.front());
        return array_reply({text_reply("0"), array_reply(std::move(keys))});
    }
};

}  // namespace casefile::sources::redis

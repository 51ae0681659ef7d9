#pragma once
// Redis without a server: gives scripted replies, and records every pipeline asked of it.

#include "base/text.h"
#include "sources/redis/source.h"
#include "tests/fakes/fake_source.h"

namespace casefile::sources::redis {

inline Reply nil_reply() { return {}; }
inline Reply integer_reply(std::int64_t value) {
    return {.kind = Reply::Kind::integer, .integer = value, .text = {}, .items = {}};
}
inline Reply text_reply(std::string text) {
    return {.kind = Reply::Kind::text, .text = std::move(text), .items = {}};
}
inline Reply status_reply(std::string text) {
    return {.kind = Reply::Kind::status, .text = std::move(text), .items = {}};
}
inline Reply error_reply(std::string text) {
    return {.kind = Reply::Kind::error, .text = std::move(text), .items = {}};
}
inline Reply array_reply(std::vector<Reply> items) {
    return {.kind = Reply::Kind::array, .text = {}, .items = std::move(items)};
}

class FakeRedisSource : public RedisSource {
  public:
    explicit FakeRedisSource(const std::string& env) : where(fake_endpoint(env, SourceKind::redis)) {}

    const Endpoint& endpoint() const override { return where; }
    Result<Fingerprint> fingerprint(const Control&) override { return fake_fingerprint(where, host); }

    /// A command that nothing is scripted for gets nil.
    Result<std::vector<Reply>> pipeline(const std::vector<Command>& commands,
                                        const Control& control) override {
        if (auto admitted = fake_admission(where, host, control); !admitted) return admitted.error();
        asked.push_back(commands);
        if (control.stopped()) return cancelled_error();
        if (failure) return *failure;
        std::vector<Reply> out;
        for (const auto& command : commands) {
            const auto found = replies.find(join(command, " "));
            out.push_back(found == replies.end() ? nil_reply() : found->second);
        }
        return out;
    }

    /// Every command of every pipeline, its arguments joined with spaces.
    std::vector<std::string> commands() const {
        std::vector<std::string> out;
        for (const auto& one : asked)
            for (const auto& command : one) out.push_back(join(command, " "));
        return out;
    }

    Endpoint where;
    std::string host = "fake";             ///< who answers
    std::map<std::string, Reply> replies;  ///< by the command's arguments joined with spaces
    std::optional<Error> failure;          ///< given instead of any reply
    std::vector<std::vector<Command>> asked;
};

}  // namespace casefile::sources::redis

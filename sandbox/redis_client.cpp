#include "sandbox/redis_client.h"

#include <hiredis/hiredis.h>

namespace casefile::sandbox {
namespace {

using OwnedReply = std::unique_ptr<redisReply, decltype(&::freeReplyObject)>;

std::string text_of(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
    return std::string(reply.str, reply.len);
}

RedisClient::Reply flatten(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_NIL) return {};
    if (reply.type != REDIS_REPLY_ARRAY) return {text_of(reply)};
    RedisClient::Reply texts;
    for (std::size_t i = 0; i < reply.elements; ++i)
        for (auto& text : flatten(*reply.element[i])) texts.push_back(std::move(text));
    return texts;
}

}  // namespace

struct RedisClient::Impl {
    std::unique_ptr<redisContext, decltype(&::redisFree)> context;
};

RedisClient::RedisClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RedisClient::RedisClient(RedisClient&&) noexcept = default;
RedisClient& RedisClient::operator=(RedisClient&&) noexcept = default;
RedisClient::~RedisClient() = default;

Result<RedisClient> RedisClient::connect(std::uint16_t port, const std::string& password,
                                         const std::string& user) {
    const timeval time_max{.tv_sec = 10, .tv_usec = 0};
    auto impl =
        std::make_unique<Impl>(Impl{{::redisConnectWithTimeout("127.0.0.1", port, time_max), &::redisFree}});
    if (impl->context == nullptr || impl->context->err != 0)
        return unavailable("redis: " +
                           std::string(impl->context == nullptr ? "no memory" : impl->context->errstr));
    ::redisSetTimeout(impl->context.get(), time_max);
    RedisClient client(std::move(impl));
    if (auto greeted = client.run_all({{"AUTH", user, password}, {"PING"}}); !greeted) return greeted.error();
    return client;
}

Result<RedisClient::Reply> RedisClient::run(const Command& command) {
    auto replies = run_all({command});
    if (!replies) return replies.error();
    return std::move(replies->front());
}

Result<std::vector<RedisClient::Reply>> RedisClient::run_all(const std::vector<Command>& commands) {
    auto* context = impl_->context.get();
    for (const auto& command : commands) {
        std::vector<const char*> arguments;
        std::vector<std::size_t> lengths;
        for (const auto& argument : command) {
            arguments.push_back(argument.data());
            lengths.push_back(argument.size());
        }
        ::redisAppendCommandArgv(context, static_cast<int>(command.size()), arguments.data(), lengths.data());
    }
    std::vector<Reply> replies;
    std::string refused;
    for (const auto& command : commands) {
        void* raw = nullptr;
        if (::redisGetReply(context, &raw) != REDIS_OK)
            return unavailable("redis " + command.front() + ": " + context->errstr);
        const OwnedReply reply(static_cast<redisReply*>(raw), &::freeReplyObject);
        if (reply->type == REDIS_REPLY_ERROR && refused.empty())
            refused = "redis " + command.front() + ": " + text_of(*reply);
        replies.push_back(reply->type == REDIS_REPLY_ERROR ? Reply{} : flatten(*reply));
    }
    if (!refused.empty()) return unavailable(refused);
    return replies;
}

}  // namespace casefile::sandbox

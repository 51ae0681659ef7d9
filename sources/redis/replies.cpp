#include "sources/redis/replies.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <exception>

namespace casefile::sources::redis {
namespace {

/// What an array reserves before its items came: its length is only the server's word.
constexpr int items_reserved_max = 1024;

/// Where the reply of this task stands: in the array that it belongs to, or alone. Only the innermost array
/// grows, so that those around it stay where they are.
Reply* place_of(const redisReadTask& task) {
    if (task.parent == nullptr) return new Reply;
    return &static_cast<Reply*>(task.parent->obj)->items.emplace_back();
}

/// No exception may pass through hiredis: it takes nullptr for "out of memory". An array that is made in part
/// is freed with its root.
template <class Fill>
void* made(const redisReadTask* task, const Fill& fill) {
    Reply* reply = nullptr;
    try {
        reply = place_of(*task);
        fill(*reply);
        return reply;
    } catch (const std::exception&) {
        if (task->parent == nullptr) delete reply;
        return nullptr;
    }
}

void* make_text(const redisReadTask* task, char* text, std::size_t length) {
    return made(task, [&](Reply& reply) {
        reply.kind = task->type == REDIS_REPLY_STATUS  ? Reply::Kind::status
                     : task->type == REDIS_REPLY_ERROR ? Reply::Kind::error
                                                       : Reply::Kind::text;
        reply.text.assign(text, length);
    });
}

void* make_array(const redisReadTask* task, int count) {
    return made(task, [&](Reply& reply) {
        reply.kind = Reply::Kind::array;
        if (count > 0) reply.items.reserve(static_cast<std::size_t>(std::min(count, items_reserved_max)));
    });
}

void* make_integer(const redisReadTask* task, long long value) {
    return made(task, [&](Reply& reply) {
        reply.kind = Reply::Kind::integer;
        reply.integer = value;
    });
}

void* make_nil(const redisReadTask* task) {
    return made(task, [](Reply&) {});
}

void free_reply(void* reply) { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions functions{make_text, make_array, make_integer, make_nil, free_reply};

}  // namespace

void read_replies(redisReader& reader) { reader.fn = &functions; }

std::unique_ptr<Reply> taken(void* parsed) { return std::unique_ptr<Reply>(static_cast<Reply*>(parsed)); }

}  // namespace casefile::sources::redis

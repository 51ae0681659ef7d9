#pragma once
// Checks of the arguments of Redis commands. Each gets what follows the command and its subcommand, and says
// what is wrong with it; the number of arguments has been checked before.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace casefile::policy {

constexpr std::int64_t redis_elements_max = 10'000;  ///< elements of one reply, or looked at in one step
constexpr std::size_t redis_keys_max = 1'000;        ///< keys of one command
/// Of a glob pattern. Older servers try every way in which the stars can share a text, and recurse for each.
constexpr std::size_t redis_pattern_bytes_max = 1'024;
constexpr std::int64_t redis_pattern_stars_max = 8;

using RedisArguments = std::span<const std::string>;

struct RedisProblem {
    std::string reason;
    std::string hint;
};
using RedisCheck = std::optional<RedisProblem> (*)(RedisArguments);

std::optional<RedisProblem> check_nothing(RedisArguments);

std::optional<RedisProblem> check_scan(RedisArguments);             ///< cursor [options]
std::optional<RedisProblem> check_collection_scan(RedisArguments);  ///< key cursor [options]
std::optional<RedisProblem> check_index_window(RedisArguments);     ///< key start stop [WITHSCORES]
std::optional<RedisProblem> check_zrange(RedisArguments);  ///< key start stop [BYSCORE|BYLEX] [LIMIT …] …
std::optional<RedisProblem> check_limited_range(
    RedisArguments);  ///< key min max LIMIT offset count [WITHSCORES]
std::optional<RedisProblem> check_random_count(RedisArguments);  ///< key [count [WITHVALUES|WITHSCORES]]
std::optional<RedisProblem> check_positions(RedisArguments);  ///< key element [RANK …] [COUNT …] [MAXLEN …]
std::optional<RedisProblem> check_bitfield(RedisArguments);  ///< key [GET type offset]…

std::optional<RedisProblem> check_stream_range(RedisArguments);  ///< key start end COUNT n
std::optional<RedisProblem> check_stream_read(RedisArguments);   ///< COUNT n STREAMS key… id…
std::optional<RedisProblem> check_pending(
    RedisArguments);  ///< key group [[IDLE ms] start end count [consumer]]
std::optional<RedisProblem> check_stream_info(RedisArguments);  ///< key [FULL [COUNT n]]

std::optional<RedisProblem> check_document(RedisArguments);  ///< key [INDENT i] [NEWLINE n] [SPACE s] path…

std::optional<RedisProblem> check_channels(RedisArguments);      ///< [pattern]
std::optional<RedisProblem> check_command_list(RedisArguments);  ///< [FILTERBY kind name]
std::optional<RedisProblem> check_memory_usage(RedisArguments);  ///< key [SAMPLES n]
std::optional<RedisProblem> check_slowlog(RedisArguments);       ///< [count]
std::optional<RedisProblem> check_client_list(RedisArguments);   ///< [TYPE type] [ID id…]
std::optional<RedisProblem> check_config_names(RedisArguments);  ///< names of harmless settings
std::optional<RedisProblem> check_slot_keys(RedisArguments);     ///< slot count

}  // namespace casefile::policy

#pragma once
// How big anything may get. The defaults are in docs/configuration.md; anyone may configure less, the
// operator more.

#include <chrono>
#include <cstdint>

namespace casefile {

struct Limits {
    std::int64_t rows_max = 1'000;                ///< rows in one answer
    std::int64_t file_rows_max = 20'000'000;      ///< rows in one output file
    std::int64_t file_bytes_max = 4'294'967'296;  ///< bytes of one output file
    std::int64_t query_seconds_max = 30;          ///< one query
    std::int64_t diff_seconds_max = 900;          ///< one diff or export
    std::int64_t preview_tokens_max = 2'000;      ///< one answer's preview, at four bytes a token
    std::int64_t keys_max = 10'000;               ///< keys of one scan
    std::int64_t messages_max = 100;              ///< messages of one read
    std::int64_t value_bytes_max = 1'048'576;     ///< shown of one value
    std::int64_t plan_rows_max = 10'000'000;  ///< estimated reads of one statement before a human is asked
    std::int64_t plan_rows_protected_max = 1'000'000;  ///< the same in a protected environment
    std::int64_t connections_max = 4;                  ///< connections to one source
    std::int64_t calls_max = 64;                       ///< calls in flight
    std::int64_t message_bytes_max = 16'777'216;       ///< one protocol message
};

}  // namespace casefile

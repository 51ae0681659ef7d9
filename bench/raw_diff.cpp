// The floor of a diff: rows of `orders` beside their cached JSON, compared byte by byte, with nothing kept,
// judged or filed. Arguments: database port, Redis port. Prints how many changed, are missing, and are left
// over.
#include <hiredis/hiredis.h>
#include <mysql.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int batch_rows = 1000;

struct Counts {
    long long rows = 0, changed = 0, missing = 0;
};

/// The row as the application caches it: the first two columns as numbers, NULL as null, the rest as text.
void append_json(std::string& out, const MYSQL_FIELD* fields, MYSQL_ROW row, const unsigned long* lengths,
                 unsigned columns) {
    for (unsigned i = 0; i < columns; ++i) {
        out += i == 0 ? "{\"" : ",\"";
        out += fields[i].name;
        out += "\":";
        const bool text = i > 1 && row[i] != nullptr;
        if (text) out += '"';
        if (row[i] == nullptr)
            out += "null";
        else
            out.append(row[i], lengths[i]);
        if (text) out += '"';
    }
    out += '}';
}

void compare(redisContext* cache, const std::vector<std::string>& keys,
             const std::vector<std::string>& expected, Counts& counts) {
    for (const auto& key : keys) redisAppendCommand(cache, "GET %b", key.data(), key.size());
    for (const auto& text : expected) {
        void* answer = nullptr;
        if (redisGetReply(cache, &answer) != REDIS_OK) std::exit(1);
        const auto* reply = static_cast<redisReply*>(answer);
        ++counts.rows;
        if (reply->type == REDIS_REPLY_NIL)
            ++counts.missing;
        else if (std::string_view(reply->str, reply->len) != text)
            ++counts.changed;
        freeReplyObject(answer);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return 2;
    MYSQL* database = mysql_init(nullptr);
    if (mysql_real_connect(database, "127.0.0.1", "reader", "reader", "shop",
                           static_cast<unsigned>(std::atoi(words[1])), nullptr, 0) == nullptr)
        return 1;
    redisContext* cache = redisConnect("127.0.0.1", std::atoi(words[2]));
    if (cache == nullptr || cache->err != 0) return 1;
    if (mysql_query(database, "SELECT * FROM orders ORDER BY id") != 0) return 1;
    MYSQL_RES* rows = mysql_use_result(database);
    const auto* fields = mysql_fetch_fields(rows);
    const unsigned columns = mysql_num_fields(rows);
    Counts counts;
    std::vector<std::string> keys, expected;
    while (MYSQL_ROW row = mysql_fetch_row(rows)) {
        keys.push_back(std::string("order:") + row[0]);
        append_json(expected.emplace_back(), fields, row, mysql_fetch_lengths(rows), columns);
        if (keys.size() < batch_rows) continue;
        compare(cache, keys, expected, counts);
        keys.clear();
        expected.clear();
    }
    compare(cache, keys, expected, counts);
    auto* size = static_cast<redisReply*>(redisCommand(cache, "DBSIZE"));
    std::printf("%lld %lld %lld\n", counts.changed, counts.missing,
                size->integer - (counts.rows - counts.missing));
    return 0;
}

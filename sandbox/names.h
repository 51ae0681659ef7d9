#pragma once
// What everything in the planted shop is called. The seed chooses, so that nobody can know the names
// beforehand.

#include <cstdint>
#include <string>
#include <vector>

#include "sandbox/dice.h"

namespace casefile::sandbox {

/// How a cached copy is written.
enum class CacheForm { json, hash };
enum class PriceStyle { short_number, text };  ///< 12.5, or "12.50" as the column has it
enum class TimeStyle { sql, rfc3339 };         ///< "2026-11-22 14:02:03" or "2026-11-22T14:02:03Z"
enum class FlagStyle { digit, boolean };       ///< 1 or true

struct Names {
    std::string theme;   ///< "products", "listings" or "rooms"
    std::string entity;  ///< one of them: "product"
    std::string database;

    std::string table, key, title, category, price, flag, note;  ///< the table of entities and its columns
    std::string code_prefix;   ///< of keys that are codes, such as "K-"; empty where keys are numbers
    std::string key_template;  ///< "product:{id}"
    CacheForm form = CacheForm::json;
    PriceStyle price_style = PriceStyle::text;
    TimeStyle time_style = TimeStyle::sql;
    FlagStyle flag_style = FlagStyle::digit;

    std::string audit_table, customer_table, order_table, line_table;
    std::string topic, group;   ///< the topic of price changes, and the group that keeps the cache up to date
    std::string healthy_group;  ///< another reader of that topic
    std::string order_topic, order_group, other_topic, other_group;

    std::vector<std::string> first_words, last_words, categories;  ///< titles are made of them
};

/// The column by which other tables refer to an entity: "product_id".
std::string reference_column(const Names& names);

/// Seed 0 takes the first choice of everything: the default story.
Names choose_names(std::uint64_t seed, Dice& dice);

constexpr int theme_count = 3;

}  // namespace casefile::sandbox

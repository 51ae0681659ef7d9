#include "sandbox/names.h"

namespace casefile::sandbox {
namespace {

using Choices = std::vector<std::string>;

class Chooser {
  public:
    Chooser(std::uint64_t seed, Dice& dice) : first_(seed == 0), dice_(dice) {}
    std::string operator()(const Choices& choices) const {
        return first_ ? choices.front() : dice_.pick(choices);
    }

  private:
    bool first_;
    Dice& dice_;
};

// A web shop: products as JSON under a plain key, prices as short numbers (12.5 where the column says 12.50).
Names products(const Chooser& choose) {
    Names names;
    names.theme = "products";
    names.entity = "product";
    names.database = choose({"shop", "webshop", "storefront"});
    names.table = choose({"products", "articles", "goods"});
    names.key = choose({"id", "product_id"});
    names.title = choose({"name", "title"});
    names.category = choose({"category", "section"});
    names.price = choose({"price", "unit_price", "sales_price"});
    names.flag = choose({"active", "visible"});
    names.note = choose({"description", "remark"});
    names.key_template = choose({"product:", "cache:product:", "pdp:"}) + "{" + names.key + "}";
    names.form = CacheForm::json;
    names.price_style = PriceStyle::short_number;
    names.audit_table = "price_changes";
    names.customer_table = "customers";
    names.order_table = "orders";
    names.line_table = "order_lines";
    names.topic = choose({"price-changes", "shop.prices.v1", "product-prices"});
    names.group = choose({"cache-writer", "price-cache-sync", "redis-product-updater"});
    names.healthy_group = choose({"search-indexer", "newsletter-prices"});
    names.order_topic = choose({"orders", "shop.orders.v1"});
    names.order_group = choose({"billing", "invoice-printer"});
    names.other_topic = choose({"stock-levels", "shop.stock.v1"});
    names.other_group = choose({"warehouse", "reorder-planner"});
    names.first_words = {"Café",  "Walnut", "Linen",  "Jõgeva", "Blue",
                         "Crème", "Żuraw",  "Copper", "Señora", "抹茶"};
    names.last_words = {"mug",  "tray",    "apron",   "teapot", "spoon",
                        "bowl", "lantern", "grinder", "towel",  "kettle"};
    names.categories = {"kitchen", "table", "textiles", "garden"};
    return names;
}

// A market place: offers by code as hashes, every value text as the column has it.
Names listings(const Chooser& choose) {
    Names names;
    names.theme = "listings";
    names.entity = "listing";
    names.database = choose({"market", "catalog", "bazaar"});
    names.table = choose({"listings", "offers", "items"});
    names.key = choose({"sku", "code"});
    names.code_prefix = choose({"K-", "AB", "lst_"});
    names.title = choose({"title", "headline"});
    names.category = choose({"department", "category"});
    names.price = choose({"price", "asking_price", "amount"});
    names.flag = choose({"published", "in_stock"});
    names.note = choose({"condition_note", "remark"});
    names.key_template = choose({"catalog:item:", "listing:", "card:v3:"}) + "{" + names.key + "}";
    names.form = CacheForm::hash;
    names.audit_table = "price_changes";
    names.customer_table = choose({"buyers", "customers"});
    names.order_table = choose({"purchases", "orders"});
    names.line_table = choose({"purchase_lines", "order_lines"});
    names.topic = choose({"listing-events", "catalog.price-updates", "offers.changed"});
    names.group = choose({"listing-cache", "card-renderer-cache", "hash-refresher"});
    names.healthy_group = choose({"price-alerts", "seller-statistics"});
    names.order_topic = choose({"purchases", "checkout.completed"});
    names.order_group = choose({"seller-payouts", "receipts"});
    names.other_topic = choose({"reviews", "messages.sent"});
    names.other_group = choose({"review-moderation", "mail-sender"});
    names.first_words = {"Vintage", "Größe-M", "Signed", "Élan",    "Used",
                         "Rare",    "Øresund", "Small",  "Antique", "Набор"};
    names.last_words = {"bicycle", "record", "camera", "jacket", "atlas",
                        "radio",   "chair",  "puzzle", "lens",   "violin"};
    names.categories = {"music", "sport", "home", "books", "cameras"};
    return names;
}

// A hotel: nightly rates as JSON under a key with a suffix, with real booleans and RFC 3339 times.
Names rooms(const Chooser& choose) {
    Names names;
    names.theme = "rooms";
    names.entity = "room";
    names.database = choose({"hotel", "stays", "lodging"});
    names.table = choose({"rooms", "suites", "units"});
    names.key = choose({"room_id", "id"});
    names.title = choose({"label", "name"});
    names.category = choose({"house", "building"});
    names.price = choose({"rate", "nightly_rate"});
    names.flag = choose({"bookable", "available"});
    names.note = choose({"view_note", "hint"});
    names.key_template = choose({"room:", "hotel:room:", "rates:"}) + "{" + names.key + "}";
    names.key_template += choose({":rate", ":quote"});
    names.form = CacheForm::json;
    names.time_style = TimeStyle::rfc3339;
    names.flag_style = FlagStyle::boolean;
    names.audit_table = choose({"rate_changes", "price_changes"});
    names.customer_table = "guests";
    names.order_table = choose({"bookings", "reservations"});
    names.line_table = choose({"booking_nights", "nights"});
    names.topic = choose({"rate-updates", "hotel.rates", "pricing-decisions"});
    names.group = choose({"rate-cache", "quote-service-cache", "availability-cache"});
    names.healthy_group = choose({"channel-manager", "revenue-report"});
    names.order_topic = choose({"bookings", "hotel.reservations"});
    names.order_group = choose({"confirmation-mails", "front-desk"});
    names.other_topic = choose({"housekeeping", "door-locks"});
    names.other_group = choose({"cleaning-rota", "lock-audit"});
    names.first_words = {"Châlet", "Garden", "Émeraude", "Corner", "Sørli",
                         "Loft",   "Quiet",  "Übersee",  "Park",   "桜"};
    names.last_words = {"single", "double", "twin", "suite", "studio", "family", "attic", "terrace"};
    names.categories = {"Old House", "Annex", "Lake Side"};
    return names;
}

}  // namespace

std::string reference_column(const Names& names) {
    return names.key.find(names.entity) == 0 ? names.key : names.entity + "_" + names.key;
}

Names choose_names(std::uint64_t seed, Dice& dice) {
    const Chooser choose(seed, dice);
    switch (seed % theme_count) {
        case 0:
            return products(choose);
        case 1:
            return listings(choose);
        default:
            return rooms(choose);
    }
}

}  // namespace casefile::sandbox

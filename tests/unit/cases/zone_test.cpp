// Times as the people of a case read them.

#include "cases/zone.h"
#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::cases;

TEST_CASE("an instant is shown in the zone of its case, summer and winter") {
    struct Row {
        std::string zone, at, shown;
    };
    const std::vector<Row> table{
        {"UTC", "2026-11-22T15:23:00+01:00", "2026-11-22T14:23:00+00:00"},
        {"+05:30", "2026-11-22T14:23:00Z", "2026-11-22T19:53:00+05:30"},
        {"UTC-3", "2026-11-22T01:00:00Z", "2026-11-21T22:00:00-03:00"},
        {"Europe/Berlin", "2026-11-22T14:23:00Z", "2026-11-22T15:23:00+01:00"},
        {"Europe/Berlin", "2026-07-22T14:23:00Z", "2026-07-22T16:23:00+02:00"},
        {"America/New_York", "2026-11-22T14:23:00Z", "2026-11-22T09:23:00-05:00"},
        // Not known here: as it was told.
        {"Middle/Earth", "2026-11-22T14:23:00Z", "2026-11-22T14:23:00Z"},
        {"../../etc/passwd", "2026-11-22T14:23:00Z", "2026-11-22T14:23:00Z"},
        {"", "2026-11-22T14:23:00Z", "2026-11-22T14:23:00Z"},
        {"+99:00", "2026-11-22T14:23:00Z", "2026-11-22T14:23:00Z"},
        {"Europe/Berlin", "yesterday", "yesterday"},
    };
    for (const auto& row : table) {
        INFO(row.zone << " " << row.at);
        CHECK(shown_in(row.zone, row.at) == row.shown);
    }
}

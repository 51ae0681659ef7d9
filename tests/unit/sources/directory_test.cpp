// Sources are found by environment and kind, and whoever asks for another is told what there is.

#include "sources/directory.h"

#include "tests/fakes/fake_kafka_source.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/catch.h"

namespace casefile::sources {
namespace {

Directory shop() {
    Directory out;
    out.add(std::make_unique<redis::FakeRedisSource>("STAGING"));
    out.add(std::make_unique<redis::FakeRedisSource>("PROD"));
    out.add(std::make_unique<mysql::FakeMysqlSource>("PROD"));
    return out;
}

}  // namespace

TEST_CASE("sources come in order of environment, then kind") {
    const auto directory = shop();

    std::vector<std::string> names;
    for (const auto* source : directory.all())
        names.push_back(name_of_source(source->endpoint().env, source->endpoint().kind));

    CHECK(names == std::vector<std::string>{"PROD mysql", "PROD redis", "STAGING redis"});
    CHECK(directory.environments() == std::vector<std::string>{"PROD", "STAGING"});
    CHECK(directory.of("PROD").size() == 2);
    CHECK(directory.of("QA").empty());
}

TEST_CASE("a source is found as what it is") {
    const auto directory = shop();

    REQUIRE(directory.mysql("PROD"));
    CHECK((*directory.mysql("PROD"))->endpoint().kind == SourceKind::mysql);
    CHECK(directory.redis("STAGING"));
}

TEST_CASE("who asks for a source that is not there is told the variable, or the environments there are") {
    const auto directory = shop();

    const auto no_kafka = directory.kafka("PROD");
    const auto no_env = directory.mysql("QA");
    const auto nothing = Directory().mysql("PROD");

    REQUIRE_FALSE(no_kafka);
    CHECK(no_kafka.error().kind == ErrorKind::not_found);
    CHECK(no_kafka.error().message ==
          "environment 'PROD' has no kafka source: KAFKA_PROD_BROKERS is not set or not valid");
    REQUIRE_FALSE(no_env);
    CHECK(no_env.error().message == "environment 'QA' is not known: expected one of PROD, STAGING");
    CHECK(no_env.error().hint.find("MYSQL_QA_URL") != std::string::npos);
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().hint.find("MYSQL_PROD_URL") != std::string::npos);
}

}  // namespace casefile::sources

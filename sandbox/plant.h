#pragma once
// Writes a plan into the servers.

#include "sandbox/plan.h"
#include "sandbox/servers.h"

namespace casefile::sandbox {

Result<void> plant_mariadb(const Plan& plan, const MariadbServer& server);
Result<void> plant_redis(const Plan& plan, const RedisServer& server);
Result<void> plant_kafka(const Plan& plan, KafkaMock& kafka);

}  // namespace casefile::sandbox

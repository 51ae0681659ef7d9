#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace casefile {
namespace {

spdlog::logger& logger() {
    // Never destroyed: what ends with the process may still have something to say.
    static auto& made = *[] {
        auto* logger = new spdlog::logger("casefile", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        return logger;
    }();
    return made;
}

void log(spdlog::level::level_enum level, std::string_view message) {
    logger().log(level, spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

void set_log_level(std::string_view least) {
    logger().set_level(least == "debug"     ? spdlog::level::debug
                       : least == "warning" ? spdlog::level::warn
                       : least == "error"   ? spdlog::level::err
                                            : spdlog::level::info);
}

void log_info(std::string_view message) { log(spdlog::level::info, message); }
void log_warning(std::string_view message) { log(spdlog::level::warn, message); }
void log_error(std::string_view message) { log(spdlog::level::err, message); }

}  // namespace casefile

#include "mcp/refusals.h"

#include "base/log.h"
#include "base/text.h"
#include "mcp/question.h"

namespace casefile::mcp {
namespace {

RpcError missing_capability(std::string message, json::object required) {
    return {.code = rpc::missing_client_capability,
            .message = std::move(message),
            .data = json::object{{"requiredCapabilities", std::move(required)}},
            .http_status = 400};
}

}  // namespace

RpcError failed_inside(std::string_view subject, std::string_view cause) {
    log_error(std::string(subject) + " failed inside casefile: " + printable(cause));
    return {.code = rpc::internal_error, .message = "the call failed inside casefile; its log says why"};
}

RpcError lacking(const std::vector<Question>& questions, std::string message) {
    return missing_capability(std::move(message), capabilities_for(questions));
}

RpcError lacking_tasks() {
    return missing_capability("this is only done as a task: expected a client that declares the extension " +
                                  std::string(extension::tasks),
                              {{"extensions", json::object{{extension::tasks, json::object()}}}});
}

}  // namespace casefile::mcp

#pragma once
// What every data tool takes besides its own arguments: case, env and task.

#include "base/error.h"
#include "base/json.h"

namespace casefile::tools {

struct CommonArguments {
    std::string case_id, env, task;
};

/// The tool's input schema, made of its own: `env` for tools that take one.
json::object data_input_schema(json::object own, bool takes_env);

/// Takes them out of `arguments`, leaving the tool's own. `schema` is what data_input_schema() gave:
/// `invalid` for a name that it does not have, for a missing case, a wrong type and a task that is no slug.
Result<CommonArguments> take_common(json::object& arguments, const json::object& schema);

}  // namespace casefile::tools

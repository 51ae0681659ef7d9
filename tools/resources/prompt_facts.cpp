#include "tools/resources/prompt_facts.h"

#include "cases/prompt_facts.h"

namespace casefile::tools::resources {

mcp::PromptFacts prompt_facts(Workbench& bench) {
    return [&bench](const mcp::PromptArguments& given,
                    const std::string& principal) -> Result<mcp::PromptArguments> {
        mcp::PromptArguments facts;
        const auto id = given.find("case");
        if (id == given.end() || id->second.empty()) return facts;
        const auto state = bench.cases.find(id->second, principal);
        if (!state) return state.error();
        for (auto& [name, text] : cases::prompt_facts(*state)) facts["case." + name] = std::move(text);
        return facts;
    };
}

}  // namespace casefile::tools::resources

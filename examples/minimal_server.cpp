// A whole MCP server: one tool, on standard input and output, in every revision that the library speaks.

#include "mcp/server.h"
#include "mcp/stdio_transport.h"

using namespace casefile;

class Greet : public mcp::Tool {
  public:
    const mcp::ToolInfo& info() const override { return info_; }

    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext&) const override {
        const auto text = "Hello, " + string_or(arguments, "name", "world") + "!";
        return mcp::ToolResult{.structured = {{"greeting", text}}, .text = text};
    }

  private:
    const mcp::ToolInfo info_{
        .name = "greet",
        .title = "Greet",
        .description = "Greets somebody.",
        .input_schema = {{"type", "object"},
                         {"properties", json::object{{"name", json::object{{"type", "string"}}}}}},
        .output_schema = {{"type", "object"},
                          {"properties", json::object{{"greeting", json::object{{"type", "string"}}}}}}};
};

int main() {
    const int output = mcp::take_standard_output();  // nothing else can print into the protocol now
    mcp::Catalog catalog;
    catalog.add(std::make_unique<Greet>());
    mcp::WorkerPool workers(4, 64);
    mcp::Changes changes;
    mcp::Server server({.name = "greeter", .title = "Greeter", .version = "1.0"},
                       {.state_key = "a secret of yours"}, catalog, workers, changes);
    mcp::serve_stdio(server, "local:user", 0, output);
}

#pragma once
// A client that speaks for itself, line by line: for what a well-behaved client never sends, and for what
// comes without being asked for.

#include "mcp/stdio_client.h"
#include "tests/support/servers.h"

namespace casefile {

/// `casefile serve` over `home`, with DEV confirmed by the operator.
class Talk {
  public:
    enum class Era { handshake, modern, modern_with_tasks };

    Talk(const std::filesystem::path& home, Era era) : era_(era) {
        mcp::StdioClientOptions options;
        options.command = {program("casefile"), "serve", "--home", home.string(), "--confirm", "DEV"};
        options.environment = TestServers::get().variables("DEV");
        options.errors_file = home.string() + ".log";
        auto started = mcp::StdioClient::start(std::move(options));
        REQUIRE(started);
        client_ = *std::move(started);
        if (era != Era::handshake) return;
        result("initialize", {{"protocolVersion", "2025-11-25"},
                              {"capabilities", json::object()},
                              {"clientInfo", {{"name", "talk"}, {"version", "1"}}}});
        client_->send_line(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    }

    /// Sends a request and gives its id.
    std::int64_t send(const std::string& method, json::object params) {
        if (era_ != Era::handshake) {
            json::object capabilities;
            if (era_ == Era::modern_with_tasks)
                capabilities["extensions"] = {{"io.modelcontextprotocol/tasks", json::object()}};
            auto& about = params["_meta"];
            if (!about.is_object()) about.emplace_object();
            about.as_object()["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
            about.as_object()["io.modelcontextprotocol/clientCapabilities"] = std::move(capabilities);
        }
        const json::object request{
            {"jsonrpc", "2.0"}, {"id", ++requests_}, {"method", method}, {"params", std::move(params)}};
        REQUIRE(client_->send_line(json::serialize(request)));
        return requests_;
    }

    /// The next message of which `wanted` says so. Others that came before it are kept.
    template <class Wanted>
    json::object next(const Wanted& wanted) {
        for (auto kept = kept_.begin(); kept != kept_.end(); ++kept)
            if (wanted(*kept)) {
                auto found = *kept;
                kept_.erase(kept);
                return found;
            }
        for (;;) {
            const auto line = client_->read_line(std::chrono::seconds(30));
            REQUIRE(line);
            const auto message = parse_json(*line);
            REQUIRE(message);
            if (wanted(message->as_object())) return message->as_object();
            kept_.push_back(message->as_object());
        }
    }
    json::object answer(std::int64_t id) {
        return next([&](const json::object& message) {
            const auto* got = message.if_contains("id");
            return got != nullptr && *got == id;
        });
    }
    json::object notification(const std::string& method, const std::string& uri = {}) {
        return next([&](const json::object& message) {
            return string_or(message, "method") == method &&
                   (uri.empty() || string_or(message.at("params").as_object(), "uri") == uri);
        });
    }
    bool heard(const std::string& text) const {
        return std::any_of(kept_.begin(), kept_.end(), [&](const json::object& message) {
            return json::serialize(message).find(text) != std::string::npos;
        });
    }

    json::object result(const std::string& method, json::object params) {
        auto answered = answer(send(method, std::move(params)));
        INFO(json::serialize(answered));
        REQUIRE(answered.contains("result"));
        return answered.at("result").as_object();
    }
    json::object error(const std::string& method, json::object params) {
        auto answered = answer(send(method, std::move(params)));
        INFO(json::serialize(answered));
        REQUIRE(answered.contains("error"));
        return answered.at("error").as_object();
    }
    json::object call(const std::string& tool, json::object arguments) {
        return result("tools/call", {{"name", tool}, {"arguments", std::move(arguments)}});
    }
    std::string open_case(const std::string& topic) {
        return std::string(
            call("open_case", {{"topic", topic}}).at("structuredContent").at("case").as_string());
    }

    mcp::StdioClient& client() { return *client_; }

  private:
    Era era_;
    std::unique_ptr<mcp::StdioClient> client_;
    std::int64_t requests_ = 0;
    std::vector<json::object> kept_;
};

}  // namespace casefile

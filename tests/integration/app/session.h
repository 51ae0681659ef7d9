#pragma once
// A client that leads an investigation: every toolset, DEV confirmed by the operator.

#include "mcp/stdio_client.h"
#include "tests/support/servers.h"

namespace casefile {

/// A client of `casefile serve`; the human answers a form with `answers`.
class Session {
  public:
    Session(const std::filesystem::path& home, json::object answers, mcp::StdioClientOptions::Era era)
        : answers_(std::move(answers)) {
        mcp::StdioClientOptions options;
        options.command = {program("casefile"), "serve", "--home",     home.string(),
                           "--confirm",         "DEV",   "--toolsets", "default,work,admin"};
        options.environment = TestServers::get().variables("DEV");
        options.errors_file = home.string() + ".log";
        options.era = era;
        auto connected = mcp::StdioClient::connect(std::move(options));
        REQUIRE(connected);
        client_ = *std::move(connected);
    }

    json::object call(const std::string& tool, json::object arguments) {
        if (!case_.empty() && tool != "open_case" && !arguments.contains("case")) arguments["case"] = case_;
        mcp::CallListener listener;
        listener.ask = [this](const mcp::Question& question) {
            questions.push_back(question);
            return mcp::HumanAnswer{mcp::AnswerAction::accept, answers_};
        };
        const auto result = client_->call_tool(tool, arguments, listener);
        REQUIRE(result);
        INFO(tool << ": " << result->text);
        REQUIRE_FALSE(result->is_error);
        return result->structured;
    }
    std::string look(const std::string& sql, const std::string& task) {
        return std::string(
            call("query_mysql", {{"sql", sql}, {"task", task}}).at("run").at("id").as_string());
    }
    void note(const std::string& key, json::object value, const std::string& text,
              const std::vector<std::string>& evidence = {}) {
        call("write_log", {{"kind", "note"},
                           {"key", key},
                           {"text", text},
                           {"value", std::move(value)},
                           {"evidence", json::array(evidence.begin(), evidence.end())}});
    }
    void event(const std::string& at, const std::string& text, const std::string& milestone = {}) {
        json::object add{{"at", at}, {"text", text}, {"source", "chat"}};
        if (!milestone.empty()) add["milestone"] = milestone;
        call("timeline", {{"add", std::move(add)}});
    }
    std::string prompt(const std::string& name) {
        const auto got = client_->request("prompts/get", {{"name", name}, {"arguments", {{"case", case_}}}});
        REQUIRE(got);
        return std::string(got->at("messages").at(0).at("content").at("text").as_string());
    }
    void open(json::object fields) {
        const auto opened = call("open_case", std::move(fields));
        case_ = std::string(opened.at("case").as_string());
    }
    const std::string& id() const { return case_; }

    std::vector<mcp::Question> questions;

  private:
    json::object answers_;
    std::unique_ptr<mcp::StdioClient> client_;
    std::string case_;
};

inline bool holds(const json::value& value, const std::string& text) {
    return json::serialize(value).find(text) != std::string::npos;
}

}  // namespace casefile

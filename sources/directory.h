#pragma once
// All sources of this process, by environment and kind. Built once at start, without opening a connection.

#include "sources/kafka/source.h"
#include "sources/mysql/source.h"
#include "sources/redis/source.h"

namespace casefile::sources {

class Directory {
  public:
    void add(std::unique_ptr<Source> source);

    /// In order of environment, then kind.
    std::vector<Source*> all() const;
    std::vector<std::string> environments() const;
    std::vector<Source*> of(const std::string& env) const;

    /// The error names the variable to set, or the environments there are.
    Result<Source*> find(const std::string& env, SourceKind kind) const;
    Result<mysql::MysqlSource*> mysql(const std::string& env) const;
    Result<redis::RedisSource*> redis(const std::string& env) const;
    Result<kafka::KafkaSource*> kafka(const std::string& env) const;

  private:
    std::map<std::pair<std::string, SourceKind>, std::unique_ptr<Source>> sources_;
};

}  // namespace casefile::sources

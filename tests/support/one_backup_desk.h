// A service of the API with one backup: what it has is told, what it is asked to do is for others.
#pragma once

#include "platform/desk.h"

namespace aethel::platform {

struct OneBackupDesk : Desk {
  std::string database() const override { return "main"; }
  Answer<backup::Repository::Listing> list() override {
    backup::Repository::Listing listing;
    listing.backups.push_back(
        {.manifest = {
             .id = known, .database = "main", .started = 1, .finished = 2, .server = "18.6"}});
    return listing;
  }
  Answer<backup::Listed> find(std::string_view id) override {
    if (id != known && id != "latest") return problem(404, "there is no such backup");
    return std::move(list()->backups.front());
  }
  Answer<std::vector<std::string>> reports(std::string_view) override {
    return std::vector<std::string>{R"({"level":3})"};
  }
  std::vector<ScheduleInfo> schedules() override {
    return {{.task = "backup", .cron = "0 * * * *", .next = 60}};
  }
  Jobs& jobs() override { return queue; }

  static constexpr const char* known = "20261126T141500Z-1a2b3c4d";
  Jobs queue;
};

} // namespace aethel::platform

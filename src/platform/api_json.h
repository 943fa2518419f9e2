// What the API says and takes, as JSON. The schemas stand in openapi.cc.
#pragma once

#include "backup/repository.h"
#include "platform/desk.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace aethel::platform {

nlohmann::ordered_json json_of(const backup::Listed& listed);
nlohmann::ordered_json json_of(const Job& job);
nlohmann::ordered_json json_of(const ScheduleInfo& schedule);
std::string text_of(const nlohmann::ordered_json& value);

// A body that is an object of these members, each a string, a number or a boolean. An empty body is
// an empty object when nothing is required of it. Anything else is a problem with its reason.
Answer<nlohmann::ordered_json> read_body(std::string_view type, std::string_view body,
                                         std::initializer_list<std::string_view> members);
// The member as a string; absent is empty.
Answer<std::string> text_member(const nlohmann::ordered_json& body, std::string_view name);

} // namespace aethel::platform

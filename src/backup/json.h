// Reads JSON of documents whose signature holds. With care all the same: another version of the
// program may have written it, and a mistake must become a message. What is absent or of another
// type is empty, and the first such mistake is kept.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::backup {

class JsonReader {
public:
  // `what` begins messages: "the manifest".
  static Result<JsonReader> parse(std::string_view bytes, std::string_view what);

  std::string text(std::string_view name) const;
  std::uint64_t number(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<JsonReader> list(std::string_view name) const; // of objects
  JsonReader object(std::string_view name) const;
  bool has(std::string_view name) const;
  std::vector<std::string> names() const; // of an object's members

  void refuse(std::string message) const;
  // The first mistake, if there was one.
  Result<void> done() const;

private:
  struct Shared;
  JsonReader(std::shared_ptr<Shared> shared, const void* at)
      : shared_(std::move(shared)), at_(at) {}
  const void* find(std::string_view name, std::string_view type, bool (*is)(const void*)) const;
  std::shared_ptr<Shared> shared_;
  const void* at_;
};

} // namespace aethel::backup

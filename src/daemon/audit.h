// Lines that are kept: each whole, at the end of a file.
#pragma once

#include "base/result.h"

#include <memory>
#include <mutex>
#include <string>

namespace aethel::daemon {

class Audit {
public:
  // An empty path: standard error. Only its owner may read a file that is made.
  static Result<std::unique_ptr<Audit>> open(std::string path);
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  void write(const std::string& line);
  Result<void> reopen(); // after it was moved away

private:
  explicit Audit(std::string path) : path_(std::move(path)) {}
  const std::string path_;
  std::mutex mutex_;
  int descriptor_ = 2;
};

} // namespace aethel::daemon

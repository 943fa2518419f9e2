#include "base/process.h"

#include "base/parallel.h"

#include <gtest/gtest.h>

#include <optional>

namespace aethel {
namespace {

TEST(ChildProcess, OutlivesTheThreadThatStartedIt) {
  std::optional<ChildProcess> process;
  {
    ThreadGroup starter;
    starter.start([&] {
      auto started =
          ChildProcess::start({.arguments = {"/bin/cat"}, .input = true, .output = true});
      if (started) process.emplace(std::move(*started));
    });
  }
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->write("still here"));
  process->close_input();
  EXPECT_EQ(process->read_all(100).value_or(""), "still here");
  EXPECT_TRUE(process->wait());
}

TEST(ChildProcess, SaysWhatCannotBeStarted) {
  const auto started = ChildProcess::start({.arguments = {"/no/such/program"}});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message,
            "cannot start \"/no/such/program\": No such file or directory");
}

TEST(ChildProcess, SaysWithWhatItEnded) {
  EXPECT_FALSE(run_program({.arguments = {"/bin/false"}}));
  auto process = ChildProcess::start({.arguments = {"/bin/cat"}, .input = true});
  ASSERT_TRUE(process);
  process->kill();
  EXPECT_EQ(process->wait_for_code(), 128 + 9);
}

} // namespace
} // namespace aethel

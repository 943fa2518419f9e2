#include "backup/check.h"
#include "store/memory.h"

#include <gtest/gtest.h>

namespace aethel::backup {
namespace {

// A disaster takes the service's key with it.
TEST(Check, wants_a_recovery_key_among_the_recipients) {
  initialise_keys();
  const SigningKey signing = make_signing_key();
  const PrivateKey service = make_private_key();
  for (const bool recovery : {false, true}) {
    store::MemoryStore store;
    const auto repository =
        Repository::create(store,
                           {{"service", service.public_key()},
                            {recovery ? "recovery" : "another", make_private_key().public_key()}},
                           signing);
    ASSERT_TRUE(repository) << repository.error().message;
    const auto now = store.clock();
    ASSERT_TRUE(now);
    std::vector<std::string> bad;
    for (const Finding& each :
         check_backup(*repository, signing, {.service = &service, .local = *now}))
      if (each.state != Finding::State::good) bad.push_back(each.message);
    std::vector<std::string> expected;
    if (!recovery)
      expected.emplace_back("no recovery key is a recipient: with the service's key all would be "
                            "lost");
    EXPECT_EQ(bad, expected);
  }
}

} // namespace
} // namespace aethel::backup

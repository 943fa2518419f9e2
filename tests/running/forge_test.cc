// forge_test FOLDER text|reseal|manifest|remanifest|report BACKUP [STREAM]: what only who has the
// keys can do to a backup, for faults that seals and signatures do not show. Keys come as aetheld
// gets them; what replaces something comes on standard input.
#include "backup/json.h"
#include "backup/repository.h"
#include "store/folder.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>

namespace {

using namespace aethel;
using namespace aethel::backup;

template <class Value> Value must(Result<Value> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}
void must(Result<void> result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}
template <class Value> Value must(store::StoreResult<Value> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}
void must(store::StoreResult<void> result) {
  if (!result) std::exit(1);
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string input() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

} // namespace

int main(int count, char** words) {
  if (count < 4) return 2;
  initialise_keys();
  const std::string verb = words[2];
  const std::string id = words[3];
  const SigningKey signing = must(parse_signing_key(variable("BACKUP_SIGNING_KEY")));
  const auto store = store::open_folder(words[1]);
  const std::string trusted = variable("FORGE_TRUSTED");
  const Repository repository = must(Repository::open(
      *store, trusted.empty() ? signing.signer() : must(parse_signing_key(trusted)).signer()));
  const std::string name = "manifests/" + id;
  const auto replace = [&](const std::string& bytes) {
    must(store->put(name, bytes, store::Put::always));
  };
  if (verb == "report") {
    must(repository.add_report(id, input(), 3, true, 1'700'000'000, signing));
    return 0;
  }
  if (verb == "remanifest") {
    replace(write_document("manifest", input(), signing));
    return 0;
  }
  const std::string bytes = must(store->get(name, 1 << 24));
  if (verb == "manifest") {
    std::cout << must(read_document("manifest", bytes, repository.config().signers)).json;
    return 0;
  }
  Manifest manifest =
      must(read_manifest(bytes, repository.config().signers, id, repository.config().id));
  const PrivateKey service = must(parse_private_key(variable("BACKUP_SERVICE_KEY")));
  const Secret key = must(repository.data_key(manifest, service));
  if (count < 5) return 2;
  const std::string stream = words[4];
  if (verb == "text") {
    std::cout << must(read_stream(*store, id, *manifest.stream(stream), key, 1 << 30));
    return 0;
  }
  for (StreamInfo& each : manifest.streams) {
    if (each.name != stream) continue;
    for (std::size_t i = 0; i < each.objects.size(); ++i)
      must(store->remove(object_key(id, stream, i + 1)));
    StreamWriter writer(*store, id, stream, key, {});
    must(writer.write(input()));
    each = must(writer.finish());
  }
  replace(write_manifest(manifest, signing));
  return 0;
}

#include "config/part.h"
#include "config/running.h"

namespace aethel::parts {
namespace {

void add(const FieldValue& value, Running& running) { running.environment = value.text; }

} // namespace

extern constinit const Part environment;
constinit const Part environment{
    .field = {.name = "environment",
              .form = Form::label,
              .doc = "Where aetheld runs: a name of `environments`. It stands in every backup.",
              .example = "production"},
    .run = add};

} // namespace aethel::parts

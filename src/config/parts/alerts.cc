#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr Field fields[] = {
    {.name = "page",
     .form = Form::secret,
     .doc = "The secret that holds the address which wakes somebody."},
    {.name = "chat", .form = Form::secret, .doc = "The secret that holds the address of a chat."},
    {.name = "heartbeat",
     .form = Form::secret,
     .doc = "The secret that holds the address which misses a silent Alertmanager."},
    {.name = "email", .form = Form::email, .doc = "Default: that of the product."},
};

void add(const FieldValue& value, Product& product) {
  product.page = value.one("page");
  product.chat = value.one("chat");
  product.heartbeat = value.one("heartbeat");
  product.alert_email = value.one("email");
}

} // namespace

extern constinit const Part alerts;
constinit const Part alerts{
    .field = {.name = "alerts", .form = Form::mapping, .doc = "Who is told.", .fields = fields},
    .add = add};

} // namespace aethel::parts

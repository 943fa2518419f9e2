# Made by shared/, as all environments' names are in it.
data "aws_route53_zone" "main" {
  provider = aws.dns

  name         = var.zone
  private_zone = false
}

resource "aws_route53_record" "hosts" {
  for_each = var.hosts
  provider = aws.dns

  zone_id = data.aws_route53_zone.main.zone_id
  name    = each.value
  type    = "A"

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = true
  }

  lifecycle {
    precondition {
      condition     = each.value == var.zone || endswith(each.value, ".${var.zone}")
      error_message = "${each.value} is not in the zone ${var.zone}."
    }
  }
}

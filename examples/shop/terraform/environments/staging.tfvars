environment             = "staging"
public_host             = "staging.aethel-shop.dev"
database_instance_class = "db.t4g.medium"
cache_node_type         = "cache.t4g.small"
nodes                   = { instance_type = "m7i.large", minimum = 2, maximum = 4 }

environment             = "production"
public_host             = "aethel-shop.dev"
database_instance_class = "db.m7g.large"
cache_node_type         = "cache.m7g.large"
nodes                   = { instance_type = "m7i.xlarge", minimum = 3, maximum = 9 }

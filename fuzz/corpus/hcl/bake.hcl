variable "TAG" { default = "latest" }
function "name" {
  params = [x]
  result = "example.org/${x}:${TAG}"
}
group "default" { targets = ["web", "api"] }
target "_common" {
  platforms = ["linux/amd64"] # one
  args = { "A" = "1", B : TAG, }
}
target "web" {
  inherits = ["_common"]
  context = "./web"
  tags = [name("web"), "x:1"]
  contexts = { base = "target:api" }
  labels = { for k, v in {} : k => v }
}
/* last */ target "api" {
  dockerfile-inline = <<EOT
FROM scratch
EOT
  output = TAG == "latest" ? ["type=docker"] : []
}

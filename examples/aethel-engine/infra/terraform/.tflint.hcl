# tflint --recursive --config="$PWD/.tflint.hcl"
config {
  # What the module is given is checked where environments/ call it.
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}

# main.tf, variables.tf and outputs.tf for each small stack would be three files of ten lines.
rule "terraform_standard_module_structure" {
  enabled = false
}

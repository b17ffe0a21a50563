output "address" {
  value = module.service.address
}

output "registry" {
  value = module.registry.url
}

output "run_task" {
  value = module.service.run_task
}

output "task_definition" {
  value = module.service.task_definition
}

output "cluster" {
  value = module.service.cluster
}

output "log_group" {
  value = module.service.log_group
}

output "final_snapshot" {
  value = module.database.final_snapshot
}

output "push_role_arn" {
  value = one(module.github[*].role_arn)
}

# For the tests of the whole: which secret is named in which place.
output "signing_key_turn" {
  value = { signs = local.signs, still_valid = local.still_valid }
}

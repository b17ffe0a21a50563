output "url" {
  description = "Where the room is."
  value       = "https://${var.domain}"
}

output "address" {
  description = "Where the domain must point: an A record (small) or a CNAME (distributed). Made already if there is a zone_id."
  value       = one(concat(module.small[*].address, module.distributed[*].address))
}

output "registry" {
  description = "Where images are pushed to (distributed)."
  value       = one(module.distributed[*].registry)
}

output "run_task" {
  description = "How ./manage starts a command of its own (distributed)."
  value       = one(module.distributed[*].run_task)
}

output "task_definition" {
  description = "What ./release rolls the nodes to (distributed)."
  value       = one(module.distributed[*].task_definition)
}

output "cluster" {
  description = "The ECS cluster, whose service is called web (distributed)."
  value       = one(module.distributed[*].cluster)
}

output "log_group" {
  description = "Where the nodes log to (distributed)."
  value       = one(module.distributed[*].log_group)
}

output "push_role_arn" {
  description = "The role that GitHub's builds take to push images; put it into the repository's variable AWS_PUSH_ROLE."
  value       = one(module.distributed[*].push_role_arn)
}

output "final_snapshot" {
  description = "The snapshot of the database that a destroy leaves behind (distributed)."
  value       = one(module.distributed[*].final_snapshot)
}

output "instance_id" {
  description = "The machine (small)."
  value       = one(module.small[*].instance_id)
}

output "next_steps" {
  description = "What to do now."
  value = {
    small       = <<-TEXT
      1. ${var.zone_id == null ? "Make an A record: ${var.domain} → ${coalesce(one(module.small[*].address), "the address")}" : "The name is entered: nothing to do"}.
      2. Confirm the subscription that was mailed to ${var.alarm_email}.
      3. The machine builds the image, which takes some minutes. See how far it is:
         aws ssm start-session --target ${coalesce(one(module.small[*].instance_id), "the machine")}
         sudo tail -f /var/log/chatroom-boot.log
      4. In the same session make the first owner:
         cd /srv/chatroom && sudo docker compose exec web-1 python manage.py invite_owner
      5. Another version: ${coalesce(one(module.small[*].deploy), "deploy ")}v1.2.3
    TEXT
    distributed = <<-TEXT
      1. ${var.zone_id == null ? "Make a CNAME: ${var.domain} → ${coalesce(one(module.distributed[*].address), "the address")}" : "The name is entered: nothing to do"}.
      2. Confirm the subscription that was mailed to ${var.alarm_email}.
      3. Push an image tagged ${coalesce(var.image_tag, "as image_tag")} to ${coalesce(one(module.distributed[*].registry), "the registry")}.
      4. ./release migrates and rolls the nodes to it.
      5. ./manage invite_owner makes the first owner.
    TEXT
  }[var.profile]
}

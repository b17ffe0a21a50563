output "address" {
  value = aws_eip.this.public_ip
}

output "instance_id" {
  value = aws_instance.this.id
}

output "volume_id" {
  value = aws_ebs_volume.data.id
}

output "deploy" {
  description = "Runs another version on the machine."
  value       = "aws ssm send-command --document-name ${aws_ssm_document.deploy.name} --instance-ids ${aws_instance.this.id} --parameters ref="
}

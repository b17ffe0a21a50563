# The small profile from the inside.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name        = "chatroom"
  domain      = "chat.example.org"
  zone_id     = null
  alarm_email = "ops@example.org"
  protect     = true
  machine     = { type = "t4g.small", disk_gb = 20, snapshots_kept = 14 }
  environment = { LOG_FORMAT = "json", SOCKETS_PER_MEMBER = "20" }
  code        = { repository = "https://git.example.org/chatroom", ref = "v1.0.0" }
}

run "one_closed_machine_with_a_disk_that_outlives_it" {
  module {
    source = "./profiles/small"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.web : rule.from_port]) == toset([80, 443])
    error_message = "Only the web's ports are open, not SSH's."
  }

  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Containers must not be able to borrow the machine's role."
  }

  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.final_snapshot && aws_ebs_volume.data.tags.Backup == "chatroom"
    error_message = "The disk is encrypted, backed up each night, and leaves a snapshot behind."
  }

  assert {
    condition     = strcontains(aws_instance.this.user_data, "ENVIRONMENT='LOG_FORMAT=json\nSOCKETS_PER_MEMBER=20'\n")
    error_message = "The first start is told the settings."
  }

  assert {
    condition     = strcontains(aws_instance.this.user_data, "REF='v1.0.0'")
    error_message = "The first start runs the version that was asked for."
  }
}

run "without_protection_the_disk_still_leaves_a_snapshot" {
  command = plan

  module {
    source = "./profiles/small"
  }

  variables {
    protect = false
  }

  assert {
    condition     = aws_ebs_volume.data.final_snapshot && !aws_instance.this.disable_api_termination
    error_message = "A destroyed disk leaves a snapshot behind, whatever protect says."
  }
}

run "the_image_of_ubuntu_fits_the_processor" {
  command = plan

  module {
    source = "./profiles/small"
  }

  variables {
    machine = { type = "m7i.large", disk_gb = 20, snapshots_kept = 14 }
  }

  assert {
    condition     = strcontains(data.aws_ssm_parameter.ubuntu.name, "/amd64/")
    error_message = "An m7i is not an ARM machine."
  }
}

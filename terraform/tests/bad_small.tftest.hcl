# What is refused, and by which variable, before anything is asked of AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  profile     = "small"
  region      = "eu-central-1"
  domain      = "chat.example.org"
  alarm_email = "ops@example.org"
  code        = { repository = "https://git.example.org/chatroom", ref = "v1.0.0" }
}

run "no_code" {
  command         = plan
  expect_failures = [var.code]

  variables {
    code = null
  }
}

run "code_behind_a_key" {
  command         = plan
  expect_failures = [var.code]

  variables {
    code = { repository = "git@git.example.org:chatroom", ref = "v1.0.0" }
  }
}

run "a_reference_with_a_command_in_it" {
  command         = plan
  expect_failures = [var.code]

  variables {
    code = { repository = "https://git.example.org/chatroom", ref = "v1'; reboot" }
  }
}

run "a_machine_too_small_to_build" {
  command         = plan
  expect_failures = [var.machine]

  variables {
    machine = { type = "t4g.micro" }
  }
}

run "a_disk_too_small" {
  command         = plan
  expect_failures = [var.machine]

  variables {
    machine = { disk_gb = 5 }
  }
}

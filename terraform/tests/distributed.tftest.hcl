# The distributed profile, applied to a mock of AWS: what must hold whatever else changes.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  profile     = "distributed"
  region      = "eu-central-1"
  domain      = "chat.example.org"
  zone_id     = "Z0123456789ABC"
  alarm_email = "ops@example.org"
  image_tag   = "v1.0.0"
}

run "applies" {
  assert {
    condition     = output.url == "https://chat.example.org" && output.instance_id == null
    error_message = "The distributed profile has a load balancer and no machine."
  }

  assert {
    condition     = output.address == "mock.eu-central-1.elb.amazonaws.com"
    error_message = "The domain must point at the load balancer."
  }

  assert {
    condition     = output.push_role_arn == null
    error_message = "Nobody on GitHub may push unless a repository is named."
  }
}

run "the_first_key_signs_from_one_place_and_the_next_from_the_other" {
  assert {
    condition     = module.distributed[0].signing_key_turn == { signs = "odd", still_valid = "even" }
    error_message = "Version 1 signs from the odd place."
  }
}

run "a_rotation_keeps_the_last_key_valid" {
  variables {
    secret_versions = { secret_key = 2 }
  }

  assert {
    condition     = module.distributed[0].signing_key_turn == { signs = "even", still_valid = "odd" }
    error_message = "What signed before the rotation must still verify after it."
  }
}

run "a_certificate_may_come_from_elsewhere" {
  variables {
    zone_id         = null
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/own"
  }

  assert {
    condition     = strcontains(output.next_steps, "Make a CNAME: chat.example.org → mock.eu-central-1.elb.amazonaws.com")
    error_message = "Without a zone the operator must be told which record to make."
  }
}

run "three_zones_with_a_gateway_each_or_none_at_all" {
  variables {
    network           = { zones = 3, nat = "per_az" }
    database          = { multi_az = false }
    cache             = { replica = true }
    github_repository = "example/chatroom"
  }

  assert {
    condition     = output.push_role_arn == "arn:aws:iam::123456789012:role/mock"
    error_message = "The repository's builds have a role to push with."
  }
}

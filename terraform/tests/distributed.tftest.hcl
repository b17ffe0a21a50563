# The distributed profile, applied to a mock of AWS: what must hold whatever else changes.

mock_provider "aws" {
  source = "./tests/mocks"
}

# Ephemeral values cannot be mocked yet.
override_module {
  target  = module.distributed[0].module.signing_key["odd"]
  outputs = { arn = "arn:odd", reference = "arn:odd:::v1", value = "odd" }
}

override_module {
  target  = module.distributed[0].module.signing_key["even"]
  outputs = { arn = "arn:even", reference = "arn:even:::v1", value = "even" }
}

override_module {
  target  = module.distributed[0].module.database_password
  outputs = { arn = "arn:password", reference = "arn:password:::v1", value = "secret" }
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
}

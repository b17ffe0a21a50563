# The small profile, applied to a mock of AWS.

mock_provider "aws" {
  source = "./tests/mocks"

  mock_resource "aws_eip" {
    defaults = {
      public_ip = "192.0.2.7"
    }
  }
}

variables {
  profile     = "small"
  region      = "eu-central-1"
  domain      = "chat.example.org"
  alarm_email = "ops@example.org"
  code        = { repository = "https://git.example.org/chatroom", ref = "v1.0.0" }
}

run "applies" {
  assert {
    condition     = output.address == "192.0.2.7" && output.registry == null && output.cluster == null
    error_message = "The small profile has a machine with an address, and neither registry nor cluster."
  }

  assert {
    condition     = strcontains(output.next_steps, "Make an A record: chat.example.org → 192.0.2.7")
    error_message = "Without a zone the operator must be told which record to make."
  }
}

run "enters_the_name_where_there_is_a_zone" {
  variables {
    zone_id = "Z0123456789ABC"
  }

  assert {
    condition     = strcontains(output.next_steps, "The name is entered")
    error_message = "With a zone there is nothing to do for the name."
  }
}

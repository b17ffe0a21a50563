# What is refused, and by which variable, before anything is asked of AWS.

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

run "a_profile_that_is_none" {
  command         = plan
  expect_failures = [var.profile]

  variables {
    profile = "medium"
  }
}

run "a_name_too_long_for_a_load_balancer" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "the-chatroom-of-our-company"
  }
}

run "a_region_that_is_a_zone" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "eu-central-1a"
  }
}

run "a_domain_with_a_scheme" {
  command         = plan
  expect_failures = [var.domain]

  variables {
    domain = "https://chat.example.org"
  }
}

run "the_name_of_a_zone_for_its_id" {
  command         = plan
  expect_failures = [var.zone_id]

  variables {
    zone_id = "example.org"
  }
}

run "no_one_to_write_to" {
  command         = plan
  expect_failures = [var.alarm_email]

  variables {
    alarm_email = "ops"
  }
}

run "neither_zone_nor_certificate" {
  command         = plan
  expect_failures = [var.certificate_arn]

  variables {
    zone_id = null
  }
}

run "zone_and_certificate" {
  command         = plan
  expect_failures = [var.certificate_arn]

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/own"
  }
}

run "an_image_that_moves" {
  command         = plan
  expect_failures = [var.image_tag]

  variables {
    image_tag = "latest"
  }
}

run "no_image" {
  command         = plan
  expect_failures = [var.image_tag]

  variables {
    image_tag = null
  }
}

run "a_public_network" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = { cidr = "8.8.0.0/16" }
  }
}

run "bits_beyond_the_mask" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = { cidr = "10.20.1.0/16" }
  }
}

run "one_zone" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = { zones = 1 }
  }
}

run "a_way_out_that_is_none" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = { nat = "two" }
  }
}

run "a_pair_that_fargate_does_not_sell" {
  command         = plan
  expect_failures = [var.nodes]

  variables {
    nodes = { cpu = 256, memory = 4096 }
  }
}

run "more_at_least_than_at_most" {
  command         = plan
  expect_failures = [var.nodes]

  variables {
    nodes = { min = 5, max = 2 }
  }
}

run "a_node_with_too_many_sockets" {
  command         = plan
  expect_failures = [var.nodes]

  variables {
    nodes = { sockets_per_node = 100000 }
  }
}

run "a_database_with_too_few_connections" {
  command         = plan
  expect_failures = [var.database]

  variables {
    database = { class = "db.t4g.micro" }
  }
}

run "a_database_that_may_not_grow" {
  command         = plan
  expect_failures = [var.database]

  variables {
    database = { storage_gb = 100, storage_max_gb = 100 }
  }
}

run "no_backups" {
  command         = plan
  expect_failures = [var.database]

  variables {
    database = { backup_days = 0 }
  }
}

run "a_redis_that_is_none" {
  command         = plan
  expect_failures = [var.cache]

  variables {
    cache = { node_type = "t4g.micro" }
  }
}

run "half_a_rotation" {
  command         = plan
  expect_failures = [var.secret_versions]

  variables {
    secret_versions = { secret_key = 1.5 }
  }
}

run "an_address_for_a_repository" {
  command         = plan
  expect_failures = [var.github_repository]

  variables {
    github_repository = "https://github.com/example/chatroom"
  }
}

run "a_secret_among_the_settings" {
  command         = plan
  expect_failures = [var.environment]

  variables {
    environment = { SECRET_KEY = "in-a-task-definition" }
  }
}

run "a_database_of_its_own_among_the_settings" {
  command         = plan
  expect_failures = [var.environment]

  variables {
    environment = { DATABASE_URL = "postgres://elsewhere" }
  }
}

run "a_setting_that_ends_the_quotes_of_the_first_start" {
  command         = plan
  expect_failures = [var.environment]

  variables {
    environment = { LOG_FORMAT = "json'; reboot '" }
  }
}

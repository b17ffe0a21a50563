# PostgreSQL from the inside.

mock_provider "aws" {
  source = "./tests/mocks"

  mock_resource "aws_db_instance" {
    defaults = {
      endpoint = "chatroom.mock.eu-central-1.rds.amazonaws.com:5432"
    }
  }
}

variables {
  name                     = "chatroom"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2"]
  client_security_group_id = "sg-1"
  password                 = "only-for-this-test"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/mock"
  protect                  = true
  settings = {
    class = "db.t4g.small", version = "17", multi_az = true, storage_gb = 20, storage_max_gb = 200, backup_days = 14
  }
}

run "the_log_outlives_a_zone_and_a_mistake" {
  module {
    source = "./modules/database"
  }

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.backup_retention_period == 14 && aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot
    error_message = "A standby, backups, and no way to destroy it by accident."
  }

  assert {
    condition     = can(regex("^chatroom-final-[0-9a-f]{8}$", output.final_snapshot))
    error_message = "The snapshot that it leaves behind has a name of its own."
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value if startswith(parameter.name, "log_") } == local.log_without_messages
    error_message = "PostgreSQL keeps statements, parameters and details out of its log."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible
    error_message = "It is encrypted, and not on the internet."
  }

  assert {
    condition     = output.url == "postgres://chatroom@chatroom.mock.eu-central-1.rds.amazonaws.com:5432/chatroom?sslmode=require"
    error_message = "DATABASE_URL asks for TLS and holds no password."
  }
}

run "without_protection_it_can_be_torn_down_and_its_messages_stay" {
  module {
    source = "./modules/database"
  }

  variables {
    protect = false
    settings = {
      class         = "db.t4g.small", version = "17", multi_az = false, storage_gb = 20, storage_max_gb = 200, backup_days = 1
      ssl_root_cert = "/app/rds.pem"
    }
  }

  assert {
    condition     = !aws_db_instance.this.multi_az && !aws_db_instance.this.deletion_protection
    error_message = "The switches switch."
  }

  assert {
    condition     = !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "A destroy leaves a last snapshot and the automated backups."
  }

  assert {
    condition     = aws_db_instance.this.kms_key_id != var.kms_key_arn
    error_message = "What stays must not be under the key that goes."
  }

  assert {
    condition     = output.final_snapshot == run.the_log_outlives_a_zone_and_a_mistake.final_snapshot
    error_message = "As long as the instance stays, so does the name."
  }

  assert {
    condition     = endswith(output.url, "?sslmode=verify-full&sslrootcert=/app/rds.pem")
    error_message = "With RDS's certificates at hand the server is verified."
  }
}

run "the_next_instance_leaves_a_snapshot_under_another_name" {
  module {
    source = "./modules/database"
  }

  variables {
    name    = "chatroom-2"
    protect = false
  }

  assert {
    condition     = split("-final-", output.final_snapshot)[1] != split("-final-", run.the_log_outlives_a_zone_and_a_mistake.final_snapshot)[1]
    error_message = "Two instances never leave the same snapshot."
  }
}

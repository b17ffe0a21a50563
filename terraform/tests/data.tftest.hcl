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
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible
    error_message = "It is encrypted, and not on the internet."
  }

  assert {
    condition     = output.url == "postgres://chatroom@chatroom.mock.eu-central-1.rds.amazonaws.com:5432/chatroom?sslmode=require"
    error_message = "DATABASE_URL asks for TLS and holds no password."
  }
}

run "without_protection_it_can_be_torn_down" {
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
    condition     = !aws_db_instance.this.multi_az && !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot
    error_message = "The switches switch."
  }

  assert {
    condition     = endswith(output.url, "?sslmode=verify-full&sslrootcert=/app/rds.pem")
    error_message = "With RDS's certificates at hand the server is verified."
  }
}

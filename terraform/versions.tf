terraform {
  # The lock file in S3 is as young as that.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Filled in by `terraform init -backend-config=backend.hcl`, which comes from bootstrap/.
  backend "s3" {}
}

# Where Terraform keeps what it knows: one bucket, made once with a state of its own. Run it before
# anything else:
#
#   terraform -chdir=bootstrap init
#   terraform -chdir=bootstrap apply -var region=eu-central-1
#   terraform -chdir=bootstrap output -raw backend > backend.hcl
#   terraform init -backend-config=backend.hcl

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "region" {
  description = "Where the state is kept; best where the room is."
  type        = string
}

variable "name" {
  description = "The deployment's name, as in the main configuration."
  type        = string
  default     = "chatroom"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = var.name }
  }
}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_144:Versions are the copies; what the state tells can be read back from the account
  #checkov:skip=CKV_AWS_18:Who read the state is in CloudTrail
  #checkov:skip=CKV2_AWS_62:Nobody waits for a new state
  bucket_prefix = "${var.name}-state-"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 180
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.tls_only.json
}

data "aws_iam_policy_document" "tls_only" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

output "backend" {
  description = "Put this into backend.hcl, beside the main configuration."
  value       = <<-HCL
    bucket       = "${aws_s3_bucket.state.id}"
    key          = "${var.name}.tfstate"
    region       = "${var.region}"
    encrypt      = true
    use_lockfile = true
  HCL
}

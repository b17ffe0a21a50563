# All that must not be lost is on a disk of its own: the database, the certificates, the secrets that
# the machine made for itself. The machine can be made anew around it.

resource "aws_ebs_volume" "data" {
  #checkov:skip=CKV_AWS_189:AWS's own key encrypts it; a key of ours would cost a tenth of the whole
  availability_zone = module.network.zones[0]
  type              = "gp3"
  size              = var.machine.disk_gb
  encrypted         = true
  # Whenever it is destroyed, and whatever protect says, it leaves a snapshot behind.
  final_snapshot = true

  tags = { Name = "${var.name}-data", Backup = var.name }
}

resource "aws_volume_attachment" "data" {
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.this.id
  device_name = "/dev/sdf"
  # A machine that is made anew stops first, or its disk would be torn off under the database.
  stop_instance_before_detaching = true
}

# A snapshot each night. PostgreSQL recovers from one as from a power cut: all of its files are on
# this one disk.
resource "aws_dlm_lifecycle_policy" "nightly" {
  description        = "Nightly snapshots of ${var.name}"
  execution_role_arn = aws_iam_role.snapshots.arn
  state              = "ENABLED"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Backup = var.name }

    schedule {
      name      = "nightly"
      copy_tags = true

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
        times         = ["02:30"]
      }

      retain_rule {
        count = var.machine.snapshots_kept
      }
    }
  }
}

resource "aws_iam_role" "snapshots" {
  name_prefix        = "${var.name}-snapshots-"
  assume_role_policy = data.aws_iam_policy_document.dlm_may_assume.json
}

data "aws_iam_policy_document" "dlm_may_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dlm.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "snapshots" {
  role       = aws_iam_role.snapshots.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"
}

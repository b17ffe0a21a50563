variable "certificate_arn" {
  description = "A certificate of AWS Certificate Manager for domain, if there is no zone_id to make one with."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate in AWS Certificate Manager (arn:aws:acm:…)."
  }

  validation {
    condition     = var.profile != "distributed" || (var.certificate_arn == null) != (var.zone_id == null)
    error_message = "The distributed profile needs a certificate: give either zone_id, to have one made, or certificate_arn."
  }
}

variable "image_tag" {
  description = "The tag of the image in this deployment's own registry, such as v1.2.0. Tags there never move."
  type        = string
  default     = null

  validation {
    condition     = var.profile != "distributed" || var.image_tag != null
    error_message = "The distributed profile runs an image from its registry: set image_tag, such as v1.2.0."
  }

  validation {
    condition     = var.image_tag == null || (can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag)) && var.image_tag != "latest")
    error_message = "image_tag must be a tag of its own for each image, such as v1.2.0 or a commit; \"latest\" could not be rolled back."
  }
}

variable "network" {
  description = "The network: its addresses, over how many availability zones, and the nodes' way out (nat: one, per_az or none)."
  type = object({
    cidr  = optional(string, "10.20.0.0/16")
    zones = optional(number, 2)
    nat   = optional(string, "one")
  })
  default = {}

  validation {
    condition = (
      can(cidrnetmask(var.network.cidr)) &&
      can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.network.cidr)) &&
      can(regex("/(16|17|18|19|20)$", var.network.cidr)) &&
      try(cidrhost(var.network.cidr, 0) == split("/", var.network.cidr)[0], false)
    )
    error_message = "network.cidr must be a private block from /16 to /20 with no bits beyond its mask, such as 10.20.0.0/16."
  }

  validation {
    condition     = contains([2, 3], var.network.zones)
    error_message = "network.zones must be 2 or 3: the load balancer and the database need two, and no region promises four."
  }

  validation {
    condition     = contains(["one", "per_az", "none"], var.network.nat)
    error_message = "network.nat must be \"one\" (cheapest), \"per_az\" (no zone depends on another) or \"none\" (VPC endpoints; nodes cannot reach the internet)."
  }
}

variable "nodes" {
  description = "The nodes: how large each is, how many there are, and how many sockets one should carry before another is added."
  type = object({
    cpu              = optional(number, 512)
    memory           = optional(number, 1024)
    architecture     = optional(string, "X86_64")
    min              = optional(number, 2)
    max              = optional(number, 6)
    sockets_per_node = optional(number, 2000)
  })
  default = {}

  validation {
    condition = contains(
      {
        256  = [512, 1024, 2048]
        512  = [1024, 2048, 3072, 4096]
        1024 = [2048, 3072, 4096, 5120, 6144, 7168, 8192]
        2048 = [4096, 8192, 16384]
      }[contains([256, 512, 1024, 2048], var.nodes.cpu) ? var.nodes.cpu : 256],
      var.nodes.memory
    ) && contains([256, 512, 1024, 2048], var.nodes.cpu)
    error_message = "nodes.cpu and nodes.memory must be a pair that Fargate sells: 256 with 512 to 2048, 512 with 1024 to 4096, 1024 with 2048 to 8192, 2048 with 4096, 8192 or 16384. A node is one process: more than 1024 is of no use."
  }

  validation {
    condition     = contains(["X86_64", "ARM64"], var.nodes.architecture)
    error_message = "nodes.architecture must be \"X86_64\" or \"ARM64\", as the image was built."
  }

  validation {
    condition     = var.nodes.min >= 1 && var.nodes.max >= var.nodes.min && var.nodes.max <= 50
    error_message = "nodes.min must be at least 1, and nodes.max from nodes.min to 50. Two is the least that survives the loss of a zone."
  }

  validation {
    condition     = var.nodes.sockets_per_node >= 100 && var.nodes.sockets_per_node <= 20000
    error_message = "nodes.sockets_per_node must be from 100 to 20000."
  }
}

variable "database" {
  description = "PostgreSQL: size, copies, backups. ssl_root_cert names a file in the image that holds the region's RDS certificates: with it the nodes verify the server."
  type = object({
    class          = optional(string, "db.t4g.small")
    version        = optional(string, "17")
    multi_az       = optional(bool, true)
    storage_gb     = optional(number, 20)
    storage_max_gb = optional(number, 200)
    backup_days    = optional(number, 14)
    ssl_root_cert  = optional(string)
  })
  default = {}

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.(small|medium|[0-9]*x?large)$", var.database.class))
    error_message = "database.class must be an RDS instance class from small up, such as db.t4g.small: a micro has too few connections for two nodes."
  }

  validation {
    condition     = contains(["16", "17"], var.database.version)
    error_message = "database.version must be \"16\" or \"17\": RDS then takes its minor updates by itself."
  }

  validation {
    condition     = var.database.storage_gb >= 20 && var.database.storage_max_gb > var.database.storage_gb && var.database.storage_max_gb <= 65536
    error_message = "database.storage_gb must be at least 20, and storage_max_gb, to which it grows by itself, larger than that."
  }

  validation {
    condition     = var.database.backup_days >= 1 && var.database.backup_days <= 35
    error_message = "database.backup_days must be from 1 to 35: so far back the database can be restored to any second."
  }

  validation {
    condition     = var.database.ssl_root_cert == null || can(regex("^/[A-Za-z0-9._/-]+$", var.database.ssl_root_cert))
    error_message = "database.ssl_root_cert must be the absolute path of a file in the image."
  }
}

variable "cache" {
  description = "Redis (Valkey): size, and whether a replica takes over when a zone is lost. It holds hints only: losing all of it costs latency."
  type = object({
    node_type = optional(string, "cache.t4g.micro")
    replica   = optional(bool, false)
  })
  default = {}

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.(micro|small|medium|[0-9]*x?large)$", var.cache.node_type))
    error_message = "cache.node_type must be an ElastiCache node type, such as cache.t4g.micro."
  }
}

variable "secret_versions" {
  description = "Raise a number by one and apply to rotate that secret. The previous SECRET_KEY stays valid until the next rotation, so that nobody is signed out; raised by two at once, both are new and everyone is."
  type = object({
    secret_key = optional(number, 1)
    database   = optional(number, 1)
    redis      = optional(number, 1)
  })
  default = {}

  validation {
    condition     = alltrue([for number in values(var.secret_versions) : number >= 1 && floor(number) == number])
    error_message = "secret_versions are whole numbers from 1 up, and only ever grow."
  }
}

variable "github_repository" {
  description = "owner/name on GitHub whose tagged builds may push images, without a stored key. Without it, you push them yourself."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be owner/name, without https://github.com/."
  }
}

# Beside each node a second container of the same image, deploy/figures.py, reads the node's /metrics
# once a minute and logs how many sockets it has. CloudWatch makes a metric of each such line: its
# average is sockets per node, its number of samples is nodes that tell.

locals {
  connections = {
    namespace  = "Chatroom"
    metric     = "chatroom_connections"
    dimensions = { Deployment = var.name }
  }

  figures = merge(local.container, {
    name    = "figures"
    command = ["python", "-IS", "deploy/figures.py"]
    # A node does without; and what ends is started again.
    essential     = false
    restartPolicy = { enabled = true }
    portMappings  = []
    secrets       = []
    environment = [
      { name = "METRICS_URL", value = "http://127.0.0.1:${local.metrics_port}/metrics" },
      { name = "DEPLOYMENT", value = var.name },
    ]
    dependsOn = [{ containerName = "web", condition = "START" }]
  })
}

"""What runs inside the lab's nodes, and nowhere else: node_settings.py installs it."""

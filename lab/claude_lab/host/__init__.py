"""What runs on this machine: installing the CLI, running pods, and the score."""

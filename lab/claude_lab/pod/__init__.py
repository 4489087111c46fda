"""What happens inside the throw-away machine of one scenario."""

"""Sessions that run below other programs than a shell: relays, jobs, embedded terminals, ssh."""

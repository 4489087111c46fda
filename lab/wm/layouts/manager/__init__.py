"""The window manager: what it does with windows, and what a switch says of it."""

"""Begin, end and surroundings of the process."""

from . import halts, hosts, leftovers, odd_files, odd_moments, places, processes, restarts, resumed, settings, starts  # noqa: F401

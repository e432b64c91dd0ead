"""How many processors this process may really use: not all of the machine's, in a container or under ``taskset``."""

import os
from contextlib import suppress
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def usable_cores(cgroups: Path = CGROUPS) -> float:
    """Give the processors that affinity and the container's quota leave us; half a one is possible."""
    return min([_by_affinity(), *_quotas(cgroups)])


def _by_affinity() -> float:
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on
        return float(os.process_cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        return float(len(os.sched_getaffinity(0)))
    return float(os.cpu_count() or 1)


def _quotas(cgroups: Path) -> list[float]:
    """Read the quota as a container sees it, at the top: cgroup v2 ("max 100000" is none), else v1 (-1 is none)."""
    with suppress(OSError, ValueError):
        quota, period = (cgroups / "cpu.max").read_text().split()
        return [] if quota == "max" else [int(quota) / int(period)]
    with suppress(OSError, ValueError):
        quota, period = ((cgroups / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return [int(quota) / int(period)] if int(quota) > 0 else []
    return []

"""Mounted file systems: which are windows into the kernel, and hold no files."""

from __future__ import annotations

import os

# Types as proc(5) has them in mountinfo: the first field after the dash.
_KERNEL = frozenset(
    {
        *("autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts"),
        *("devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore"),
        *("rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs"),
    }
)


def kernel_devices() -> frozenset[int]:
    """The device numbers of file systems that are windows into the kernel."""
    devices = set()
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            for line in file:
                before, _, after = line.partition(b" - ")
                if after.split(b" ", 1)[0].decode("ascii", "replace") in _KERNEL:
                    major, _, minor = before.split(b" ")[2].partition(b":")
                    devices.add(os.makedev(int(major), int(minor)))
    except (OSError, ValueError, IndexError, AttributeError):
        pass
    return frozenset(devices)

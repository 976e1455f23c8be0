"""Profiles: what stores should hold, said in YAML, and the plans that make it so.

::

    profile = load("agent.yaml", {"host": "mgmt.example.com"})
    plans = plan_profile(profile)
    for done in apply_profile(plans):
        print(done.plan.wish.name, done.changed)

A profile is loaded whole before anything is read (`load`), every source is read before
anything is planned, and every plan is made before anything is written. Errors name the
file, line and column of the profile.
"""

from .applying import Converged, apply_profile
from .context import Context
from .converge import converge
from .dumping import dump
from .gathering import Gathered, gathered
from .installed import Installation, installations
from .load import load, parse
from .planning import TargetPlan, plan_profile, plan_target
from .settings import Read, settings
from .shipped import shipped, shipped_path
from .values import Profile

__all__ = [
    "Context",
    "Converged",
    "Gathered",
    "Installation",
    "Profile",
    "Read",
    "TargetPlan",
    "apply_profile",
    "converge",
    "dump",
    "gathered",
    "installations",
    "load",
    "parse",
    "plan_profile",
    "plan_target",
    "settings",
    "shipped",
    "shipped_path",
]

"""What would help a plan: for each line that is short, the fixes that were proven by solving again, and whether its reasons hold.

`advise(problem, solution, ...)` draws candidates from the reasons of every gap, screens them by goods and arrivals alone,
solves the changed problem, has the checker judge the answer, and looks for the smallest amount that gives as much. What the
budget does not reach is said to be unproven.
"""

from __future__ import annotations

from optimizer.remedies.advise import advise
from optimizer.remedy import Advice, Effect, Fix, Offer, Proof, ReasonCheck, Remedy, Standing
from optimizer.route.ready import make_ready

__all__ = ["Advice", "Effect", "Fix", "Offer", "Proof", "ReasonCheck", "Remedy", "Standing", "advise", "make_ready"]

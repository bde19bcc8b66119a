"""Plans of every shipped map by several networks, what they are worth, and what an independent judge says.

Run ``make bench-plan``, or ``python tests/benchmarks/bench_plan_table.py --only MAP --telescopes N --strategy S``; it
prints a markdown table, and ends non-zero where a row breaks a limit. The network is the one that is shipped or the
folder in ARMILLARY_SITES, maps lie in ARMILLARY_DATA, ARMILLARY_JUDGE names the judge's script. Rows are kept in a
file as they come, and made again only when the planner, the site files or the judge have changed.
"""

import os
import sys

# The judge and other planners run beside us: one thread each, so that CPU seconds can be compared.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from plan_table.choices import choices
from plan_table.limits import broken
from plan_table.make import make
from plan_table.markdown import markdown

from telescopes.description.errors import ArmillaryError


def main() -> int:
    """Make the table; return the exit status: 1 where a limit is broken, 2 where it cannot be made."""
    try:
        asked = choices()
        rows = make(asked)
    except ArmillaryError as error:
        print(error, file=sys.stderr)
        return 2
    table = markdown(rows)
    print(table)
    if asked.markdown is not None:
        asked.markdown.write_text(table)
    wrong = broken(rows)
    print("\n".join(["Limits that are broken:", *wrong]) if wrong else "No limit is broken.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

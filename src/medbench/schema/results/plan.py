"""The number of cases that a difference takes, which `plan` works out before anything is paid for."""

from __future__ import annotations

from medbench.schema.base import Record


class Reach(Record):
    """The differences that a number of cases can show."""

    cases: int
    """Cases judged for both systems."""
    detects: float | None
    """Smallest paired difference with 80 % power; None where none that the discordance allows has it."""
    power: float
    """Power for the difference that was asked about."""
    half_width: float
    """Half width of the 95 % interval of a rate near the one expected."""
    new_calls: int = 0
    """Calls for the cases that are not run yet, all systems together."""
    usd: float | None = None
    """Dollars for them (and verdicts, if `judging_paid`) at the mean of the runs; None where unknown."""
    hours: float | None = None
    """Hours, four calls at a time; None where no call was timed."""
    all_there_are: bool = False
    """True if the source has no more."""


class StratumReach(Record):
    """The differences that the cases of one stratum alone can show."""

    value: str
    """Such as 'Head'."""
    eligible: int
    """Cases that the source has."""
    proposed: int
    """Cases that the proposed draw takes."""
    detects: float | None
    """Smallest difference that the proposed cases detect with 80 % power; None where they detect none."""


class PowerPlan(Record):
    """The number of cases that a difference takes."""

    based_on: str
    """The origin of rate and discordance, in words."""
    difference: float
    """Difference asked about, a share."""
    discordance: float
    """Share of cases of which exactly one system is good."""
    discordance_range: tuple[float, float] | None
    """Its 95 % interval; None where it is assumed."""
    base_rate: float
    """Share good expected."""
    design_effect: float
    """Number of cases that tell as much as one whose topic no other case shares."""
    eligible: int | None
    """Cases that the source has; None where no benchmark is known."""
    drawn: int | None
    """Cases of the benchmark."""
    needed: int | None
    """Cases for 80 % power; None where it takes more than 20,000."""
    needed_range: tuple[int | None, int | None] | None
    """The same at the ends of the interval of the discordance."""
    reaches: tuple[Reach, ...]
    """The table, by number of cases."""
    strata: tuple[StratumReach, ...]
    """By region, or what else the benchmark was drawn by."""
    per_stratum: int | None
    """Cases of each stratum that make up the number needed, as far as there are enough."""
    smallest_stratum: int | None
    """Cases of the smallest stratum drawn now."""
    judge_agreement: float | None
    """Share of outputs on which two gradings agree about good; None where nothing was graded twice."""
    judge_replicates: int
    """Gradings of each output whose majority is what many would say, for 95 % of outputs."""
    reviewed: int | None
    """Outputs of each system that people must grade to correct its rate to within 10 points."""
    benchmark: str | None = None
    """Name of the benchmark at hand."""
    larger_draw: str | None = None
    """Options of `build medpix` that draw more cases, these among them; None where no such draw is known."""
    systems: tuple[str, ...] = ()
    """The two systems whose runs are at hand."""
    judging_paid: bool = False
    """True if the dollars hold judging too."""
    judge: str | None = None
    """The judge or panel whose cost that is; None where no model graded the runs."""
    judging_source: str = ""
    """Basis of that cost, in words."""

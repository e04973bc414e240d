"""What a scheme of registers states (名录方案): its rule, items, events, classes and numbers.

The module owns the models of the TOML, and finds what the words of a register mean. Whether what
they state fits together is checked in ``checks``. A number that no text gives is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, Title, TitleField

POINTS = "points"
DRAW = "draw"
DAYS = "days"
DEADLINES = "deadlines"
# The roles that items of each rule may have; those of deadlines are any, and their events have one.
ROLES: Mapping[str, tuple[str, ...]] = {
    POINTS: ("member", "deduct", "bonus", "score", "class", "bar", "lower", "count"),
    DRAW: ("class", "duty", "recusal", "draw"),
    DAYS: ("target", "reading"),
    DEADLINES: (),
}
EVENT_ROLES: Mapping[str, tuple[str, ...]] = {
    POINTS: ("repair",),
    DRAW: (),
    DAYS: (),
    DEADLINES: ("set", "extend", "done", "reopen", "note"),
}
Role = Literal[
    "member",
    "deduct",
    "bonus",
    "score",
    "class",
    "bar",
    "lower",
    "count",
    "duty",
    "recusal",
    "draw",
    "target",
    "reading",
]
Evidence = Literal["official", "published", "derived", "expert", "recalled", "placeholder"]


class RegisterPart(Frozen):
    """A class of items (指标类别), of which points are summed on the way."""

    id: str = Field(min_length=1)
    name: TitleField


class RegisterItem(Frozen):
    """What a row of a register may be about.

    Attributes
    ----------
    id, name : str, Title
        A register may have either, in whichever language.
    role : str
        What rows of the item do. ``points``: ``member`` takes part, ``deduct`` and ``bonus`` change
        points, ``score`` states all of them, ``class`` states a class, ``bar`` allows no class
        better than ``class``, ``lower`` takes a class, ``count`` is counted only. ``draw``:
        ``class`` of an enterprise, ``duty`` and ``recusal`` of an inspector, ``draw`` itself.
        ``days``: ``target`` and ``reading``.
    part : str
        A class of items; blank for none.
    points : float or None
        Of each entry, if its row states none. None if no text gives them; a subject with such an
        entry then has no score.
    class_ : str
        The best class that a ``bar`` allows. Blank if no text says it; there is then no class.
    unit : str
        Of targets and readings.
    source, locator, note : str
    grade : str
        How well the item is known.
    """

    id: str = Field(min_length=1)
    name: TitleField
    role: Role
    part: str = ""
    points: float | None = Field(default=None, ge=0)
    class_: str = Field(default="", alias="class")
    unit: str = "1"
    source: str = ""
    locator: str = ""
    grade: Evidence
    note: str = ""


class RegisterEvent(Frozen):
    """An event that a row of a register may state.

    Attributes
    ----------
    id, name : str, Title
        A register may have either, in whichever language.
    role : str
        ``repair`` ends the entries of its subject and item. Of a task: ``set`` and ``extend`` state
        its deadline, ``done`` ends it (sign-off, 销号), ``reopen`` opens it again, ``note`` does
        nothing.
    """

    id: str = Field(min_length=1)
    name: TitleField
    role: Literal["repair", "set", "extend", "done", "reopen", "note"]


class RegisterClass(Frozen):
    """A class of subjects (等级、类别).

    Attributes
    ----------
    id, name : str, Title
    from_ : float or None
        The score from which it is given; None if no text gives it.
    rate : float or None
        Least share that is drawn in each period; None if no text gives it, or none is drawn.
    per : {'quarter', 'year'}
        The period.
    of : tuple of str
        With ``class_from``, the classes of the other scheme that are this one; by default that of
        the same id.
    supervision : Title or None
        What the class means for supervision.
    source, locator : str
    grade : str
        How well the numbers are known.
    """

    id: str = Field(min_length=1)
    name: TitleField
    from_: float | None = Field(default=None, alias="from")
    rate: float | None = Field(default=None, ge=0, le=1)
    per: Literal["quarter", "year"] = "year"
    of: tuple[str, ...] = ()
    supervision: TitleField | None = None
    source: str = ""
    locator: str = ""
    grade: Evidence


class RegisterSpec(SchemeSpec):
    """The TOML of a scheme of registers.

    Attributes
    ----------
    rule : {'points', 'draw', 'days', 'deadlines'}
    subject_kind : {'enterprise', 'office', 'section'}
        What is assessed.
    day : str
        The day of account in every year, ``12-31``.
    base : float or None
        Points without any entry.
    inspectors : int
        How many are drawn for each enterprise.
    share : float or None
        Least share of days on which the target is met; None if no text gives it.
    class_from : str
        Of the rule ``draw``: id of the scheme whose classes of enterprises, on the day of a draw,
        are drawn from; blank if the register states the classes.
    part, item, event, class_ : tuple
        Classes are the best first.
    """

    rule: Literal["points", "draw", "days", "deadlines"]
    subject_kind: Literal["enterprise", "office", "section"]
    day: str = "12-31"
    base: float | None = None
    inspectors: int = Field(default=2, ge=1)
    share: float | None = Field(default=None, ge=0, le=1)
    class_from: str = ""
    part: tuple[RegisterPart, ...] = ()
    item: tuple[RegisterItem, ...] = ()
    event: tuple[RegisterEvent, ...] = ()
    class_: tuple[RegisterClass, ...] = Field(default=(), alias="class")

    def classes_of_source(self) -> dict[str, str]:
        """Return the class by each class of the scheme that ``class_from`` names."""
        classes = {}
        for rated in self.class_:
            for source_class in rated.of or (rated.id,):
                classes[source_class] = rated.id
        return classes


@dataclass(frozen=True, repr=False)
class RegisterScheme(Scheme):
    """A scheme of kind ``register``."""

    spec: RegisterSpec


class Named(Protocol):
    """What has an id and a title: items, events, classes."""

    @property
    def id(self) -> str:
        """Names it in registers and tables."""
        ...

    @property
    def name(self) -> Title:
        """Its title."""
        ...


def words_of(members: Iterable[Named]) -> dict[str, str]:
    """Return the id of each member by the words that a register may have for it.

    Parameters
    ----------
    members : iterable of RegisterItem, RegisterEvent or RegisterClass

    Returns
    -------
    dict of str to str
        Ids by themselves and by both titles.
    """
    words = {}
    for member in members:
        for word in (member.name.en, member.name.zh, member.id):
            if word:
                words[word] = member.id
    return words

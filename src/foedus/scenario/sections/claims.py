"""The sections `claims`, `plausible` and `holdouts`: statements, and who makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from foedus.scenario.diagnostics import Report
from foedus.scenario.formulas import Number
from foedus.scenario.model import Claim, Fact
from foedus.scenario.names import ID, STATISTICS, is_name
from foedus.scenario.nodes import Mapping, Node, Scalar, child, items, pairs, text
from foedus.scenario.problems import ExpressionError
from foedus.scenario.sections.context import before_comma
from foedus.scenario.statement_translation import Reads, read_statement, read_term
from foedus.scenario.statements import (
    Arithmetic,
    Comparison,
    Statement,
    Term,
    about_region,
    figures,
    walk,
)
from foedus.scenario.suggestions import did_you_mean
from foedus.scenario.vocabulary import PRECISION, Vocabulary

MARGIN = 0.05  # where the file gives none
OF_STATEMENTS = ("effect", "unit", "given", "margin", "mechanisms")  # idle without `holds`

T = TypeVar("T")


def read_claims(root: Mapping, words: Vocabulary, report: Report) -> tuple[Claim, ...]:
    """All claims, in the order of the file; rivals name each other."""
    margin = _number(root.get("margin"), MARGIN)
    found = {
        key.text: _claim(key, node, words, margin, report)
        for key, node in pairs(root.get("claims"))
        if ID.fullmatch(key.text) and isinstance(node, Mapping)
    }
    rivals: dict[str, dict[str, None]] = {name: {} for name in found}
    for name, other, place in _rivals(root):
        if other == name or other not in found:
            hint = did_you_mean(other, [known for known in found if known != name], "claims")
            message = f"there is no other claim `{other}`"
            report.error("F304", place.place, message, hint=hint)
        elif name in found:
            rivals[name][other] = rivals[other][name] = None
    return tuple(replace(claim, rivals=tuple(rivals[name])) for name, claim in found.items())


def read_facts(root: Mapping, section: str, words: Vocabulary, report: Report) -> tuple[Fact, ...]:
    """All facts of a section, in the order of the file."""
    found = []
    for key, node in pairs(root.get(section)):
        if section == "holdouts" and child(root.get("plausible"), key.text) is not None:
            message = f"`{key.text}` stands under `plausible` too"
            hint = "a fact that decides which draws count cannot test them"
            report.error("F303", key.place, message, hint=hint)
        holds = _statement(child(node, "holds"), words, "draws", report)
        if is_name(key.text) and holds is not None:
            found.append(
                Fact(
                    name=key.text,
                    label=text(child(node, "label")) or key.text,
                    says=text(child(node, "says")),
                    date=text(child(node, "date")),
                    source=text(child(node, "source")),
                    holds=holds,
                    words=_words(child(node, "holds")),
                )
            )
    return tuple(found)


def check_names(root: Mapping, report: Report) -> None:
    """In a file with statements, no quantity or parameter takes a word that these need."""
    if not any(root.get(section) for section in ("claims", "plausible", "holdouts")):
        return
    for key, _ in pairs(root.get("parameters")):
        if key.text == PRECISION:
            message = f"`{key.text}` cannot be the name of a parameter in a file with claims"
            why = "in a claim it is the precision of the logit response"
            report.error("F302", key.place, message, why=why, hint=f"for example `{key.text}_`")
    for key, _ in pairs(root.get("quantities")):
        if key.text in STATISTICS:
            message = f"`{key.text}` cannot be the name of a quantity in a file with claims"
            why = "it is a statistic of the language of claims"
            report.error("F302", key.place, message, why=why, hint=f"for example `{key.text}_`")


def warn_of_idle(
    root: Mapping, claims: tuple[Claim, ...], facts: tuple[Fact, ...], report: Report
) -> None:
    """Warn of mechanisms and counterfactuals that no claim and no fact uses."""
    read = figures(
        *(c.holds for c in claims if c.holds),
        *(c.effect for c in claims if c.effect),
        *(fact.holds for fact in facts),
    )
    rested = {name for claim in claims for name in claim.mechanisms}
    used = {
        "mechanisms": rested | {figure.without for figure in read},
        "counterfactuals": {figure.under for figure in read},
    }
    for section, code in (("mechanisms", "F804"), ("counterfactuals", "F805")):
        for key, _ in pairs(root.get(section)):
            if key.text not in used[section]:
                message = f"no claim uses the {section[:-1]} `{key.text}`"
                word = "without" if section == "mechanisms" else "under"
                hint = f"name it in a claim, as in `quantity(regime, {word}={key.text})`"
                report.warning(code, key.place, message, hint=hint)


def _claim(key: Scalar, node: Mapping, words: Vocabulary, margin: float, report: Report) -> Claim:
    _check_kind(key, node, report)
    holds = _statement(node.get("holds"), words, "region", report)
    effect = _read(node.get("effect"), lambda said: read_term(said, words), report)
    mechanisms = []
    for item in items(node.get("mechanisms")):
        name = text(item)
        if name in words.mechanisms:
            mechanisms.append(name)
        elif is_name(name):
            hint = did_you_mean(name, words.mechanisms, "mechanisms")
            report.error("F304", item.place, f"there is no mechanism `{name}`", hint=hint)
    return Claim(
        name=key.text,
        label=text(node.get("label")) or key.text,
        by=text(node.get("by")),
        where=text(node.get("where")),
        says=text(node.get("says")),
        concept=text(node.get("concept")),
        source=text(node.get("source")),
        note=text(node.get("note")),
        holds=holds,
        untestable=text(node.get("untestable")),
        effect=_gap(holds) if effect is None and holds is not None else effect,
        unit=text(node.get("unit")),
        given=_statement(node.get("given"), words, "parameters", report),
        margin=_number(node.get("margin"), margin),
        mechanisms=tuple(dict.fromkeys(mechanisms)),
        words=_words(node.get("holds")),
    )


def _check_kind(key: Scalar, node: Mapping, report: Report) -> None:
    """A claim is tested, or says why it cannot be."""
    if "untestable" not in node.entries:
        if "holds" not in node.entries:
            hint = "`holds: x(pact) < x(none)`, or `untestable:` with the reason"
            message = f"the claim `{key.text}` says neither how it is tested nor why it cannot be"
            report.error("F202", key.place, message, hint=hint)
        return
    reason = node.entries["untestable"][1]
    if not text(reason).strip():
        report.error("F202", reason.place, "the reason is missing")
    for field in ("holds", *OF_STATEMENTS):
        if field in node.entries:
            message = f"a claim that is `untestable` cannot have `{field}`"
            report.error("F207", node.entries[field][0].place, message)


def _gap(holds: Statement) -> Term | None:
    """What the first comparison compares: its left side minus its right side."""
    if about_region(holds):
        return None
    comparisons = [part for part in walk(holds) if isinstance(part, Comparison)]
    of_play = [c for c in comparisons if figures(c)] or comparisons
    first = of_play[0]
    if isinstance(first.right, Number) and first.right.value == 0:
        return first.left
    return Arithmetic("subtract", (first.left, first.right))


def _statement(
    node: Node | None, words: Vocabulary, reads: Reads, report: Report
) -> Statement | None:
    return _read(node, lambda said: read_statement(said, words, reads), report)


def _read(node: Node | None, read: Callable[[str], T], report: Report) -> T | None:
    """What a field says, read; None with diagnostics where it cannot be read."""
    if not isinstance(node, Scalar) or node.null or node.truth is not None:
        return None
    try:
        return read(node.text)
    except ExpressionError as error:
        for p in error.problems:
            hint = p.hint or before_comma(node, p.message)
            report.error(p.code, node.part(p.start, p.stop), p.message, hint=hint)
        return None


def _rivals(root: Mapping) -> Iterator[tuple[str, str, Scalar]]:
    """(claim, rival, where the rival is named), as the file has them."""
    for key, node in pairs(root.get("claims")):
        for item in items(child(node, "rivals")):
            if isinstance(item, Scalar) and ID.fullmatch(item.text):
                yield key.text, item.text, item


def _number(node: Node | None, default: float) -> float:
    value = node.number if isinstance(node, Scalar) else None
    return default if value is None else value


def _words(node: Node | None) -> str:
    return " ".join(text(node).split())

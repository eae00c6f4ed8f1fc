"""Claims: what their text says, as trees built by hand, and what is filled in around it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.scenario import Scenario
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.model import Claim
from foedus.scenario.problems import ExpressionError
from foedus.scenario.reader import examine_text
from foedus.scenario.statement_translation import read_statement, read_term
from foedus.scenario.statements import (
    All,
    Arithmetic,
    Comparison,
    Figure,
    Not,
    Relation,
    Some,
    Statement,
    Statistic,
    Term,
)
from foedus.scenario.vocabulary import Vocabulary

TEXT = (Path(__file__).parent / "claims.yaml").read_text(encoding="utf-8")
WORDS = Vocabulary(
    parameters=frozenset({"sigma", "q", "precision"}),
    quantities={"war": "", "raise": "", "shift": "none"},
    regimes=("none", "pact", "with"),
    mechanisms=("premium",),
    counterfactuals=("puppet",),
    others={"held": "a definition"},
)
ALONE = Vocabulary(
    parameters=frozenset({"q"}),
    quantities={"war": "", "q": ""},
    regimes=("base",),
    mechanisms=(),
    counterfactuals=(),
    others={},
)
PACT, NONE = Figure(quantity="war", regime="pact"), Figure(quantity="war", regime="none")
SIGMA = ParameterValue("sigma")


def says(text: str, words: Vocabulary = WORDS) -> str:
    """The statement in full; parameters and numbers are equal if they look equal."""
    return repr(read_statement(text, words))


def number(value: float) -> Number:
    return Number(float(value))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("war(pact) < war(none)", Comparison(PACT, "<", NONE)),
        ("war(pact) == 0.5", Comparison(PACT, "==", number(0.5))),
        ("0.1 != war(pact)", Comparison(number(0.1), "!=", PACT)),
        ("war(pact) >= 2/3", Comparison(PACT, ">=", number(2 / 3))),
        ("sigma > precision", Comparison(SIGMA, ">", ParameterValue("precision"))),
        (
            "war(none, without=premium) > 0.5",
            Comparison(Figure(quantity="war", regime="none", without="premium"), ">", number(0.5)),
        ),
        (
            "war(pact, under=puppet, without=premium) <= 1",
            Comparison(
                Figure(quantity="war", regime="pact", without="premium", under="puppet"),
                "<=",
                number(1),
            ),
        ),
        ("raise(with) > 0", Comparison(Figure(quantity="raise", regime="with"), ">", number(0))),
        (
            "shift(none, under=puppet) > 0",
            Comparison(Figure(quantity="shift", regime="none", under="puppet"), ">", number(0)),
        ),
        (
            "0 < war(pact) < sigma",
            All((Comparison(number(0), "<", PACT), Comparison(PACT, "<", SIGMA))),
        ),
        (
            "not (war(pact) > 0 and sigma < 1 or war(none) > 1)",
            Not(
                Some(
                    (
                        All(
                            (
                                Comparison(PACT, ">", number(0)),
                                Comparison(SIGMA, "<", number(1)),
                            )
                        ),
                        Comparison(NONE, ">", number(1)),
                    )
                )
            ),
        ),
        (
            "-abs(war(pact) - war(none)) ** 2 > +max(sigma, 0.1, 0.2)",
            Comparison(
                Arithmetic(
                    "negate",
                    (
                        Arithmetic(
                            "power",
                            (
                                Arithmetic("abs", (Arithmetic("subtract", (PACT, NONE)),)),
                                number(2),
                            ),
                        ),
                    ),
                ),
                ">",
                Arithmetic("max", (SIGMA, number(0.1), number(0.2))),
            ),
        ),
        (
            "clip(war(pact), 0, sigma) > 0.5",
            Comparison(
                Arithmetic("min", (Arithmetic("max", (PACT, number(0))), SIGMA)),
                ">",
                number(0.5),
            ),
        ),
        (
            "share(war(pact) > 0.5, given=sigma > 0.5 and war(none) < 1) > 0.9",
            Comparison(
                Statistic(
                    name="share",
                    of=Comparison(PACT, ">", number(0.5)),
                    given=All(
                        (Comparison(SIGMA, ">", number(0.5)), Comparison(NONE, "<", number(1)))
                    ),
                ),
                ">",
                number(0.9),
            ),
        ),
        (
            "mean(war(pact)) - median(war(none)) > quantile(sigma, 0.9)",
            Comparison(
                Arithmetic(
                    "subtract",
                    (Statistic(name="mean", of=PACT), Statistic(name="median", of=NONE)),
                ),
                ">",
                Statistic(name="quantile", of=SIGMA, by=number(0.9)),
            ),
        ),
        (
            "correlation(sigma, war(pact) - war(none)) < 0",
            Comparison(
                Statistic(name="correlation", of=SIGMA, by=Arithmetic("subtract", (PACT, NONE))),
                "<",
                number(0),
            ),
        ),
    ],
)
def test_a_text_says_what_the_tree_says(text: str, meant: Statement) -> None:
    assert says(text) == repr(meant)


def test_in_a_file_with_one_regime_a_quantity_needs_no_brackets() -> None:
    meant = repr(Comparison(Figure(quantity="war", regime="base"), ">", number(0.5)))
    assert says("war > 0.5", ALONE) == says("war() > 0.5", ALONE) == says("war(base) > 0.5", ALONE)
    assert says("war > 0.5", ALONE) == meant


def test_a_parameter_and_a_quantity_of_one_name_are_told_apart_by_brackets() -> None:
    with pytest.raises(ExpressionError, match="a parameter and a quantity"):
        says("q > 0.5", ALONE)
    assert "Figure" in says("q(base) > 0.5", ALONE)


def terms() -> st.SearchStrategy[tuple[str, Term]]:
    """Terms with the text that means them; none is a number only, which would be worked out."""
    leaves: st.SearchStrategy[tuple[str, Term]] = st.sampled_from(
        [
            ("sigma", SIGMA),
            ("war(pact)", PACT),
            (
                "war(none, without=premium)",
                Figure(quantity="war", regime="none", without="premium"),
            ),
        ]
    )
    numbers = st.integers(2, 9).map(lambda n: (f"{n}", Number(float(n))))
    signs = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}

    def wider(inner: st.SearchStrategy[tuple[str, Term]]) -> st.SearchStrategy[tuple[str, Term]]:
        two = st.tuples(st.sampled_from(sorted(signs)), inner, inner | numbers).map(
            lambda p: (f"({p[1][0]} {p[0]} {p[2][0]})", Arithmetic(signs[p[0]], (p[1][1], p[2][1])))
        )
        one = st.tuples(st.sampled_from(["exp", "sqrt", "logistic"]), inner).map(
            lambda p: (f"{p[0]}({p[1][0]})", Arithmetic(p[0], (p[1][1],)))
        )
        return two | one

    return st.recursive(leaves, wider, max_leaves=6)


def statements() -> st.SearchStrategy[tuple[str, Statement]]:
    """Statements with the text that means them."""
    compared = st.tuples(terms(), st.sampled_from(get_args(Relation)), st.integers(2, 9)).map(
        lambda p: (f"{p[0][0]} {p[1]} {p[2]}", Comparison(p[0][1], p[1], Number(float(p[2]))))
    )

    def wider(
        inner: st.SearchStrategy[tuple[str, Statement]],
    ) -> st.SearchStrategy[tuple[str, Statement]]:
        joined = st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3))
        return joined.map(
            lambda p: (
                f" {p[0]} ".join(f"({text})" for text, _ in p[1]),
                (All if p[0] == "and" else Some)(tuple(said for _, said in p[1])),
            )
        ) | inner.map(lambda p: (f"not ({p[0]})", Not(p[1])))

    return st.recursive(compared, wider, max_leaves=5)


@given(statements())
def test_reading_undoes_writing(pair: tuple[str, Statement]) -> None:
    text, meant = pair
    assert says(text) == repr(meant)


@given(terms())
def test_reading_undoes_writing_of_terms(pair: tuple[str, Term]) -> None:
    text, meant = pair
    assert repr(read_term(text, WORDS)) == repr(meant)


@pytest.mark.parametrize(
    ("text", "marked", "said"),
    [
        ("war(pact) < warr(none)", "warr", "did you mean `war`"),
        ("war(pact)", "war(pact)", "a statement compares numbers"),
        ("war(pact) + (sigma > 1) > 2", "sigma > 1", "true or false"),
        ("war(pact) and sigma > 1", "war(pact)", "a statement compares numbers"),
        ("mean(mean(sigma)) > 0", "mean(sigma)", "inside another statistic"),
        ("share(sigma) > 0", "sigma", "a statement compares numbers"),
        ("mean(sigma > 1) > 0", "sigma > 1", "true or false"),
        ("mean(sigma, given=war(pact)) > 0", "war(pact)", "a statement compares numbers"),
        ("war(pact, given=sigma > 1) > 0", "sigma > 1", "`given` is of a statistic"),
        ("mean(sigma, without=premium) > 0", "mean(sigma, without=premium)", "not written like"),
        ("quantile(sigma, sigma) > 0", "sigma", "from 0 to 1"),
        ("war(2) > 0", "2", "name of a regime"),
        ("war(pact, without=war(pact)) > 0", "war(pact)", "name of a mechanism"),
        ("war.x > 0", ".", "not part of the expression language"),
        ("(war(pact), 1) > 0", "(war(pact), 1)", "not part of the language of claims"),
        ("sigma if sigma > 1 else 2", "sigma if sigma > 1 else 2", "not part of the language"),
        ("exp(sigma, 2) > 0", "exp(sigma, 2)", "takes one argument"),
        ("max(sigma) > 0", "max(sigma)", "two arguments or more"),
        ("sum(sigma) > 0", "sum", "no quantity or function"),
        ("log(0 - 1) < sigma", "log(0 - 1)", "no value here"),
        ("held(pact) > 0", "held", "is a definition"),
        ("1e400 > sigma", "1e400", "too large"),
        ("given=sigma > 1", "given=sigma", "not an expression"),
    ],
)
def test_what_is_wrong_is_marked(text: str, marked: str, said: str) -> None:
    with pytest.raises(ExpressionError) as problem:
        says(text)
    first = problem.value.problems[0]
    assert said in f"{first.message} {first.hint}"
    assert text[first.start : first.stop] == marked


def scenario(*changes: tuple[str, str]) -> Scenario:
    text = TEXT
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    found, diagnostics = examine_text(text)
    assert found is not None, diagnostics
    return found


def claim(name: str, *changes: tuple[str, str]) -> Claim:
    return next(c for c in scenario(*changes).claims if c.name == name)


def test_a_sound_file_has_no_diagnostics() -> None:
    _, diagnostics = examine_text(TEXT)
    assert not diagnostics


def test_a_claim_as_written() -> None:
    found = claim("3b")
    assert (found.label, found.by, found.where) == (
        "The pact prevents war",
        "The author",
        "paragraph 3",
    )
    assert found.words == "war(pact) < war(none)"
    assert repr(found.effect) == repr(Arithmetic("subtract", (PACT, NONE)))
    assert repr(found.given) == repr(Comparison(ParameterValue("q"), ">", number(1 / 3)))
    assert (found.margin, found.mechanisms, found.rivals) == (0.02, ("war_risk",), ("4",))


def test_what_a_claim_leaves_out() -> None:
    found = claim("4")
    assert (found.label, found.margin, found.effect) == ("4", 0.01, None)
    assert found.rivals == ("3b",)  # the rival named it
    assert claim("6", ("margin: 0.02\n", "")).margin == 0.05


def test_an_untestable_claim_has_a_reason_and_no_statement() -> None:
    found = claim("5")
    assert (found.holds, found.effect, found.untestable) == (
        None,
        None,
        "there is no third player",
    )


@pytest.mark.parametrize(
    ("holds", "effect"),
    [
        ("war(pact) > 0", PACT),
        ("not war(pact) < war(none)", Arithmetic("subtract", (PACT, NONE))),
        ("q > 0.1 and war(pact) < 0.5", Arithmetic("subtract", (PACT, number(0.5)))),
        ("0.1 < war(pact) < war(none)", Arithmetic("subtract", (number(0.1), PACT))),
        ("q > 0", ParameterValue("q")),
        ("mean(war(pact)) > 0", None),
    ],
)
def test_the_effect_is_what_the_first_comparison_of_quantities_compares(
    holds: str, effect: Term | None
) -> None:
    changes = (
        ("    effect: war(pact) - war(none)\n", ""),
        ("holds: war(pact) < war(none)", f"holds: {holds}"),
    )
    assert repr(claim("3b", *changes).effect) == repr(effect)


def test_facts() -> None:
    (calm,), (later,) = scenario().plausible, scenario().holdouts
    assert (calm.name, calm.label, calm.date) == ("calm", "calm", "2024-06-13")
    assert repr(calm.holds) == repr(Comparison(NONE, "<=", number(0.9)))
    assert (later.label, later.words) == ("War came", "war(pact) > 0")


def test_mechanisms_and_counterfactuals_are_introduced() -> None:
    found = scenario()
    assert [(m.name, m.label) for m in found.mechanisms] == [
        ("war_risk", "Risk of war"),
        ("land", "land"),
    ]
    assert [c.name for c in found.counterfactuals] == ["B_as_A", "bold"]


def test_the_digest_tells_claims_apart_and_not_their_order() -> None:
    said = (
        "  5: {by: The author, says: Others are drawn in., untestable: there is no third player}\n"
    )
    moved = scenario((said, ""), ("claims:\n", "claims:\n" + said))
    assert moved.digest == scenario().digest
    assert scenario(("war(none) <= 0.9", "war(none) <= 0.8")).digest != scenario().digest


def test_a_file_without_claims_may_call_a_quantity_share() -> None:
    rules = TEXT[: TEXT.index("plausible:")].replace("  attack: {rate", "  share: {rate")
    found, _ = examine_text(rules)
    assert found is not None

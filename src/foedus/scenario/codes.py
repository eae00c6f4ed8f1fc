"""The table of diagnostic codes: what each one says about a scenario file, in one line.

F1 the file and its YAML, F2 fields and their kinds, F3 names and declarations,
F4 expressions, F5 moves and transitions, F6 starts, windows, quantities and
claims, F7 regimes and variants, F8 things that are allowed but look unintended, F9 what
the rules mean (from `foedus.scenario.rules`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from foedus.scenario.rules import CODES as OF_RULES

CODES: Mapping[str, str] = MappingProxyType(
    {
        "F101": "The file cannot be opened.",
        "F102": "The file is larger than 1 MB.",
        "F103": "The file is not UTF-8 text.",
        "F104": "The file holds a control character.",
        "F105": "The file is empty.",
        "F106": "The file is not well-formed YAML.",
        "F107": "Anchors and aliases are not part of the scenario language.",
        "F108": "Tags are not part of the scenario language.",
        "F109": "The file holds more than one document.",
        "F110": "A key stands twice in one mapping.",
        "F111": "A key is not plain text.",
        "F112": "The file is nested more than 30 levels deep.",
        "F113": "The file holds more than 100,000 values.",
        "F114": "Merge keys (<<) are not part of the scenario language.",
        "F115": "No shipped scenario has this name.",
        "F201": "A mapping has a field that it cannot have.",
        "F202": "A required field is missing.",
        "F203": "A value is of the wrong kind.",
        "F204": "A value is not one of those allowed.",
        "F205": "A list has the wrong number of items.",
        "F206": "A number lies outside what makes sense for it.",
        "F207": "Two fields exclude each other, or one needs the other.",
        "F301": "A name is not written as names are.",
        "F302": "A name is a word of the expression language.",
        "F303": "A name is declared twice.",
        "F304": "There is no player, level, regime, mechanism, claim, ... of this name.",
        "F305": "The range of a parameter is reversed or empty.",
        "F306": "A logarithmic range must lie above zero.",
        "F307": "The value of a parameter lies outside its range.",
        "F308": "Definitions go round in a circle.",
        "F401": "An expression cannot be parsed.",
        "F402": "An expression is too long or too deeply nested.",
        "F403": "An expression uses something the language does not have.",
        "F404": "An expression uses a name that is not known.",
        "F405": "An expression reads something that is not known at that point.",
        "F406": "A named level is used as a number, or compared by size.",
        "F407": "A comparison names a level that the variable does not have.",
        "F408": "A constant expression has no finite value.",
        "F409": "`level` of a move whose actions stand at different positions.",
        "F410": "A function is called with the wrong arguments.",
        "F501": "Two moves of one name belong to different players.",
        "F502": "A chance move stands between a hidden move and a player who does not see it.",
        "F503": "The probabilities of a chance move, or of what is played, do not add up to one.",
        "F504": "A transition rule says too little or too much about where the factor goes.",
        "F505": "An ending is written as an ordinary level too.",
        "F506": "The priors of a player's types do not add up to one.",
        "F601": "A start leaves out a factor.",
        "F602": "The probabilities of a start do not add up to one.",
        "F603": "A start begins at an ending.",
        "F604": "A window does not fit the horizon.",
        "F605": "A quantity names a payoff part that the player does not have.",
        "F606": "A discount or a terminal value does not fit the horizon.",
        "F607": "A quantity sets the level of a factor whose levels it runs over.",
        "F611": "A quantity in a claim does not say in which regime.",
        "F612": "A number stands where something is said, or the other way round.",
        "F613": "A comparison in a claim comes out the same whatever the parameters are.",
        "F614": "A statistic of all draws stands where each draw has its own answer.",
        "F615": "A quantity stands where only parameters may be read.",
        "F616": "A mechanism switches off something that is not there, or in a wrong way.",
        "F617": "A counterfactual changes no move.",
        "F618": "A counterfactual would need a player to know more, or less, than it does.",
        "F701": "`order` does not list the moves exactly.",
        "F702": "An edit removes something that is not there.",
        "F703": "An edit of `moves` by name does not fit the moves.",
        "F801": "A parameter has neither `why` nor `source`.",
        "F802": "A parameter is not used.",
        "F803": "A definition is not used.",
        "F804": "No claim uses a mechanism.",
        "F805": "No claim uses a counterfactual.",
        **dict(sorted(OF_RULES.items())),
    }
)

"""Game trees and tables of strategies as exact data, and the files they are kept in."""

from foedus.game.trees.faults import Fault as Fault
from foedus.game.trees.grow import Growth as Growth
from foedus.game.trees.reading import examine_game as examine_game
from foedus.game.trees.reading import parse_game as parse_game
from foedus.game.trees.reading import read_game as read_game
from foedus.game.trees.strategic import StrategicGame as StrategicGame
from foedus.game.trees.tree import ExtensiveGame as ExtensiveGame
from foedus.game.trees.tree import InformationSet as InformationSet
from foedus.game.trees.tree import Node as Node
from foedus.game.trees.tree import Outcome as Outcome
from foedus.game.trees.writing import game_text as game_text
from foedus.game.trees.writing import write_game as write_game

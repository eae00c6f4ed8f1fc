"""Observed play to parameters: payoffs estimated on any game that the language can write."""

from foedus.estimation.calibration import calibrate as calibrate
from foedus.estimation.dynamic_game import DynamicGame as DynamicGame
from foedus.estimation.dynamic_model import DynamicModel as DynamicModel
from foedus.estimation.dynamic_scenario import scenario_model as scenario_model
from foedus.estimation.estimate import estimate as estimate
from foedus.estimation.fit import Fit as Fit
from foedus.estimation.model import TreeModel as TreeModel
from foedus.estimation.model import classic_model as classic_model
from foedus.estimation.signalling_model import SignallingModel as SignallingModel
from foedus.estimation.specification import read_model as read_model
from foedus.estimation.tree import read_tree as read_tree
from foedus.estimation.ultimatum import UltimatumModel as UltimatumModel

"""Game trees with imperfect information: logit play, its path, Nash and sequential equilibria."""

from foedus.equilibrium.trees.evidence import TreeCertificate as TreeCertificate
from foedus.equilibrium.trees.evidence import certify_tree as certify_tree
from foedus.equilibrium.trees.path import TreePath as TreePath
from foedus.equilibrium.trees.rationality import Rationality as Rationality
from foedus.equilibrium.trees.rationality import judge as judge
from foedus.equilibrium.trees.result import TreeEquilibrium as TreeEquilibrium
from foedus.equilibrium.trees.search import TreeEquilibria as TreeEquilibria

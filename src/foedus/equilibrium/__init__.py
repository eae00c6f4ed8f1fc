"""From a game to a profile of strategies, never without a certificate."""

from foedus.equilibrium.certificate import Certificate as Certificate
from foedus.equilibrium.certificate import certify as certify
from foedus.equilibrium.logit import Logit as Logit
from foedus.equilibrium.result import Equilibrium as Equilibrium
from foedus.equilibrium.solve import solve as solve
from foedus.equilibrium.solve import solve_together as solve_together
from foedus.equilibrium.tables import solve_tables as solve_tables

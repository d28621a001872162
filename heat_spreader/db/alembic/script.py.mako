# SPDX-License-Identifier: Apache-2.0
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


# MySQL and MariaDB take nothing back of a migration that is cut short, so
# the next run must get over it: let it be one statement, or skip what is there.
def upgrade():
    ${upgrades if upgrades else "pass"}

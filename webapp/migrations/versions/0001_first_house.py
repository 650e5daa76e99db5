"""first house

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attempt',
    sa.Column('door_hash', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('open_again_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('door_hash', name=op.f('pk_attempt'))
    )
    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('venue', sa.String(length=200), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('delete_on', sa.Date(), nullable=False),
    sa.Column('preset', sa.String(length=10), nullable=False),
    sa.Column('working_languages', sa.JSON(), nullable=False),
    sa.Column('host_language', sa.String(length=12), nullable=True),
    sa.CheckConstraint("preset IN ('open', 'discreet')", name=op.f('ck_event_preset')),
    sa.CheckConstraint('id = 1', name=op.f('ck_event_one_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_table('interest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('heading', sa.String(length=120), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest')),
    sa.UniqueConstraint('slug', name=op.f('uq_interest_slug'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('name', name=op.f('uq_organisation_name'))
    )
    op.create_table('region',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_region')),
    sa.UniqueConstraint('slug', name=op.f('uq_region_slug'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("role IN ('facilitator', 'organiser')", name=op.f('ck_staff_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('name', name=op.f('uq_staff_name')),
    sa.UniqueConstraint('public_id', name=op.f('uq_staff_public_id'))
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('latin', sa.String(length=80), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('seated', sa.Boolean(), nullable=False),
    sa.Column('first_time', sa.Boolean(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=True),
    sa.Column('typed', sa.JSON(), nullable=False),
    sa.CheckConstraint("role IN ('member', 'donor', 'stakeholder', 'guest')", name=op.f('ck_person_role')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_person_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('number', name=op.f('uq_person_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_person_public_id'))
    )
    op.create_table('region_country',
    sa.Column('region_id', sa.Integer(), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_region_country_region_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('region_id', 'country', name=op.f('pk_region_country'))
    )
    op.create_table('session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('summary', sa.String(length=1000), nullable=False),
    sa.Column('format', sa.String(length=10), nullable=False),
    sa.Column('room', sa.String(length=120), nullable=False),
    sa.Column('starts', sa.DateTime(), nullable=False),
    sa.Column('ends', sa.DateTime(), nullable=False),
    sa.Column('audience', sa.String(length=10), nullable=False),
    sa.Column('audience_region_id', sa.Integer(), nullable=True),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('round_minutes', sa.Integer(), nullable=False),
    sa.Column('change_minutes', sa.Integer(), nullable=False),
    sa.Column('same_organisation', sa.String(length=10), nullable=False),
    sa.Column('shared_language', sa.Boolean(), nullable=False),
    sa.Column('regions', sa.String(length=10), nullable=False),
    sa.Column('most_meetings', sa.Integer(), nullable=True),
    sa.CheckConstraint("(audience = 'region') = (audience_region_id IS NOT NULL)", name=op.f('ck_session_audience_region')),
    sa.CheckConstraint("audience IN ('everybody', 'members', 'region')", name=op.f('ck_session_audience')),
    sa.CheckConstraint("format = 'plain' OR rounds > 0", name=op.f('ck_session_timed')),
    sa.CheckConstraint("format IN ('plain', 'pairs', 'clinics', 'stations', 'circles')", name=op.f('ck_session_format')),
    sa.CheckConstraint("regions IN ('mix', 'same', 'any')", name=op.f('ck_session_regions')),
    sa.CheckConstraint("same_organisation IN ('apart', 'allow')", name=op.f('ck_session_same_organisation')),
    sa.CheckConstraint('ends > starts', name=op.f('ck_session_ends_after_start')),
    sa.CheckConstraint('rounds BETWEEN 0 AND 100', name=op.f('ck_session_rounds')),
    sa.ForeignKeyConstraint(['audience_region_id'], ['region.id'], name=op.f('fk_session_audience_region_id')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_session_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session')),
    sa.UniqueConstraint('slug', name=op.f('uq_session_slug'))
    )
    op.create_table('absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('starts', sa.DateTime(), nullable=False),
    sa.Column('ends', sa.DateTime(), nullable=False),
    sa.CheckConstraint('ends > starts', name=op.f('ck_absence_ends_after_start')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_absence_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_person_id'), ['person_id'], unique=False)

    op.create_table('access_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('finder', sa.String(length=4), nullable=False),
    sa.Column('secret_hash', sa.String(length=200), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_access_code_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_code')),
    sa.UniqueConstraint('person_id', name=op.f('uq_access_code_person_id'))
    )
    with op.batch_alter_table('access_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_code_finder'), ['finder'], unique=False)

    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('fraction', sa.Double(), nullable=False),
    sa.Column('doing', sa.String(length=60), nullable=False),
    sa.Column('sentence', sa.String(length=1000), nullable=False),
    sa.Column('process', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'stopped')", name=op.f('ck_job_state')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_job_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('public_id', name=op.f('uq_job_public_id'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('uq_job_under_way', ['kind', 'session_id'], unique=True, sqlite_where=sa.text("state IN ('waiting', 'running')"))

    op.create_table('keep_apart',
    sa.Column('one_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('one_id < other_id', name=op.f('ck_keep_apart_ordered')),
    sa.ForeignKeyConstraint(['one_id'], ['person.id'], name=op.f('fk_keep_apart_one_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['person.id'], name=op.f('fk_keep_apart_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('one_id', 'other_id', name=op.f('pk_keep_apart'))
    )
    op.create_table('link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('(person_id IS NULL) <> (staff_id IS NULL)', name=op.f('ck_link_one_holder')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_link_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_link_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_link_token_hash'))
    )
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.create_index('ix_link_person_id', ['person_id'], unique=False)

    op.create_table('met_before',
    sa.Column('one_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('one_id < other_id', name=op.f('ck_met_before_ordered')),
    sa.ForeignKeyConstraint(['one_id'], ['person.id'], name=op.f('fk_met_before_one_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['person.id'], name=op.f('fk_met_before_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('one_id', 'other_id', name=op.f('pk_met_before'))
    )
    op.create_table('person_interest',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(length=6), nullable=False),
    sa.CheckConstraint("side IN ('offers', 'seeks')", name=op.f('ck_person_interest_side')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_person_interest_interest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_interest_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'interest_id', 'side', name=op.f('pk_person_interest'))
    )
    op.create_table('person_language',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_language_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'code', name=op.f('pk_person_language'))
    )
    op.create_table('person_region',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('region_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_region_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_person_region_region_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'region_id', name=op.f('pk_person_region'))
    )
    op.create_table('plan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('quality', sa.JSON(), nullable=False),
    sa.CheckConstraint("(state = 'draft') = (version IS NULL)", name=op.f('ck_plan_version')),
    sa.CheckConstraint("state IN ('draft', 'published', 'replaced')", name=op.f('ck_plan_state')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_plan_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan')),
    sa.UniqueConstraint('public_id', name=op.f('uq_plan_public_id')),
    sa.UniqueConstraint('session_id', 'version', name=op.f('uq_plan_session_id_version'))
    )
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.create_index('uq_plan_draft', ['session_id'], unique=True, sqlite_where=sa.text("state = 'draft'"))
        batch_op.create_index('uq_plan_published', ['session_id'], unique=True, sqlite_where=sa.text("state = 'published'"))

    op.create_table('sign_in',
    sa.Column('id_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint('(person_id IS NULL) <> (staff_id IS NULL)', name=op.f('ck_sign_in_one_holder')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_sign_in_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id_hash', name=op.f('pk_sign_in'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_staff_id'), ['staff_id'], unique=False)

    op.create_table('venue_table',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('zone', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_venue_table_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_venue_table')),
    sa.UniqueConstraint('session_id', 'name', name=op.f('uq_venue_table_session_id_name')),
    sa.UniqueConstraint('session_id', 'position', name=op.f('uq_venue_table_session_id_position'))
    )
    op.create_table('wish',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('wished_person_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=20), nullable=True),
    sa.Column('region_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(wished_person_id IS NOT NULL) + (organisation_id IS NOT NULL) + (role IS NOT NULL) + (region_id IS NOT NULL) = 1', name=op.f('ck_wish_one_kind')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_wish_organisation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_wish_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_wish_region_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['wished_person_id'], ['person.id'], name=op.f('fk_wish_wished_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish'))
    )
    with op.batch_alter_table('wish', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wish_person_id'), ['person_id'], unique=False)

    op.create_table('meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('table_name', sa.String(length=20), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('benefit', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=True),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.CheckConstraint('round_no >= 1', name=op.f('ck_meeting_round')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_meeting_plan_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting')),
    sa.UniqueConstraint('id', 'plan_id', 'round_no', name=op.f('uq_meeting_id_plan_id_round_no')),
    sa.UniqueConstraint('plan_id', 'round_no', 'table_name', name=op.f('uq_meeting_plan_id_round_no_table_name'))
    )
    op.create_table('rest',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_rest_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_rest_plan_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('plan_id', 'round_no', 'person_id', name=op.f('pk_rest'))
    )
    op.create_table('seat',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id', 'plan_id', 'round_no'], ['meeting.id', 'meeting.plan_id', 'meeting.round_no'], name=op.f('fk_seat_meeting_id_plan_id_round_no'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_seat_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('plan_id', 'round_no', 'person_id', name=op.f('pk_seat')),
    sa.UniqueConstraint('meeting_id', 'place', name=op.f('uq_seat_meeting_id_place'))
    )
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.create_index('ix_seat_person_id', ['person_id'], unique=False)

    for table in ("meeting", "seat", "rest"):
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD")):
            op.execute(
                f"CREATE TRIGGER {table}_{verb.lower()}_only_in_draft BEFORE {verb} ON {table} "
                f"WHEN (SELECT state FROM plan WHERE id = {row}.plan_id) <> 'draft' "
                "BEGIN SELECT RAISE(ABORT, 'a published version is never edited'); END"
            )


def downgrade() -> None:
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.drop_index('ix_seat_person_id')

    op.drop_table('seat')
    op.drop_table('rest')
    op.drop_table('meeting')
    with op.batch_alter_table('wish', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_wish_person_id'))

    op.drop_table('wish')
    op.drop_table('venue_table')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_staff_id'))
        batch_op.drop_index(batch_op.f('ix_sign_in_person_id'))

    op.drop_table('sign_in')
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_index('uq_plan_published', sqlite_where=sa.text("state = 'published'"))
        batch_op.drop_index('uq_plan_draft', sqlite_where=sa.text("state = 'draft'"))

    op.drop_table('plan')
    op.drop_table('person_region')
    op.drop_table('person_language')
    op.drop_table('person_interest')
    op.drop_table('met_before')
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.drop_index('ix_link_person_id')

    op.drop_table('link')
    op.drop_table('keep_apart')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('uq_job_under_way', sqlite_where=sa.text("state IN ('waiting', 'running')"))

    op.drop_table('job')
    with op.batch_alter_table('access_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_access_code_finder'))

    op.drop_table('access_code')
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_absence_person_id'))

    op.drop_table('absence')
    op.drop_table('session')
    op.drop_table('region_country')
    op.drop_table('person')
    op.drop_table('staff')
    op.drop_table('region')
    op.drop_table('organisation')
    op.drop_table('interest')
    op.drop_table('event')
    op.drop_table('attempt')

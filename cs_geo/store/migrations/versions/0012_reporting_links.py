"""Reporting links of premises, which hand in without an account; and turns, by which anybody's pace is kept.

A link's code is kept as a hash alone. Whoever opens it acts as ``link:`` and its identifier: that may add a submission
in its own name while the link stands, and reads nothing, not even what it added. A link is ended and never deleted.

Turns say how often somebody did something of late, in one place for every server process of a site. They are no record:
the table is unlogged, so that a turn costs no wait for the disk, and is empty after a crash.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LINKS = """
CREATE TABLE cs_geo.reporting_links (
    link_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code_hash bytea NOT NULL UNIQUE,
    premises text NOT NULL CHECK (premises <> ''),
    location text NOT NULL DEFAULT '',
    open_until timestamptz,
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

-- What a code opens: the one link whose hash it has, while that stands. Whoever has none learns nothing of any.
CREATE FUNCTION cs_geo.find_link(given bytea) RETURNS TABLE (link_id uuid, premises text, location text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.link_id, l.premises, l.location FROM cs_geo.reporting_links l
    WHERE l.code_hash = given AND l.ended_at IS NULL AND (l.open_until IS NULL OR l.open_until > now())
$$;

CREATE FUNCTION cs_geo.acts_as_link() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.reporting_links l
        WHERE 'link:' || l.link_id = cs_geo.acting_person() AND l.ended_at IS NULL
            AND (l.open_until IS NULL OR l.open_until > now()))
$$;
"""

TURNS = """
CREATE UNLOGGED TABLE cs_geo.turns (
    turn_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    what text NOT NULL,
    taken_by text NOT NULL,
    of_thing text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (what, taken_by, of_thing)
);
CREATE INDEX turns_taken ON cs_geo.turns (taken_at);

-- Take a turn, or learn in how many seconds there is one. The same thing twice within the time is one turn. A refusal
-- takes none, so that asking again does not put the next turn off.
CREATE FUNCTION cs_geo.take_turn(asked text, who text, thing text, most integer, within interval)
RETURNS double precision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    oldest timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('cs_geo.turns ' || asked || ' ' || who, 0));
    IF EXISTS (SELECT 1 FROM cs_geo.turns t WHERE t.what = asked AND t.taken_by = who AND t.of_thing = thing
            AND t.taken_at > clock_timestamp() - within) THEN
        RETURN 0;
    END IF;
    SELECT t.taken_at INTO oldest FROM cs_geo.turns t
    WHERE t.what = asked AND t.taken_by = who AND t.taken_at > clock_timestamp() - within
    ORDER BY t.taken_at DESC OFFSET most - 1 LIMIT 1;
    IF FOUND THEN
        RETURN greatest(1, ceil(extract(epoch FROM oldest + within - clock_timestamp())));
    END IF;
    DELETE FROM cs_geo.turns t
    WHERE t.what = asked AND t.taken_by = who AND t.taken_at <= clock_timestamp() - within;
    INSERT INTO cs_geo.turns (what, taken_by, of_thing) VALUES (asked, who, thing);
    -- Now and then, those of people who have not come again.
    IF random() < 0.01 THEN
        DELETE FROM cs_geo.turns t WHERE t.taken_at < clock_timestamp() - interval '1 day';
    END IF;
    RETURN 0;
END $$;
"""

# A link to a file is for whoever asked for it: another who holds it gets nothing by it and does not use it up.
TICKETS = """
CREATE OR REPLACE FUNCTION cs_geo.redeem_ticket(given bytea)
RETURNS TABLE (person text, file_name text, media_type text, path text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE cs_geo.download_tickets t SET used_at = now()
    WHERE t.ticket = given AND t.person = cs_geo.acting_person() AND t.used_at IS NULL AND t.expires_at > now()
    RETURNING t.person, t.file_name, t.media_type, t.path
$$;

CREATE FUNCTION cs_geo.is_ticket_of_another(given bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.download_tickets t
        WHERE t.ticket = given AND t.person IS DISTINCT FROM cs_geo.acting_person() AND t.used_at IS NULL
            AND t.expires_at > now())
$$;
"""

MANAGES = "(SELECT cs_geo.acts_as('coordinator', 'administrator'))"

POLICIES = f"""
REVOKE ALL ON cs_geo.reporting_links, cs_geo.turns FROM cs_geo_app, PUBLIC;
-- Not the hash: nobody asks by it but the function above.
GRANT SELECT (link_id, premises, location, open_until, added_at, added_by, ended_at, ended_by)
    ON cs_geo.reporting_links TO cs_geo_app;
GRANT INSERT (link_id, code_hash, premises, location, open_until, added_by) ON cs_geo.reporting_links TO cs_geo_app;
GRANT UPDATE (ended_at, ended_by) ON cs_geo.reporting_links TO cs_geo_app;
ALTER TABLE cs_geo.reporting_links ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_links ON cs_geo.reporting_links FOR SELECT TO cs_geo_app USING ({MANAGES});
CREATE POLICY add_link ON cs_geo.reporting_links FOR INSERT TO cs_geo_app
    WITH CHECK ({MANAGES} AND added_by = cs_geo.acting_person());
CREATE POLICY end_link ON cs_geo.reporting_links FOR UPDATE TO cs_geo_app
    USING ({MANAGES} AND ended_at IS NULL) WITH CHECK ({MANAGES} AND ended_by = cs_geo.acting_person());

CREATE POLICY hand_in_by_link ON cs_geo.submissions FOR INSERT TO cs_geo_app
    WITH CHECK (person = cs_geo.acting_person() AND (SELECT cs_geo.acts_as_link()));

ALTER TABLE cs_geo.turns ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE EXECUTE ON FUNCTION cs_geo.find_link(bytea), cs_geo.acts_as_link(), cs_geo.is_ticket_of_another(bytea),
    cs_geo.take_turn(text, text, text, integer, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.find_link(bytea), cs_geo.acts_as_link(), cs_geo.is_ticket_of_another(bytea),
    cs_geo.take_turn(text, text, text, integer, interval) TO cs_geo_app;
"""


def upgrade() -> None:
    """Make links, turns and their policies, and bind tickets to whoever asked for them."""
    for part in (LINKS, TURNS, TICKETS, POLICIES):
        op.get_bind().exec_driver_sql(part)  # a colon here is a colon, and no parameter


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")

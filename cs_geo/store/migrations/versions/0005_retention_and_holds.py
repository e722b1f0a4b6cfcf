"""What is kept how long: marks of what a rule has removed, legal holds, and the one way to blank a version.

Versions are append-only for the app. The function here runs as the owner, for a data steward only; it blanks the
columns that its own short list names, in records older than asked for and under no hold, and marks each row with what
was removed. It can do nothing else to a version.

A point that was replaced by the centre of its cell may lie outside a protected location that the report lies in. Of
such a point the whole cell is looked at, so that nothing protected comes to be drawn.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RECORDS = ("reports", "report_versions", "effort_sessions", "effort_session_versions")

HOLDS = """
CREATE TABLE cs_geo.legal_holds (
    hold_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    report_id uuid,
    place_id uuid REFERENCES cs_geo.places,
    import_id uuid REFERENCES cs_geo.imports,
    reason text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK (num_nonnulls(report_id, place_id, import_id) = 1),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX legal_holds_place ON cs_geo.legal_holds (place_id);
CREATE INDEX legal_holds_import ON cs_geo.legal_holds (import_id);

ALTER TABLE cs_geo.legal_holds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY steward ON cs_geo.legal_holds FOR ALL TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('data_steward'))) WITH CHECK ((SELECT cs_geo.acts_as('data_steward')));
-- Holds are ended and never deleted.
GRANT SELECT, INSERT, UPDATE ON cs_geo.legal_holds TO cs_geo_app;

-- Imports under a hold: rejected rows expire at every import, whoever makes it.
CREATE FUNCTION cs_geo.held_imports() RETURNS TABLE (import_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT h.import_id FROM cs_geo.legal_holds h WHERE h.ended_at IS NULL AND h.import_id IS NOT NULL
$$;

-- Reports and effort sessions under a hold: named, or ever brought by a held import, or ever at a held place.
CREATE FUNCTION cs_geo.held_records() RETURNS TABLE (record_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH holds AS (SELECT h.* FROM cs_geo.legal_holds h WHERE h.ended_at IS NULL),
    states AS (
        SELECT r.report_id AS record_id, r.import_id, NULL::uuid AS changed_by, r.place_id, r.geom FROM cs_geo.reports r
        UNION ALL
        SELECT v.report_id, v.import_id, v.changed_by_import, v.place_id, v.geom FROM cs_geo.report_versions v
        UNION ALL
        SELECT s.session_id, s.import_id, NULL, s.place_id, s.geom FROM cs_geo.effort_sessions s
        UNION ALL
        SELECT v.session_id, v.import_id, v.changed_by_import, v.place_id, v.geom FROM cs_geo.effort_session_versions v)
    SELECT h.report_id FROM holds h WHERE h.report_id IS NOT NULL
    UNION
    SELECT s.record_id FROM states s JOIN holds h ON h.import_id IN (s.import_id, s.changed_by)
    UNION
    SELECT s.record_id FROM states s JOIN holds h ON h.place_id = s.place_id
    UNION
    SELECT s.record_id FROM holds h JOIN cs_geo.place_boundaries b ON b.place_id = h.place_id
    JOIN states s ON s.geom && b.geom AND ST_Covers(b.geom, s.geom)
$$;
"""

PROTECTED = """
CREATE FUNCTION cs_geo.lies_protected(shape public.geometry, precision_of text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.protected_locations p
        WHERE ST_Intersects(p.geom, CASE WHEN precision_of = 'cell' THEN ST_Expand(shape, 25) ELSE shape END))
$$;

CREATE OR REPLACE FUNCTION cs_geo.note_protected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.in_protected := NEW.geom IS NOT NULL AND EXISTS (
        SELECT 1 FROM cs_geo.protected_locations p WHERE ST_Intersects(p.geom,
            CASE WHEN NEW.match_precision = 'cell' THEN ST_Expand(NEW.geom, 25) ELSE NEW.geom END));
    RETURN NEW;
END $$;
"""

# 36 m: from the centre of a cell of 50 m to its corner, rounded up.
RETAIN = """
CREATE FUNCTION cs_geo.apply_retention(what text, moment text, older_than interval)
RETURNS TABLE (records bigint, versions bigint, held bigint, months date[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    target record;
    changes text;
    holds_something text;
    is_old text;
    kept uuid[];
    changed bigint;
    spared bigint;
    changed_months date[];
BEGIN
    IF NOT cs_geo.acts_as('data_steward') THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only a data steward may apply a rule of retention.';
    END IF;
    IF older_than < interval '1 day' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'A rule of retention needs a time of a day or more.';
    END IF;
    -- One run at a time.
    PERFORM pg_advisory_xact_lock(hashtextextended('cs_geo retention', 0));
    kept := ARRAY(SELECT h.record_id FROM cs_geo.held_records() h);
    records := 0; versions := 0; held := 0; months := '{}';
    FOR target IN SELECT * FROM (VALUES
        ('reports', 'report_id', 'last_day', true, false), ('report_versions', 'report_id', 'last_day', true, true),
        ('effort_sessions', 'session_id', 'first_day', false, false),
        ('effort_session_versions', 'session_id', 'first_day', false, true)
    ) AS t (name, key, day, is_report, is_version)
    LOOP
        CASE what
        WHEN 'location_text' THEN
            changes := $q$location_text = '', place_named = '', coordinates_given = '', match_alternatives = NULL$q$;
            holds_something := $q$(t.location_text <> '' OR t.place_named <> '' OR t.coordinates_given <> ''
                OR t.match_alternatives IS NOT NULL)$q$;
        WHEN 'texts' THEN
            IF target.is_report THEN
                changes := $q$note = '', what_helped = '', outcome = ''$q$;
                holds_something := $q$(t.note <> '' OR t.what_helped <> '' OR t.outcome <> '')$q$;
            ELSE
                changes := $q$note = '', route = ''$q$;
                holds_something := $q$(t.note <> '' OR t.route <> '')$q$;
            END IF;
        WHEN 'exact_geometry' THEN
            changes := $q$postcode = '', coordinates_given = '', match_name = '', match_alternatives = NULL,
                geom = CASE WHEN t.match_precision IN ('area', 'none', 'cell') THEN t.geom ELSE ST_SetSRID(ST_MakePoint(
                    floor(ST_X(t.geom) / 50) * 50 + 25, floor(ST_Y(t.geom) / 50) * 50 + 25), ST_SRID(t.geom)) END,
                match_radius_m = CASE WHEN t.match_precision IN ('area', 'none', 'cell') THEN t.match_radius_m
                    ELSE coalesce(t.match_radius_m, 0) + 36 END,
                match_precision = CASE WHEN t.match_precision IN ('area', 'none', 'cell') THEN t.match_precision
                    ELSE 'cell' END$q$;
            holds_something := $q$(t.geom IS NOT NULL AND t.match_precision NOT IN ('area', 'none', 'cell')
                OR t.postcode <> '' OR t.coordinates_given <> '' OR t.match_name <> ''
                OR t.match_alternatives IS NOT NULL)$q$;
        ELSE
            RAISE invalid_parameter_value USING MESSAGE = 'A rule of retention names something that cannot be removed.';
        END CASE;
        CASE moment
        WHEN 'imported' THEN
            is_old := 'coalesce((SELECT i.started_at FROM cs_geo.imports i WHERE i.import_id = t.import_id),'
                ' t.recorded_at) < now() - $1';
        WHEN 'recorded' THEN
            is_old := 't.recorded_at < now() - $1';
        WHEN 'happened' THEN
            is_old := format('t.%I < now() - $1', target.day);
        ELSE
            RAISE invalid_parameter_value USING MESSAGE = 'A rule of retention counts from a moment that is not known.';
        END CASE;
        is_old := is_old || ' AND ' || holds_something;
        -- Published data is anybody's to read, on points that were made anonymous.
        IF target.is_report THEN
            is_old := is_old || ' AND NOT t.published';
        END IF;
        IF NOT target.is_version AND cardinality(kept) > 0 THEN
            EXECUTE format('SELECT count(*) FROM cs_geo.%I t WHERE %s AND t.%I = ANY ($2)',
                target.name, is_old, target.key) INTO spared USING older_than, kept;
            held := held + spared;
        END IF;
        EXECUTE format('WITH done AS (
                UPDATE cs_geo.%I t SET %s, removed = array_append(array_remove(t.removed, $3), $3)
                WHERE %s AND t.%I <> ALL ($2)
                RETURNING date_trunc(''month'', t.first_day)::date AS month)
            SELECT count(*), coalesce(array_agg(DISTINCT month), ''{}'') FROM done',
            target.name, changes, is_old, target.key) INTO changed, changed_months USING older_than, kept, what;
        IF target.is_version THEN
            versions := versions + changed;
        ELSE
            records := records + changed;
        END IF;
        IF target.name = 'reports' THEN
            months := changed_months;
        END IF;
    END LOOP;
    RETURN NEXT;
END $$;
"""

RIGHTS = """
REVOKE EXECUTE ON FUNCTION cs_geo.held_imports(), cs_geo.held_records(),
    cs_geo.lies_protected(public.geometry, text), cs_geo.apply_retention(text, text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.held_imports(), cs_geo.lies_protected(public.geometry, text),
    cs_geo.apply_retention(text, text, interval) TO cs_geo_app;
"""

MEMBERS = """
-- Runs of the hotspot search in which a held record takes part, for a data steward.
CREATE FUNCTION cs_geo.held_runs() RETURNS TABLE (run_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT h.run_id FROM cs_geo.hotspots h JOIN cs_geo.hotspot_members m USING (hotspot_id)
    WHERE m.report_id IN (SELECT r.record_id FROM cs_geo.held_records() r)
$$;
REVOKE EXECUTE ON FUNCTION cs_geo.held_runs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.held_runs() TO cs_geo_app;
"""


def upgrade() -> None:
    """Make holds, and let a data steward apply rules of retention."""
    connection = op.get_bind()
    for table in RECORDS:
        connection.exec_driver_sql(f"ALTER TABLE cs_geo.{table} ADD COLUMN removed text[] NOT NULL DEFAULT '{{}}'")
    for part in (HOLDS, PROTECTED, RETAIN, RIGHTS, MEMBERS):
        connection.exec_driver_sql(part.replace("%", "%%"))


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")

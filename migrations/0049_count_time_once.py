"""Count each instant of a member once, keep who is through with a lecture, and let a lecture ask for its own share."""

from datetime import datetime

from peewee import Database, DateTimeField, ForeignKeyField, Model, TextField
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Lecture(Frozen):
    pass


class WatchTime(Frozen):
    member = ForeignKeyField(Member, unique=True, lazy_load=False, on_delete="CASCADE")
    spent = TextField(default="[]")


class LectureDone(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    lecture = ForeignKeyField(Lecture, lazy_load=False, on_delete="CASCADE")
    done_at = DateTimeField()

    class Meta:
        indexes = ((("member", "lecture"), True),)


TABLES = [WatchTime, LectureDone]


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE lecture ADD COLUMN done_percent INTEGER NOT NULL DEFAULT 90")
    migrate(migrator.add_column("watch_progress", "opened_at", DateTimeField(default=datetime(2026, 1, 1))))
    db.execute_sql("UPDATE watch_progress SET opened_at = heard_at")
    with db.bind_ctx([Member, Lecture, *TABLES]):
        db.create_tables(TABLES, safe=False)
    db.execute_sql(
        "INSERT INTO lecture_done (member_id, lecture_id, done_at)"
        " SELECT seen.member_id, seen.lecture_id, seen.at FROM"
        " (SELECT watch_progress.member_id, recording.lecture_id, SUM(watch_progress.seconds) AS seconds,"
        " MAX(watch_progress.heard_at) AS at FROM watch_progress"
        " JOIN recording ON recording.id = watch_progress.recording_id"
        " GROUP BY watch_progress.member_id, recording.lecture_id) AS seen"
        " JOIN (SELECT lecture_id, SUM(duration_ms) AS length FROM recording GROUP BY lecture_id) AS whole"
        " ON whole.lecture_id = seen.lecture_id"
        " WHERE whole.length > 0 AND seen.seconds * 1000 >= whole.length * 0.9"
    )


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
    migrate(migrator.drop_column("watch_progress", "opened_at"), migrator.drop_column("lecture", "done_percent"))

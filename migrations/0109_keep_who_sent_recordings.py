"""Keep who sent each recording: it counts in their share of the store, also where the lecture is somebody else's.

Until now a recording counted for who uploaded the lecture, so those are who sent it as far as is known.
"""

from peewee import Database, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Lecture(Frozen):
    uploader_id = IntegerField(null=True)


class Recording(Frozen):
    lecture_id = IntegerField()
    sent_by_id = IntegerField(null=True)


def up(migrator: SchemaMigrator, db: Database) -> None:
    sender = ForeignKeyField(Member, field=Member.id, null=True, backref="+", on_delete="SET NULL")
    with db.bind_ctx([Member, Lecture, Recording]):
        migrate(migrator.add_column("recording", "sent_by_id", sender))
        uploader = Lecture.select(Lecture.uploader_id).where(Lecture.id == Recording.lecture_id)
        Recording.update(sent_by_id=uploader).execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("recording", "sent_by_id"))

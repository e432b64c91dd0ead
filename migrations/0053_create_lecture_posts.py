"""Create the table of questions under lectures and their answers."""

from peewee import Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Lecture(Frozen):
    pass


class Recording(Frozen):
    pass


class Post(Frozen):
    lecture = ForeignKeyField(Lecture, lazy_load=False, on_delete="CASCADE")
    question = ForeignKeyField("self", null=True, lazy_load=False, on_delete="CASCADE")
    recording = ForeignKeyField(Recording, null=True, lazy_load=False, on_delete="SET NULL")
    at_s = IntegerField(null=True)
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    text = TextField()
    created_at = DateTimeField()
    edited_at = DateTimeField(null=True)
    answered_at = DateTimeField(null=True)
    deleted_at = DateTimeField(null=True)
    hidden_at = DateTimeField(null=True)

    class Meta:
        table_name = "lecture_post"
        indexes = ((("lecture", "created_at"), False),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Lecture, Recording, Post]):
        db.create_tables([Post], safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Post]):
        db.drop_tables([Post])

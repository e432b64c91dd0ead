"""Give a recording several transcripts, each in a language, with lines that can be edited; and chapters."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Recording(Frozen):
    pass


class Transcript(Frozen):
    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    language = CharField(max_length=35)
    source = CharField(max_length=12, default="uploaded")
    version = IntegerField(default=1)
    file_key = CharField(max_length=64, default="")
    file_name = CharField(max_length=200, default="")
    encoding = CharField(max_length=20, default="")
    mended = TextField(default="[]")
    checked_at = DateTimeField(null=True)
    checked_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        indexes = ((("recording", "language"), True),)


class Cue(Frozen):
    transcript = ForeignKeyField(Transcript, lazy_load=False, on_delete="CASCADE")
    start_ms = IntegerField()
    end_ms = IntegerField()
    text = TextField()
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("transcript", "start_ms"), False),)


class TranscriptChange(Frozen):
    transcript = ForeignKeyField(Transcript, lazy_load=False, on_delete="CASCADE")
    version = IntegerField()
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    made_at = DateTimeField()
    how = CharField(max_length=12)
    before = TextField(default="[]")
    after = TextField(default="[]")

    class Meta:
        indexes = ((("transcript", "version"), False),)


class Chapter(Frozen):
    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    start_ms = IntegerField()
    title = CharField(max_length=120)

    class Meta:
        indexes = ((("recording", "start_ms"), True),)


class OldCue(Frozen):
    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    start_ms = IntegerField()
    end_ms = IntegerField()
    text = TextField()

    class Meta:
        table_name = "cue"
        indexes = ((("recording", "number"), True),)


NEW = [Transcript, Cue, TranscriptChange, Chapter]


def up(migrator: SchemaMigrator, db: Database) -> None:
    # The lines are put aside and back: their table gets another shape under the same name.
    db.execute_sql("CREATE TABLE old_cue AS SELECT recording_id, number, start_ms, end_ms, text FROM cue")
    db.execute_sql("DROP TABLE cue")
    with db.bind_ctx([Member, Recording, *NEW]):
        db.create_tables(NEW, safe=False)
    db.execute_sql(
        "INSERT INTO transcript (recording_id, language, source, version, file_key, file_name, encoding, mended,"
        " created_at, updated_at) SELECT id, 'zh', 'uploaded', 1, '', '', '', '[]', created_at, created_at"
        " FROM recording WHERE id IN (SELECT recording_id FROM old_cue)"
    )
    db.execute_sql(
        "INSERT INTO cue (transcript_id, start_ms, end_ms, text, version)"
        " SELECT transcript.id, old_cue.start_ms, old_cue.end_ms, old_cue.text, 1 FROM old_cue"
        " JOIN transcript ON transcript.recording_id = old_cue.recording_id"
        " ORDER BY transcript.id, old_cue.number"
    )
    db.execute_sql("DROP TABLE old_cue")


def down(migrator: SchemaMigrator, db: Database) -> None:
    rows = db.execute_sql(
        "SELECT transcript.recording_id, cue.start_ms, cue.end_ms, cue.text FROM cue"
        " JOIN transcript ON transcript.id = cue.transcript_id"
        " WHERE transcript.id IN (SELECT MIN(id) FROM transcript GROUP BY recording_id)"
        " ORDER BY transcript.recording_id, cue.start_ms, cue.id"
    ).fetchall()
    with db.bind_ctx(NEW):
        db.drop_tables(NEW)
    numbers: dict[int, int] = {}
    with db.bind_ctx([Recording, OldCue]):
        db.create_tables([OldCue], safe=False)
        for recording, start, end, text in rows:
            numbers[recording] = numbers.get(recording, 0) + 1
            OldCue.insert(
                recording=recording, number=numbers[recording], start_ms=start, end_ms=end, text=text
            ).execute()

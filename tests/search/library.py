"""A small organisation with one thing of each kind, all about the same word."""

from lms.config import Settings
from lms.events import SearchableChanged, publish
from lms.lectures.models import Cue, Lecture, Recording, Transcript
from lms.materials.models import Material, MaterialPage
from lms.members.models import Member
from lms.notes.models import Note
from lms.search import drain
from tests.factories import Make


class Library:
    """What there is to find, and an index of it."""

    def __init__(self, make: Make, settings: Settings) -> None:
        self.path = settings.index_path
        self.root = make.unit("青禾街道")
        self.here = make.unit("桂花社区", self.root)
        self.there = make.unit("松涛社区", self.root)
        self.reader = make.member(self.here, name="王淑兰")
        self.stranger = make.member(self.there, name="赵雨桐")
        self.book = make.book("乡土中国", authors="费孝通", summary="讲差序格局的书。", clc="C91", year=1948)
        self.material = Material.create(
            title="社会学入门", media_type="text/plain", file_key="0" * 64, file_name="x.txt", file_size=1,
            state="ready", category="culture", unit=self.here, audience="unit", uploader=None, page_count=2,
        )  # fmt: skip
        MaterialPage.create(material=self.material, number=1, heading="", text="第一页没有那个词。")
        MaterialPage.create(material=self.material, number=2, heading="差与序", text="差序格局说的是人与人的远近。")
        self.lecture = Lecture.create(title="读费孝通", speaker="陈志远", unit=self.root, audience="everyone")
        recording = Recording.create(
            lecture=self.lecture, media_type="audio/mpeg", file_key="1" * 64, file_name="x.mp3", file_size=1,
            duration_ms=120_000, state="ready",
        )  # fmt: skip
        transcript = Transcript.create(recording=recording, language="zh")
        Cue.create(transcript=transcript, start_ms=0, end_ms=30_000, text="大家好，今天读一本书。")
        Cue.create(transcript=transcript, start_ms=75_000, end_ms=80_000, text="这就是差序格局。")
        Cue.create(transcript=transcript, start_ms=80_000, end_ms=85_000, text="像水波纹一圈圈推出去。")
        self.note = self.write(self.reader, "me", "我懂了差序格局")
        self.drain(("book", self.book.id), ("material", self.material.id), ("lecture", self.lecture.id))

    def write(self, member: Member, audience: str, title: str) -> Note:
        note: Note = Note.create(
            member=member, unit=self.here, title=title, body="像水波纹。", chars=5, audience=audience
        )
        publish(SearchableChanged("note", note.id))
        return note

    def drain(self, *changed: tuple[str, int]) -> None:
        for kind, ref in changed:
            publish(SearchableChanged(kind, ref))
        drain.ensure_index(self.path)
        while drain.drain_once(self.path):
            pass

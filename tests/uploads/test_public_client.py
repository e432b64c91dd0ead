"""A public tus client against the real server, which is killed half-way."""

import shutil
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from lms import runtime
from lms.config import load_settings
from lms.db import database
from lms.members.passwords import make_hash
from lms.storage import files
from lms.uploads.models import Upload
from tests.factories import Make
from tests.operating.test_serve import Service, served
from tests.operating.test_whole_service import PASSWORD, kill_family
from tests.uploads.sending import sound

__all__ = ["served"]
# The client leaves its files and lines for Python to close, which says so.
LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.sqlite_only, pytest.mark.long, LEFT_OPEN]

PIECE = 256 * 1024


def client_of(served: Service) -> TusClient:
    """Sign in by the API and give a client with that session."""
    address = f"http://127.0.0.1:{served.port}/api/v1"
    with requests.Session() as session:
        answer = session.post(f"{address}/session", json={"login": "陈志远", "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    return TusClient(f"{address}/uploads", headers={"Cookie": cookies, "X-CSRFToken": answer.json()["csrf_token"]})


def test_a_public_client_goes_on_after_kill_9_and_the_file_is_whole(
    served: Service, migrated: Path, tmp_path: Path
) -> None:
    served.environment |= {"LMS_WEB_WORKERS": "2", "LMS_WEB_STARTS_WORKER": "0", "LMS_PASSWORD_MEMORY_KIB": "64"}
    served.data.mkdir()
    shutil.copyfile(migrated, served.data / "lms.sqlite3")
    runtime.start(load_settings(served.environment))
    database.connect(reuse_if_open=True)
    Make().member(role="lecturer", name="陈志远", password_hash=make_hash(PASSWORD))
    content = sound(10_000)
    file = tmp_path / "讲座.mp3"
    file.write_bytes(content)
    process = served.start()

    told = {"purpose": "recording", "filename": file.name}
    first: Uploader = client_of(served).uploader(str(file), chunk_size=PIECE, metadata=told, upload_checksum=True)
    for _ in range(3):
        first.upload_chunk()
    kill_family(process)

    process = served.start()
    second: Uploader = client_of(served).uploader(str(file), url=first.url, chunk_size=PIECE)
    assert second.offset == 3 * PIECE
    second.upload()
    row = Upload.get()
    assert (row.state, row.name) == ("ready", "讲座.mp3")
    assert files().path(row.file_key).read_bytes() == content
    database.close()

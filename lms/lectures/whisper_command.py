"""A recogniser of speech for ``LMS_RECOGNISER``, by faster-whisper with a model that lies on this machine.

    python -m lms.lectures.whisper_command MODEL_FOLDER AUDIO [--language zh] [--device cpu] [--compute-type int8]

faster-whisper is no part of this service: whoever wants it installs it beside. Nothing is fetched from anywhere. The
transcript is written to standard output as JSON, how far it is to standard error.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any, TextIO

TOKENIZER = "tokenizer.json"
NO_PACKAGE = "faster-whisper is not installed: pip install faster-whisper"


def main(arguments: list[str] | None = None, out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Make a transcript, and give the exit code: 0 when it is whole, 2 with a sentence on standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="folder with the model")
    parser.add_argument("audio", type=Path)
    parser.add_argument("--language", default="", help="found out when left out")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compute-type", default="int8")
    asked = parser.parse_args(arguments)
    if not asked.model.is_dir():
        print(f"there is no model in {asked.model}", file=err)
        return 2
    if not (asked.model / TOKENIZER).is_file():
        # Without it the package would fetch one from elsewhere, whatever it is told about local files.
        print(f"the model in {asked.model} lacks its {TOKENIZER}: copy it there as well", file=err)
        return 2
    try:
        package = importlib.import_module("faster_whisper")
    except ImportError:
        print(NO_PACKAGE, file=err)
        return 2
    model = package.WhisperModel(
        str(asked.model), device=asked.device, compute_type=asked.compute_type, local_files_only=True
    )
    language = asked.language.partition("-")[0] or None
    segments, info = model.transcribe(str(asked.audio), language=language, vad_filter=True)
    json.dump({"language": asked.language or info.language, "segments": _told(segments, info, err)}, out)
    return 0


def _told(segments: Any, info: Any, err: TextIO) -> list[dict[str, Any]]:
    """Walk through the segments, which are made while they are asked for, and say how far they are."""
    rows = []
    for segment in segments:
        rows.append({"start": segment.start, "end": segment.end, "text": segment.text.strip()})
        if info.duration:
            print(f"{min(100, segment.end * 100 / info.duration):.0f}%", file=err, flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())

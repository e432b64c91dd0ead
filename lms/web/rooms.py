"""The rooms of the house that have pages or an API."""

from apiflask import APIFlask

from lms.activities.api import api as activities_api
from lms.activities.pages import pages as activities_pages
from lms.board.api import api as board_api
from lms.board.pages import pages as board_pages
from lms.catalogue.api import api as catalogue_api
from lms.catalogue.attachment_api import api as book_files_api
from lms.catalogue.attachment_pages import pages as book_files_pages
from lms.catalogue.browse_pages import pages as book_browsing_pages
from lms.catalogue.import_api import api as book_tables_api
from lms.catalogue.import_pages import pages as book_tables_pages
from lms.catalogue.pages import pages as catalogue_pages
from lms.categories.api import api as categories_api
from lms.categories.pages import pages as categories_pages
from lms.courses.api import api as courses_api
from lms.courses.keep_pages import pages as course_keeping_pages
from lms.courses.pages import pages as courses_pages
from lms.desk.api import api as desk_api
from lms.guides.api import api as guides_api
from lms.guides.pages import pages as guides_pages
from lms.lectures.api import api as lectures_api
from lms.lectures.pages import pages as lectures_pages
from lms.lectures.recording_api import api as recordings_api
from lms.lectures.recording_pages import pages as recordings_pages
from lms.lectures.transcript_api import api as transcripts_api
from lms.lectures.transcript_pages import pages as transcripts_pages
from lms.lists.api import api as lists_api
from lms.lists.pages import pages as lists_pages
from lms.materials.api import api as materials_api
from lms.materials.care_api import api as material_care_api
from lms.materials.care_pages import pages as material_care_pages
from lms.materials.pages import pages as materials_pages
from lms.materials.reading_pages import pages as material_reading_pages
from lms.materials.upload_pages import pages as material_upload_pages
from lms.members.api import api as members_api
from lms.members.lecturer_api import api as lecturers_api
from lms.members.lecturer_pages import pages as lecturer_pages
from lms.members.pages import pages as members_pages
from lms.members.people_pages import pages as people_pages
from lms.members.unit_pages import pages as unit_pages
from lms.notes.api import api as notes_api
from lms.notes.file_pages import pages as note_file_pages
from lms.notes.history_pages import pages as note_history_pages
from lms.notes.pages import pages as notes_pages
from lms.notes.review_api import api as note_review_api
from lms.notes.review_pages import pages as note_review_pages
from lms.notes.talk_pages import pages as note_talk_pages
from lms.notices.api import api as notices_api
from lms.notices.pages import pages as notices_pages
from lms.operating.api import api as operating_api
from lms.operating.pages import pages as operating_pages
from lms.progress.api import api as progress_api
from lms.progress.archive_api import api as progress_archive_api
from lms.progress.care_api import api as progress_care_api
from lms.progress.pages import pages as progress_pages
from lms.questions.api import api as questions_api
from lms.questions.pages import pages as questions_pages
from lms.reading.api import api as reading_api
from lms.reading.pages import pages as reading_pages
from lms.reading.plan_api import api as plans_api
from lms.reading.shelf_import_api import api as shelf_import_api
from lms.reading.shelf_import_pages import pages as shelf_import_pages
from lms.reminders.api import api as reminders_api
from lms.reminders.pages import pages as reminders_pages
from lms.roster.api import api as roster_api
from lms.roster.pages import pages as roster_pages
from lms.search.api import api as search_api
from lms.search.pages import pages as search_pages
from lms.search.suggestion_api import api as search_help_api
from lms.search.suggestion_pages import pages as search_help_pages
from lms.studio.api import api as studio_api
from lms.studio.pages import pages as studio_pages
from lms.uploads.api import api as uploads_api
from lms.uploads.pages import pages as uploads_pages
from lms.uploads.share_api import api as share_api
from lms.uploads.share_pages import pages as share_pages
from lms.web.apidocs import pages as apidocs_pages
from lms.web.preferences import pages as web_pages

BLUEPRINTS = (
    web_pages,
    apidocs_pages,
    activities_pages,
    activities_api,
    catalogue_pages,
    book_browsing_pages,
    book_files_pages,
    book_files_api,
    book_tables_pages,
    book_tables_api,
    catalogue_api,
    categories_pages,
    categories_api,
    lectures_pages,
    lectures_api,
    recordings_pages,
    recordings_api,
    courses_pages,
    course_keeping_pages,
    courses_api,
    transcripts_pages,
    questions_pages,
    questions_api,
    studio_pages,
    studio_api,
    transcripts_api,
    lists_pages,
    lists_api,
    materials_pages,
    material_upload_pages,
    material_care_pages,
    material_reading_pages,
    materials_api,
    material_care_api,
    members_pages,
    members_api,
    people_pages,
    lecturer_pages,
    lecturers_api,
    unit_pages,
    notes_pages,
    note_history_pages,
    note_review_pages,
    note_talk_pages,
    note_file_pages,
    notes_api,
    note_review_api,
    notices_pages,
    notices_api,
    operating_pages,
    operating_api,
    board_pages,
    board_api,
    desk_api,
    guides_pages,
    guides_api,
    progress_pages,
    progress_api,
    progress_archive_api,
    progress_care_api,
    reading_pages,
    reading_api,
    shelf_import_pages,
    shelf_import_api,
    plans_api,
    reminders_pages,
    reminders_api,
    search_pages,
    search_api,
    search_help_pages,
    search_help_api,
    uploads_pages,
    uploads_api,
    share_api,
    share_pages,
    roster_pages,
    roster_api,
)


def register(app: APIFlask) -> None:
    """Register every room's pages and API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

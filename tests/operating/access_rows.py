"""Who may reach what operates the service."""

from lms.jobs.models import Job
from tests.web.access_table import administrators, public
from tests.web.world import World


def furnish(world: World) -> None:
    """Make a job that died."""
    world.ids["job"] = Job.create(task="index.drain", state="dead", error="The disk was full.").id


ROWS = [
    public("GET", "/healthz"),
    public("GET", "/readyz"),
    public("GET", "/metrics"),
    administrators("GET", "/operation"),
    administrators("POST", "/operation/jobs/<int:job_id>/retry"),
    administrators("POST", "/operation/jobs/<int:job_id>/dismiss"),
    administrators("GET", "/api/v1/operation"),
    administrators("POST", "/api/v1/operation/jobs/<int:job_id>/retry"),
    administrators("DELETE", "/api/v1/operation/jobs/<int:job_id>"),
]

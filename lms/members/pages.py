"""Pages of people: signing in and out, the own account."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

pages = Blueprint("members", __name__)


@pages.get("/sign-in")
def sign_in_form() -> str:
    return ""


@pages.post("/sign-in")
def sign_in() -> Response:
    return redirect(url_for("progress.home"), code=303)


@pages.post("/sign-out")
def sign_out() -> Response:
    return redirect(url_for("members.sign_in_form"), code=303)


@pages.get("/account")
def account() -> str:
    return ""


@pages.get("/account/password")
def change_password_form() -> str:
    return ""


@pages.post("/account/password")
def change_password() -> str:
    return ""

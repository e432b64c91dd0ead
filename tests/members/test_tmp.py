from tests.factories import Make
from lms.members import passwords
def test_x(make, browser):
    m = make.member(role="administrator", password_hash=passwords.make_hash("a lovely day"))
    b = browser()
    r = b.post("/sign-in", {"login": m.name, "password": "a lovely day"})
    print(r.status, r.headers, r.get_data(as_text=True)[:3000])
    r = b.get("/account"); print(r.status, r.get_data(as_text=True))
    r = b.get("/account/password"); print(r.status)
    assert 0

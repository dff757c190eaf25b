"""What Schemathesis is told about Memcard: who calls, from where, and what there is to name.

Nothing here hides a finding. Half of all ids, codes and logins are steered to what exists, because a random one is nearly
always unknown (of user codes nearly all, for wrong ones are throttled); the accounts of the run are left alone because a run that locks itself out finds nothing more, and one
that is locked out fails.
"""

import itertools
import os

import requests
import schemathesis

ORIGIN = os.environ["MEMCARD_FUZZ_ORIGIN"]
SETUP_TOKEN = os.environ["MEMCARD_FUZZ_SETUP_TOKEN"]
PASSWORD = "correct horse battery staple"
LOGIN = {"username": "admin", "password": PASSWORD}

# Who approves what is to be redeemed: the caller's wrong codes are counted against the caller's account.
APPROVER = ("approver", PASSWORD)

# How many users, devices, games, saves and states there are at the start.
SOME = 4
# What takes its credentials in the body.
LOGINS = ("/api/token", "/api/login")
FILES = ("saveFile", "stateFile", "screenshotFile")
SCOPES = ["assets.read", "devices.read"]
HASH = "0123456789abcdef0123456789abcdef"
NUMBERS = itertools.count(1)


def some_address():
    """An address that no request came from before. Counted, because Hypothesis makes `random` repeat itself."""
    number = next(NUMBERS)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def post(path, token=None, **request):
    """A request that has to succeed."""
    headers = {"X-Forwarded-For": some_address()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    response = requests.post(ORIGIN + path, headers=headers, timeout=30, **request)
    if not response.ok:
        raise RuntimeError(f"POST {path}: {response.status_code} {response.text}")
    return response.json()


class World:
    """The administrator who calls, and what there is to call about."""

    def __init__(self):
        self.tokens = set()
        self.devices = []
        admin = LOGIN | {"role": "admin", "setup_token": SETUP_TOKEN}
        self.accounts = [post("/api/users", json=admin)["id"]]
        self.token = self.log_in()
        approver = {"username": APPROVER[0], "password": APPROVER[1], "role": "user"}
        self.accounts.append(self.post("/api/users", json=approver)["id"])
        for _ in range(SOME):
            self.add()

    def log_in(self):
        """An access token, good for a quarter of an hour."""
        token = post("/api/token", data=LOGIN | {"grant_type": "password"})["access_token"]
        self.tokens.add(f"Bearer {token}")
        return token

    def post(self, path, **request):
        return post(path, self.token, **request)

    def add(self):
        """One more of everything: at the start, and when the fuzzer has deleted something."""
        number = len(self.devices) + 1
        self.post("/api/users", json={"username": f"player-{number}", "password": PASSWORD})
        device = {"name": f"Device {number}", "hostname": f"device-{number}", "platform": "Linux"}
        device = self.post("/api/devices", json=device)["device_id"]
        game = {"platform_slug": "gb", "file_name": f"Game {number}.gb", "md5": HASH}
        query = {"rom_id": self.post("/api/roms/declare", json=game)["id"]}
        save, state = ({part: (f"Game {number}", b"bytes")} for part in ("saveFile", "stateFile"))
        self.post("/api/saves", params=query | {"slot": "autosave", "device_id": device}, files=save)
        self.post("/api/states", params=query, files=state)
        self.devices.append(device)

    def pairing(self, approved=False):
        """A pairing that waits to be decided, or to be redeemed."""
        asked = {
            "client_device_identifier": f"paired-{next(NUMBERS) % SOME}",
            "name": "Paired",
            "client": "fuzzer",
            "requested_scopes": SCOPES,
        }
        begun = post("/api/auth/device/init", json=asked)
        if approved:
            granted = {"user_code": begun["user_code"], "approved_scopes": SCOPES}
            post("/api/auth/device/approve", json=granted, auth=APPROVER)
        return begun


WORLD = World()


@schemathesis.auth(refresh_interval=300)
class Credentials:
    """The administrator's access token, a new one before it ends."""

    def get(self, case, context):
        WORLD.token = WORLD.log_in()
        return WORLD.token

    def set(self, case, token, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every request comes from a client of its own, as the server's proxy says: one client's wrong passwords and codes
    are counted against it and would soon end the run. And none changes the accounts that the run needs, nor ends its
    login."""
    case.headers = case.headers or {}
    case.headers["X-Forwarded-For"] = some_address()
    path = case.operation.path
    if path == "/api/users/{id}" and str(case.path_parameters.get("id")).strip() in map(str, WORLD.accounts):
        case.path_parameters["id"] = max(WORLD.accounts) + 1
    if path in LOGINS:
        case.headers.pop("Authorization", None)
    if path == "/api/logout":
        case.headers["Authorization"] = f"Bearer {WORLD.log_in()}"


@schemathesis.hook
def after_call(context, case, response):
    """A run without credentials sees refusals alone."""
    own = (case.headers or {}).get("Authorization") in WORLD.tokens
    if response.status_code == 401 and own:
        raise RuntimeError(f"the run has lost its credentials: {response.text}")
    if response.status_code < 300 and (case.method.upper() == "DELETE" or case.operation.path.endswith("/delete")):
        WORLD.add()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return steer(path_parameters, context.operation.path)


@schemathesis.hook
def map_query(context, query):
    return steer(query, context.operation.path)


@schemathesis.hook
def map_body(context, body):
    path = context.operation.path
    if path in LOGINS and isinstance(body, dict) and is_steered(body.get("username")):
        return LOGIN | {"grant_type": "password"}
    if isinstance(body, dict) and len(body) % 2 == 0 and any(part in body for part in FILES):
        # Most parts that are not described have a name that no header can hold, so that the body is none.
        return {part: body[part] for part in FILES if part in body}
    return steer(body, path)


def steer(value, path):
    """The same with half of what names something naming what there is."""
    if isinstance(value, list):
        return [steer(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: steer_member(name, member, path) for name, member in value.items()}


def steer_member(name, member, path):
    of_device = name == "device_id" or name == "id" and path.startswith(("/api/devices/", "/api/sync/devices/"))
    if of_device:
        return known_device(member)
    if name in ("id", "rom_id", "session_id", "platform_id"):
        return known_id(member)
    if name in ("saves", "states") and isinstance(member, list):
        return [known_id(item) if isinstance(item, int) else steer(item, path) for item in member]
    if name == "user_code" and isinstance(member, str) and len(member) % 8 != 7:
        return WORLD.pairing()["user_code"]
    if name == "device_code" and is_steered(member):
        return WORLD.pairing(approved=True)["device_code"]
    if name == "md5_hash" and is_steered(member):
        return HASH
    return steer(member, path)


def known_id(value):
    """Of what there is of most kinds; the newest are there still."""
    is_id = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return 1 + value // 2 % len(WORLD.devices) if is_id and value % 2 == 0 else value


def known_device(value):
    newest = WORLD.devices[-SOME:]
    return newest[len(value) // 2 % SOME] if is_steered(value) else value


def is_steered(text):
    return isinstance(text, str) and len(text) % 2 == 0

"""The console command: what it knows, and a whole first start."""

from __future__ import annotations

import re
import stat
import subprocess
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from house.installation import environment, marsad, printed_link, read, served
from marsad.config.console import COMMANDS, command_line, main
from marsad.config.environment import database, mail
from marsad.config.secret_key import kept_secret_key


def test_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    printed = capsys.readouterr().out
    assert all(f"marsad {name}" in printed for name in COMMANDS)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "serve"])
def test_every_command_exists(name: str) -> None:
    from django.core.management import get_commands

    assert command_line([name])[1] in get_commands()


def test_an_unknown_command_fails(tmp_path: Path) -> None:
    done = marsad(tmp_path / "home", "fly")
    assert done.returncode != 0
    assert "fly" in done.stderr


def test_the_secret_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    key = kept_secret_key(tmp_path / "home")
    assert len(key) > 50
    assert kept_secret_key(tmp_path / "home") == key
    assert stat.S_IMODE((tmp_path / "home" / "secret_key").stat().st_mode) == 0o600


def test_addresses_of_databases_and_mail_servers_are_read(tmp_path: Path) -> None:
    read = database("postgresql://u%40x:p%2F1@/city?host=/run/pg&sslmode=require")
    assert (read["USER"], read["PASSWORD"], read["HOST"], read["NAME"]) == ("u@x", "p/1", "/run/pg", "city")
    assert read["OPTIONS"]["sslmode"] == "require"
    assert mail("", tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path / "outbox")
    assert mail("smtps://u:p@mail.example.org", tmp_path)["EMAIL_PORT"] == 465
    for wrong in ("mysql://x/y", "x"):
        with pytest.raises(ValueError, match="starts with"):
            database(wrong)
    with pytest.raises(ValueError, match="starts with"):
        mail("ftp://x", tmp_path)


def test_the_first_start_makes_the_first_administrator_by_a_link_that_works_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with served(home, "--no-load") as (address, log, process):
        assert {stat.S_IMODE(file.stat().st_mode) for file in home.glob("*.sqlite3*")} == {0o600}
        assert stat.S_IMODE((home / "outbox").stat().st_mode) == 0o700
        link = address + printed_link(log)
        page = opener.open(link, timeout=30).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        sentence = "a long sentence nobody guesses"
        form = {"csrfmiddlewaretoken": token[1], "email": "first@example.org", "name": "First"}
        sent = urllib.parse.urlencode(form | {"password": sentence, "again": sentence}).encode()
        request = urllib.request.Request(link, sent, {"Referer": link})
        arrived = opener.open(request, timeout=30)
        assert urllib.parse.urlsplit(arrived.url).path == "/fr/account/factors/"
        with pytest.raises(urllib.error.HTTPError, match="410"):
            urllib.request.urlopen(link, timeout=30)
        administrators = "SELECT count(*) FROM accounts_rolegrant WHERE role = 'administrator'"
        assert read(home, "default", administrators) == [(1,)]
        beats = "SELECT count(*) FROM work_workerbeat"
        for _ in range(200):
            if read(home, "default", beats) != [(0,)]:
                break
            time.sleep(0.2)
        assert read(home, "default", beats) == [(1,)]
        running = subprocess.run(["ps", "-o", "args", "--ppid", str(process.pid)], capture_output=True, text=True)
        assert "console work" in running.stdout
        taken = marsad(home, "serve", "--port", address.rsplit(":", 1)[1])
        assert "choose another with --port" in taken.stderr
        refused = marsad(home, "restore", str(home / "secret_key"))
        assert "installation.running" in refused.stderr
    left = subprocess.run(["ps", "axeww", "-o", "args"], capture_output=True, text=True).stdout
    assert f"MARSAD_HOME={environment(home)['MARSAD_HOME']}" not in left

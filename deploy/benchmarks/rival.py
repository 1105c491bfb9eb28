"""django-import-export's bulk mode on the same workbook with the same encryption, in an environment made for it."""

import os
import subprocess
import sys
from pathlib import Path

from rongjiu.embedded import Embedded
from rongjiu.paths import ROOT

VENV = ROOT / ".cache" / "bench-venv"
_NEEDS = ("django", "django-import-export[xlsx]", "psycopg[binary]", "cryptography")
_NAME = "django-import-export, bulk mode, same workbook and encryption"
_SCRIPT = """
import hmac, os, sys, time, uuid
from datetime import date
from hashlib import sha256
import django
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": sys.argv[2], "HOST": sys.argv[3], "USER": sys.argv[4],
    "PASSWORD": sys.argv[5]}}, INSTALLED_APPS=["import_export"], USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_I18N=False)
django.setup()
import tablib
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, models
from import_export import resources

class Household(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    courtyard = models.TextField(); building = models.TextField(); unit = models.TextField(); room = models.TextField()
    class Meta: app_label = "rival"

class Person(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    household = models.ForeignKey(Household, models.CASCADE)
    name = models.TextField(); relation = models.TextField(); gender = models.TextField(); birth_date = models.DateField(null=True)
    phone = models.BinaryField(null=True); phone_index = models.BinaryField(null=True)
    id_number = models.BinaryField(null=True); id_index = models.BinaryField(null=True); condition = models.BinaryField(null=True)
    class Meta: app_label = "rival"

KEY = os.urandom(32)
def seal(text):
    nonce = os.urandom(12)
    return nonce + AESGCM(KEY).encrypt(nonce, text.encode(), b"person") if text else None
def blind(text): return hmac.new(KEY, text.encode(), sha256).digest()[:16] if text else None

class HomeResource(resources.ModelResource):
    class Meta:
        model = Household; use_bulk = True; batch_size = 1000; skip_diff = True; force_init_instance = True; use_transactions = True

class PersonResource(resources.ModelResource):
    def before_import_row(self, row, **words):
        row["household"] = HOMES[(row["院落"], row["楼号"], row["单元"], row["房号"])]
        row.update(id=uuid.uuid4(), name=row["姓名"], relation=row["与户主关系"], gender=row["性别"], birth_date=row["出生日期"])
    def after_init_instance(self, instance, new, row, **words):
        phone, number = row["联系电话"] or "", row["身份证号"] or ""
        instance.phone, instance.phone_index = seal(phone), blind(phone)
        instance.id_number, instance.id_index, instance.condition = seal(number), blind(number), seal(row["健康状况"] or "")
    class Meta:
        model = Person; use_bulk = True; batch_size = 1000; skip_diff = True; force_init_instance = True; use_transactions = True
        fields = ("id", "household", "name", "relation", "gender", "birth_date")

with connection.schema_editor() as editor:
    editor.create_model(Household); editor.create_model(Person)
began = time.perf_counter()
book = tablib.Dataset().load(open(sys.argv[1], "rb").read(), "xlsx")
HOMES = {}
for row in book.dict: HOMES.setdefault((row["院落"], row["楼号"], row["单元"], row["房号"]), uuid.uuid4())
homes = tablib.Dataset(*[(key, *door) for door, key in HOMES.items()], headers=["id", "courtyard", "building", "unit", "room"])
HomeResource().import_data(homes, raise_errors=True)
PersonResource().import_data(book, raise_errors=True)
took = time.perf_counter() - began
assert (Household.objects.count(), Person.objects.count()) == (5014, 11067)
print(f"{took:.2f}")
"""


def measure(work: Path, server: Embedded, book: Path, *, ours: float) -> list[tuple[str, str, str]]:
    """Its seconds and how many times ours; a plain line when it cannot be installed here."""
    python = VENV / "bin" / "python"
    if not python.exists() and not _install():
        return [(_NAME, "skipped: could not be installed here", "slower than ours")]
    script = work / "rival.py"
    script.write_text(_SCRIPT)
    url = server.url("postgres")
    where = _parts(url)
    done = subprocess.run([str(python), str(script), str(book), *where], capture_output=True, text=True, check=False)
    if done.returncode:
        return [(_NAME, f"skipped: it failed ({done.stderr.strip().splitlines()[-1][:80]})", "slower than ours")]
    seconds = float(done.stdout.split()[-1])
    return [(_NAME, f"{seconds:.2f} s ({seconds / ours:.1f} × ours)", "slower than ours")]


def _parts(url: str) -> tuple[str, str, str, str]:
    from sqlalchemy.engine import make_url

    found = make_url(url)
    host = found.host or str(found.query.get("host", ""))
    return str(found.database), host, str(found.username), str(found.password or "")


def _install() -> bool:
    words = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for command in (
        [sys.executable, "-m", "venv", str(VENV)],
        [str(VENV / "bin" / "pip"), "install", "--quiet", *_NEEDS],
    ):
        if subprocess.run(command, capture_output=True, check=False, env=words).returncode:
            (VENV / "bin" / "python").unlink(missing_ok=True)
            return False
    return True

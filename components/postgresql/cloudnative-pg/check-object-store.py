"""Writes, reads and deletes an object in the store of backups, and takes possession of a directory there.

Runs in the image of the sidecar, which has Python, the AWS library, and no shell. The last line that it prints is the
reason of a failure: it becomes the termination message of the container.
"""

import os
import pathlib
import sys

import boto3
from botocore import config, exceptions

BUCKET = os.environ["BUCKET"]
DIRECTORY = os.environ["DIRECTORY"]
ENDPOINT = os.environ.get("ENDPOINT") or None
OWNER = os.environ["OWNER"]
TAKE_OVER = os.environ.get("TAKE_OVER") or None
LOGIN = pathlib.Path(os.environ["LOGIN"])
CA = os.environ.get("CA") or None
PLACE = ENDPOINT or "Amazon S3 of region " + os.environ["AWS_DEFAULT_REGION"]

# Setting and reason, by the store's error code.
CODES = {
    "InvalidAccessKeyId": ("credentials", "it does not know the access key"),
    "XAdminUserNotFound": ("credentials", "it does not know the access key"),
    "SignatureDoesNotMatch": ("credentials", "the secret key does not belong to the access key"),
    "NoSuchBucket": ("bucket", "it has no bucket {bucket}"),
    "AccessDenied": ("credentials", "the login may not read, write and delete objects in bucket {bucket}"),
    "403": ("credentials", "the login may not read, write and delete objects in bucket {bucket}"),
    "PermanentRedirect": ("region", "bucket {bucket} is in another region"),
    "AuthorizationHeaderMalformed": ("region", "bucket {bucket} is in another region"),
    "KMS.NotFoundException": ("postgresql.backup.kmsKeyId", "the key does not exist"),
    "RequestTimeTooSkewed": ("endpoint", "the clocks of the node and of the store differ"),
}


def fail(setting, reason):
    name = setting if setting.startswith("postgresql.") else "objectStore." + setting
    sys.exit(
        f"backups cannot be written to {PLACE}: {reason}. Fix the setting {name}, then run the update again"
        " (docs/backups.md, The store)"
    )


def explain(error):
    if isinstance(error, exceptions.ClientError):
        details = error.response.get("Error", {})
        code = details.get("Code", "")
        setting, reason = CODES.get(code, ("endpoint", f"it answers {code}: {details.get('Message', '')}"))
        fail(setting, reason.format(bucket=BUCKET))
    if isinstance(error, exceptions.SSLError):
        fail("caSecret", f"no TLS connection, {error}")
    if isinstance(error, exceptions.ConnectTimeoutError):
        fail("access", "no answer in 5 seconds; network policies allow the addresses of this setting only")
    if isinstance(error, exceptions.EndpointConnectionError):
        fail("endpoint", "nothing answers there")
    fail("endpoint", f"{type(error).__name__}: {error}")


def login():
    read = lambda name: (LOGIN / name).read_text().strip()
    try:
        return {"aws_access_key_id": read("accessKeyId"), "aws_secret_access_key": read("secretAccessKey")}
    except FileNotFoundError as error:
        fail("credentials.secret", f"the Secret has no key {pathlib.Path(error.filename).name}")


def encryption():
    given = {"ServerSideEncryption": os.environ.get("ENCRYPTION"), "SSEKMSKeyId": os.environ.get("KMS_KEY_ID")}
    return {name: value for name, value in given.items() if value}


def owner_of(client, key):
    """Who took possession of the directory; None if nobody did."""
    try:
        return client.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    except client.exceptions.NoSuchKey:
        return None


def is_empty(client):
    found = client.list_objects_v2(Bucket=BUCKET, Prefix=DIRECTORY + "/", MaxKeys=1)
    return found.get("KeyCount", len(found.get("Contents", []))) == 0


def take_possession(client):
    """Two data layers in one directory would delete each other's backups."""
    key = f"{DIRECTORY}/owner"
    owner = owner_of(client, key)
    if owner == OWNER:
        return
    if owner is None and not is_empty(client):
        fail("path", f"s3://{BUCKET}/{DIRECTORY} has objects that are not backups. Set a path that is empty")
    if owner not in (None, TAKE_OVER):
        fail(
            "path",
            f"s3://{BUCKET}/{DIRECTORY} has the backups of data layer {owner}, and this one is {OWNER}. Set a path that"
            f" is empty. If data layer {owner} no longer exists, setting objectStore.takeOver to {owner} gives its"
            " backups to this one",
        )
    client.put_object(Bucket=BUCKET, Key=key, Body=OWNER.encode(), **encryption())


def main():
    settings = config.Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    client = boto3.client("s3", endpoint_url=ENDPOINT, verify=CA, config=settings, **login())
    probe = f"{DIRECTORY}/probe"
    try:
        take_possession(client)
        client.put_object(Bucket=BUCKET, Key=probe, Body=OWNER.encode(), **encryption())
        if client.get_object(Bucket=BUCKET, Key=probe)["Body"].read().decode() != OWNER:
            fail("endpoint", "it returned something else than was written")
        client.delete_object(Bucket=BUCKET, Key=probe)
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        explain(error)
    print(f"s3://{BUCKET}/{DIRECTORY} at {PLACE} can be written, read and deleted")


main()

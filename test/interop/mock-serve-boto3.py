"""boto3 and the aws CLI against `kmseal mock serve`, in one process. Prints one JSON object: calls and faults."""

import contextlib
import io
import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url = sys.argv[1]
calls = 0
faults = []


def count(**_):
    global calls
    calls += 1


def client(service, key_id="test"):
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id=key_id,
        aws_secret_access_key="mock",
        config=Config(retries={"total_max_attempts": 1}),
    )
    made.meta.events.register("after-call", count)
    return made


def check(what, found, wanted):
    if found != wanted:
        faults.append(f"{what}: {found!r}, not {wanted!r}")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        check(f"{error.operation_name} refused", error.response["Error"]["Code"], code)
        check("status", error.response["ResponseMetadata"]["HTTPStatusCode"], 400)
    else:
        faults.append(f"{code} was not raised")


def keys(kms):
    made = kms.create_key(Description="one", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    key, arn = made["KeyId"], made["Arn"]
    check("state", made["KeyState"], "Enabled")
    kms.create_alias(AliasName="alias/one", TargetKeyId=key)
    refused("AlreadyExistsException", kms.create_alias, AliasName="alias/one", TargetKeyId=key)
    refused("NotFoundException", kms.describe_key, KeyId="alias/none")
    refused("NotFoundException", kms.create_alias, AliasName="alias/x", TargetKeyId="0" * 8 + "-0000" * 3 + "-" + "0" * 12)
    for name in (key, arn, "alias/one", arn.replace("key/" + key, "alias/one")):
        check("describe", kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"], arn)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/one", TargetKeyId=other)
    check("moved", kms.describe_key(KeyId="alias/one")["KeyMetadata"]["KeyId"], other)
    check("aliases", [a["AliasName"] for a in kms.list_aliases(KeyId=other)["Aliases"]], ["alias/one"])
    listed = [k["KeyId"] for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1}) for k in page["Keys"]]
    check("listed", {key, other} <= set(listed), True)
    kms.update_key_description(KeyId=key, Description="two")
    check("description", kms.describe_key(KeyId=key)["KeyMetadata"]["Description"], "two")
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "c", "TagValue": "d"}])
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    check("tags", kms.list_resource_tags(KeyId=key)["Tags"], [{"TagKey": "c", "TagValue": "d"}])
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    check("policy", json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]), json.loads(policy))
    check("policies", kms.list_key_policies(KeyId=key)["PolicyNames"], ["default"])
    refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key, PolicyName="default", Policy="{")
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    refused("DisabledException", kms.decrypt, CiphertextBlob=blob)
    refused("DisabledException", kms.encrypt, KeyId=key, Plaintext=b"x")
    kms.enable_key(KeyId=key)
    check("old blob", kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"x")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=b"x")
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    kms.delete_alias(AliasName="alias/one")
    refused("NotFoundException", kms.delete_alias, AliasName="alias/one")
    return key, arn


def cryptography(kms, key, arn):
    context = {"purpose": "backup", "ü": "ß"}
    for size in (1, 2, 15, 16, 17, 100, 1000, 4095, 4096):
        plaintext = os.urandom(size)
        sealed = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=context)
        check("arn", sealed["KeyId"], arn)
        opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
        check("plaintext", opened["Plaintext"], plaintext)
    blob = sealed["CiphertextBlob"]
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob[:-1] + b"x", EncryptionContext=context)
    refused("ValidationException", kms.encrypt, KeyId=key, Plaintext=b"x" * 4097)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    refused("IncorrectKeyException", kms.decrypt, CiphertextBlob=blob, EncryptionContext=context, KeyId=other)
    again = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=other)
    check("re-encrypted", kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["Plaintext"], plaintext)
    for spec, size in (("AES_128", 16), ("AES_256", 32)):
        data = kms.generate_data_key(KeyId=key, KeySpec=spec)
        check("data key", len(data["Plaintext"]), size)
        check("data key", kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"], data["Plaintext"])
        wrapped = kms.generate_data_key_without_plaintext(KeyId=key, KeySpec=spec)
        check("wrapped", len(kms.decrypt(CiphertextBlob=wrapped["CiphertextBlob"])["Plaintext"]), size)
    check("random", len(kms.generate_random(NumberOfBytes=77)["Plaintext"]), 77)
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    check("public", kms.get_public_key(KeyId=rsa)["KeySpec"], "RSA_2048")
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        sealed = kms.encrypt(KeyId=rsa, Plaintext=b"rsa", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
        opened = kms.decrypt(KeyId=rsa, CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
        check("rsa", opened["Plaintext"], b"rsa")
    refused("InvalidKeyUsageException", kms.encrypt, KeyId=rsa, Plaintext=b"x")


def parameters(ssm, key):
    refused("ParameterNotFound", ssm.get_parameter, Name="/none")
    for name, kind, value in (("/a/s", "String", "é"), ("/a/l", "StringList", "x,y"), ("/a/p", "SecureString", "pa55")):
        check("version", ssm.put_parameter(Name=name, Type=kind, Value=value)["Version"], 1)
        check("value", ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"], value)
    refused("ParameterAlreadyExists", ssm.put_parameter, Name="/a/s", Type="String", Value="x")
    check("overwritten", ssm.put_parameter(Name="/a/s", Value="2", Overwrite=True)["Version"], 2)
    check("old", ssm.get_parameter(Name="/a/s:1")["Parameter"]["Value"], "é")
    ssm.label_parameter_version(Name="/a/s", ParameterVersion=1, Labels=["prod"])
    check("label", ssm.get_parameter(Name="/a/s:prod")["Parameter"]["Version"], 1)
    ssm.unlabel_parameter_version(Name="/a/s", ParameterVersion=1, Labels=["prod"])
    refused("ParameterVersionNotFound", ssm.get_parameter, Name="/a/s:9")
    check("history", len(ssm.get_parameter_history(Name="/a/s")["Parameters"]), 2)
    many = ssm.get_parameters(Names=["/a/s", "/none"])
    check("invalid", many["InvalidParameters"], ["/none"])
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/a", PaginationConfig={"PageSize": 1})
    check("by path", sorted(p["Name"] for page in pages for p in page["Parameters"]), ["/a/l", "/a/p", "/a/s"])
    found = ssm.describe_parameters(ParameterFilters=[{"Key": "Type", "Values": ["SecureString"]}])["Parameters"]
    check("described", [p["Name"] for p in found], ["/a/p"])
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/a/s", Tags=[{"Key": "k", "Value": "v"}])
    check("tags", ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/a/s")["TagList"], [{"Key": "k", "Value": "v"}])
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId="/a/s", TagKeys=["k"])
    ssm.put_parameter(Name="/a/k", Type="SecureString", Value="own", KeyId=key)
    check("own key", ssm.get_parameter(Name="/a/k", WithDecryption=True)["Parameter"]["Value"], "own")
    refused("InvalidKeyId", ssm.put_parameter, Name="/a/n", Type="SecureString", Value="x", KeyId="alias/none")
    ssm.delete_parameter(Name="/a/k")
    refused("ParameterNotFound", ssm.delete_parameter, Name="/a/k")
    deleted = ssm.delete_parameters(Names=["/a/s", "/a/l", "/none"])
    check("deleted", sorted(deleted["DeletedParameters"]), ["/a/l", "/a/s"])


def others(key, arn):
    for account in ("123456789012", "444455556666"):
        check("account", client("sts", account).get_caller_identity()["Account"], account)
    check("account", client("sts").get_caller_identity()["Arn"], "arn:aws:iam::000000000000:root")
    refused("AccessDeniedException", client("kms", "123456789012").encrypt, KeyId=arn, Plaintext=b"x")
    trail = client("cloudtrail")
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": arn}],
        PaginationConfig={"PageSize": 10},
    )
    names = [event["EventName"] for page in pages for event in page["Events"]]
    check("trail", {"CreateKey", "Encrypt", "Decrypt", "DisableKey"} <= set(names), True)
    check("first", names[-1], "CreateKey")


def aws(*words):
    global calls
    from awscli.clidriver import create_clidriver

    calls += 1
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        status = create_clidriver().main(["--endpoint-url", url, "--output", "text", *words])
    return status, out.buffer.getvalue().decode().strip(), err.getvalue()


def cli():
    check("aws put", aws("ssm", "put-parameter", "--name", "/cli", "--type", "SecureString", "--value", "v")[0], 0)
    read = ("--name", "/cli", "--with-decryption", "--query", "Parameter.Value")
    check("aws get", aws("ssm", "get-parameter", *read)[:2], (0, "v"))
    check("aws account", aws("sts", "get-caller-identity", "--query", "Account")[:2], (0, "123456789012"))
    status, _, text = aws("kms", "describe-key", "--key-id", "alias/none")
    check("aws refused", (status != 0, "NotFoundException" in text), (True, True))
    check("aws trail", aws("cloudtrail", "lookup-events", "--max-items", "1", "--query", "Events[0].EventName")[1].split()[0], "DescribeKey")


kms = client("kms")
key, arn = keys(kms)
cryptography(kms, key, arn)
parameters(client("ssm"), key)
others(key, arn)
cli()
print(json.dumps({"calls": calls, "faults": faults}))

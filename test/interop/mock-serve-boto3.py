"""boto3 and the aws CLI against `kmseal mock serve`, in one process. Prints one JSON object: calls, operations, faults."""

import contextlib
import hashlib
import io
import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

url = sys.argv[1]
calls = 0
operations = set()
faults = []


def count(model, **_):
    global calls
    calls += 1
    operations.add(f"{model.service_model.service_name}:{model.name}")


def client(service, key_id="test", region="eu-west-1"):
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
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
    policies = '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2019-01-01T00:00:00.000Z"}}]'
    ssm.put_parameter(Name="/a/x", Type="String", Value="x", Tier="Advanced", Policies=policies)
    refused("ParameterNotFound", ssm.get_parameter, Name="/a/x")
    refused("ValidationException", ssm.put_parameter, Name="/a/y", Type="String", Value="x", Policies=policies)
    ssm.delete_parameter(Name="/a/k")
    refused("ParameterNotFound", ssm.delete_parameter, Name="/a/k")
    deleted = ssm.delete_parameters(Names=["/a/s", "/a/l", "/none"])
    check("deleted", sorted(deleted["DeletedParameters"]), ["/a/l", "/a/s"])


def signatures(kms):
    digest = hashlib.sha256(b"message").digest()
    specs = {
        "RSA_2048": ("RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_256"),
        "ECC_NIST_P256": ("ECDSA_SHA_256",),
        "ECC_NIST_P384": ("ECDSA_SHA_384",),
        "ECC_SECG_P256K1": ("ECDSA_SHA_256",),
        "ECC_NIST_EDWARDS25519": ("ED25519_SHA_512",),
    }
    for spec, algorithms in specs.items():
        key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        for algorithm in algorithms:
            request = {"KeyId": key, "Message": b"message", "SigningAlgorithm": algorithm}
            signature = kms.sign(**request)["Signature"]
            check("valid", kms.verify(**request, Signature=signature)["SignatureValid"], True)
            verify(public, algorithm, signature)
            other = {**request, "Message": b"another"}
            refused("KMSInvalidSignatureException", kms.verify, **other, Signature=signature)
            if algorithm.endswith("SHA_256"):
                hashed = {**request, "Message": digest, "MessageType": "DIGEST"}
                verify(public, algorithm, kms.sign(**hashed)["Signature"])
                refused("ValidationException", kms.sign, **{**hashed, "Message": digest[1:]})
    mac_key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    request = {"KeyId": mac_key, "Message": b"message", "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms.generate_mac(**request)["Mac"]
    check("mac", (len(mac), kms.verify_mac(**request, Mac=mac)["MacValid"]), (32, True))
    refused("KMSInvalidMacException", kms.verify_mac, **request, Mac=mac[::-1])
    refused("InvalidKeyUsageException", kms.sign, KeyId=mac_key, Message=b"x", SigningAlgorithm="ECDSA_SHA_256")


def verify(public, algorithm, signature):
    """With a library of its own; a signature that is not valid raises."""
    size = algorithm[-3:]
    chosen = getattr(hashes, f"SHA{size}")()
    if algorithm.startswith("ECDSA"):
        public.verify(signature, b"message", ec.ECDSA(chosen))
    elif algorithm.startswith("ED25519"):
        public.verify(signature, b"message")
    elif "PSS" in algorithm:
        public.verify(signature, b"message", padding.PSS(padding.MGF1(chosen), chosen.digest_size), chosen)
    else:
        public.verify(signature, b"message", padding.PKCS1v15(), chosen)


def pairs(kms, key):
    made = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    private = load_der_private_key(made["PrivateKeyPlaintext"], None)
    encoded = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    check("pair", encoded, made["PublicKey"])
    opened = kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])["Plaintext"]
    check("private key", opened, made["PrivateKeyPlaintext"])
    wrapped = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="RSA_2048")
    check("wrapped pair", "PrivateKeyPlaintext" in wrapped, False)
    agreeing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    peer = load_der_public_key(kms.get_public_key(KeyId=agreeing)["PublicKey"])
    shared = kms.derive_shared_secret(
        KeyId=agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=made["PublicKey"]
    )["SharedSecret"]
    check("shared", shared, private.exchange(ec.ECDH(), peer))
    refused(
        "DryRunOperationException", kms.generate_data_key_pair, KeyId=key, KeyPairSpec="RSA_2048", DryRun=True
    )


def rotation(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    check("off", kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    check("period", kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 90)
    kms.disable_key_rotation(KeyId=key)
    old = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key)
    check("old opens", kms.decrypt(CiphertextBlob=old)["Plaintext"], b"old")
    rotations = kms.list_key_rotations(KeyId=key)["Rotations"]
    check("rotations", [each["RotationType"] for each in rotations], ["ON_DEMAND"])
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=mac)


def imported(kms):
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=b"x")
    material = os.urandom(32)

    def bring(bytes_):
        wrapping = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        public = load_der_public_key(wrapping["PublicKey"])
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return kms.import_key_material(
            KeyId=key,
            ImportToken=wrapping["ImportToken"],
            EncryptedKeyMaterial=public.encrypt(bytes_, oaep),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )

    bring(material)
    blob = kms.encrypt(KeyId=key, Plaintext=b"mine")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key)
    check("state", kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "PendingImport")
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    refused("IncorrectKeyMaterialException", bring, bytes_=os.urandom(32))
    bring(material)
    check("mine again", kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"mine")


def regions(kms):
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"far")["CiphertextBlob"]
    kms.replicate_key(KeyId=key, ReplicaRegion="us-east-1")
    far = client("kms", region="us-east-1")
    check("replica", far.decrypt(CiphertextBlob=blob)["Plaintext"], b"far")
    refused("UnsupportedOperationException", far.replicate_key, KeyId=key, ReplicaRegion="us-west-2")
    kms.update_primary_region(KeyId=key, PrimaryRegion="us-east-1")
    configuration = far.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    check("primary", configuration["PrimaryKey"]["Region"], "us-east-1")


def grants(kms, key, arn):
    other = client("kms", "444455556666")
    refused("AccessDeniedException", other.encrypt, KeyId=arn, Plaintext=b"x")
    principal = "arn:aws:iam::444455556666:root"
    made = kms.create_grant(
        KeyId=key,
        GranteePrincipal=principal,
        RetiringPrincipal=principal,
        Operations=["Encrypt", "Decrypt"],
        Constraints={"EncryptionContextSubset": {"app": "web"}},
    )
    blob = other.encrypt(KeyId=arn, Plaintext=b"theirs", EncryptionContext={"app": "web"})["CiphertextBlob"]
    opened = other.decrypt(CiphertextBlob=blob, EncryptionContext={"app": "web"})
    check("granted", (opened["Plaintext"], opened["KeyId"]), (b"theirs", arn))
    refused("AccessDeniedException", other.encrypt, KeyId=arn, Plaintext=b"x")
    check("grants", [each["GrantId"] for each in kms.list_grants(KeyId=key)["Grants"]], [made["GrantId"]])
    retirable = other.list_retirable_grants(RetiringPrincipal=principal)["Grants"]
    check("retirable", [each["KeyId"] for each in retirable], [arn])
    other.retire_grant(GrantToken=made["GrantToken"])
    refused("AccessDeniedException", other.decrypt, CiphertextBlob=blob, EncryptionContext={"app": "web"})
    again = kms.create_grant(KeyId=key, GranteePrincipal=principal, Operations=["DescribeKey"])
    other.describe_key(KeyId=arn)
    kms.revoke_grant(KeyId=key, GrantId=again["GrantId"])
    refused("AccessDeniedException", other.describe_key, KeyId=arn)
    refused("NotFoundException", kms.revoke_grant, KeyId=key, GrantId=again["GrantId"])
    refused("ValidationException", kms.create_grant, KeyId=key, GranteePrincipal=principal, Operations=["Sign"])


def across_accounts(kms, key, arn):
    other = client("kms", "444455556666")
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    statements = json.loads(before)["Statement"] + [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DisableKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:EncryptionContext:app": "web"}},
        }
    ]
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    other.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext={"app": "web"})
    refused("AccessDeniedException", other.encrypt, KeyId=arn, Plaintext=b"x")
    refused("AccessDeniedException", other.disable_key, KeyId=arn)
    locked = json.dumps({"Version": "2012-10-17", "Statement": statements[-1:]})
    refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key, Policy=locked)
    kms.put_key_policy(KeyId=key, Policy=before)


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
signatures(kms)
pairs(kms, key)
rotation(kms)
imported(kms)
regions(kms)
grants(kms, key, arn)
across_accounts(kms, key, arn)
parameters(client("ssm"), key)
others(key, arn)
cli()
print(json.dumps({"calls": calls, "operations": sorted(operations), "faults": faults}))

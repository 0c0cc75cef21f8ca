# bash completion for kmseal, printed by: kmseal completion bash

# Sets commands and options: what may follow the commands in $1.
_kmseal_at() {
  commands=() options=()
  case $1 in
    'kmseal') commands=('encrypt' 'decrypt' 'reencrypt' 'verify-file' 'inspect' 'edit' 'datakey' 'random' 'put-param' 'get-param' 'list-params' 'param-history' 'label-param' 'tag-param' 'copy-param' 'rollback-param' 'delete-param' 'import-params' 'export-params' 'exec' 'create-key' 'list-keys' 'describe-key' 'enable-key' 'disable-key' 'rotate-key' 'delete-key' 'alias-key' 'import-key-material' 'replicate-key' 'public-key' 'sign' 'verify' 'mac' 'verify-mac' 'key-policy' 'share-key' 'share-snapshot-policy' 'explain-access' 'audit' 'mock' 'config' 'doctor' 'completion' 'help') options=('-V' '--version') ;;
    'kmseal encrypt') commands=() options=('--key-id' '--public-key' '--fingerprint' '--encryption-context' '--mode' '--sign' '--frame-length' '--encryption-algorithm' '-o' '--output' '--encoding' '--trim' '-r' '--recursive' '--include' '--exclude' '--fail-fast' '--jobs' '--out-dir' '--suffix' '--force' '--skip-existing' '--preserve-mode' '--cache-max-age' '--cache-max-bytes' '--cache-max-messages') ;;
    'kmseal decrypt') commands=() options=('--ciphertext' '--key-id' '--encryption-context' '--require-context' '--encryption-algorithm' '--account' '--max-encrypted-data-keys' '--max-frame-length' '--allow-legacy' '--stream' '-o' '--output' '--encoding' '-r' '--recursive' '--include' '--exclude' '--fail-fast' '--jobs' '--out-dir' '--suffix' '--force' '--skip-existing' '--preserve-mode' '--cache-max-age') ;;
    'kmseal reencrypt') commands=() options=('--source-key-id' '--discovery' '--account' '--destination-key-id' '--public-key' '--fingerprint' '--source-encryption-context' '--destination-encryption-context' '--require-context' '--max-encrypted-data-keys' '--max-frame-length' '--allow-legacy' '--sign' '--no-sign' '--frame-length' '--dry-run' '-r' '--recursive' '--include' '--exclude' '--fail-fast' '--jobs') ;;
    'kmseal verify-file') commands=() options=('--key-id' '--encryption-context' '--require-context' '--encryption-algorithm' '--account' '--max-encrypted-data-keys' '--max-frame-length' '--allow-legacy' '--discovery' '-r' '--recursive' '--include' '--exclude' '--fail-fast' '--jobs') ;;
    'kmseal inspect') commands=() options=('-r' '--recursive' '--include' '--exclude' '--fail-fast') ;;
    'kmseal edit') commands=() options=('--key-id' '--discovery' '--account' '--encryption-context' '--temp-dir') ;;
    'kmseal datakey') commands=() options=('--key-id' '--key-spec' '--number-of-bytes' '--encryption-context' '--plaintext-out' '--with-plaintext' '-o' '--output' '--encoding') ;;
    'kmseal random') commands=() options=('--number-of-bytes' '-o' '--output' '--encoding') ;;
    'kmseal put-param') commands=() options=('--value' '--value-file' '--value-stdin' '--trim' '--type' '--key-id' '--overwrite' '--force-write' '--description' '--tier' '--tag' '--allowed-pattern' '--data-type' '--seal' '--encryption-context') ;;
    'kmseal get-param') commands=() options=('--no-decryption' '--open' '--key-id' '--encryption-context' '-o' '--output' '--encoding') ;;
    'kmseal list-params') commands=() options=('--one-level') ;;
    'kmseal param-history') commands=() options=('--show-values') ;;
    'kmseal label-param') commands=() options=('--version' '--remove') ;;
    'kmseal tag-param') commands=() options=('--tag' '--remove-tag') ;;
    'kmseal copy-param') commands=() options=('--recursive' '--to-region' '--to-profile' '--to-backend' '--to-endpoint-url' '--type' '--key-id' '--tier' '--overwrite' '--allow-sealed' '--dry-run') ;;
    'kmseal rollback-param') commands=() options=('--to') ;;
    'kmseal delete-param') commands=() options=('--recursive' '--ignore-missing' '--dry-run' '-y' '--yes') ;;
    'kmseal import-params') commands=() options=('--prefix' '--format' '--type' '--key-id' '--tier' '--prune' '--skip-empty' '--dry-run' '--exit-code' '--show-values' '-y' '--yes') ;;
    'kmseal export-params') commands=() options=('--format' '--prefix' '--keep-case' '--allow' '--nested' '--name' '--namespace' '--open' '--key-id' '--encryption-context' '--allow-empty' '-o' '--output') ;;
    'kmseal exec') commands=() options=('--param' '--file' '--env-file' '--decrypt-env' '--open' '--key-id' '--discovery' '--encryption-context' '--prefix' '--keep-case' '--pristine' '--overload' '--allow' '--require' '--temp-dir') ;;
    'kmseal create-key') commands=() options=('--key-spec' '--key-usage' '--origin' '--multi-region' '--description' '--alias' '--tag' '--admin' '--user' '--policy') ;;
    'kmseal list-keys') commands=() options=('--key-manager' '--key-state' '--key-spec' '--key-usage' '--origin' '--multi-region') ;;
    'kmseal describe-key') commands=() options=('--key-id') ;;
    'kmseal enable-key') commands=() options=('--key-id') ;;
    'kmseal disable-key') commands=() options=('--key-id') ;;
    'kmseal rotate-key') commands=() options=('--key-id' '--every' '--off' '--now' '--history') ;;
    'kmseal delete-key') commands=() options=('--key-id' '--pending-window-in-days' '-y' '--yes' '--cancel') ;;
    'kmseal alias-key') commands=() options=('--key-id' '--move' '--delete') ;;
    'kmseal import-key-material') commands=() options=('--key-id' '--key-material' '--generate' '--key-material-out' '--expires-at' '--import-type' '--wrapping-algorithm' '--wrapping-key-spec' '--parameters-out' '--wrap' '--fingerprint' '--import' '--delete' '-y' '--yes') ;;
    'kmseal replicate-key') commands=() options=('--key-id' '--replica-region' '--description' '--alias' '--tag' '--policy') ;;
    'kmseal public-key') commands=() options=('--key-id' '--encryption-algorithm' '--format' '-o' '--output') ;;
    'kmseal sign') commands=() options=('--key-id' '--signing-algorithm' '--message-type' '-o' '--output' '--encoding') ;;
    'kmseal verify') commands=() options=('--key-id' '--public-key' '--signature' '--signing-algorithm' '--message-type') ;;
    'kmseal mac') commands=() options=('--key-id' '--mac-algorithm' '-o' '--output' '--encoding') ;;
    'kmseal verify-mac') commands=() options=('--key-id' '--mac' '--mac-algorithm') ;;
    'kmseal key-policy') commands=('get' 'put' 'lint' 'help') options=() ;;
    'kmseal key-policy get') commands=() options=('--key-id') ;;
    'kmseal key-policy put') commands=() options=('--key-id' '--dry-run' '--exit-code' '-y' '--yes') ;;
    'kmseal key-policy lint') commands=() options=('--key-id') ;;
    'kmseal key-policy help') commands=() options=() ;;
    'kmseal share-key') commands=() options=('--key-id' '--principal' '--can' '--encryption-context' '--via-service' '--key-policy' '--iam' '--apply' '--revoke' '--dry-run' '-y' '--yes') ;;
    'kmseal share-snapshot-policy') commands=() options=('--target-account' '--target-role' '--target-principal' '--key-id' '--service' '--full' '--iam' '--plan' '--snapshot-id' '--target-key-id' '--apply' '--revoke' '--dry-run' '-y' '--yes' '--verify' '--iam-policy') ;;
    'kmseal explain-access') commands=() options=('--key-id' '--principal' '--action' '--via-service' '--encryption-context' '--iam-policy' '--no-iam-policy' '--policy' '--no-grants') ;;
    'kmseal audit') commands=() options=('--key-id' '--principal' '--operation' '--start-time' '--end-time' '--summary' '--max-items') ;;
    'kmseal mock') commands=('status' 'reset' 'serve' 'env' 'seed' 'set-principal' 'set-iam-policy' 'help') options=() ;;
    'kmseal mock status') commands=() options=('--state' '--check') ;;
    'kmseal mock reset') commands=() options=('--yes' '--state') ;;
    'kmseal mock serve') commands=() options=('--port' '--host' '--state' '--ephemeral' '--seed') ;;
    'kmseal mock env') commands=() options=('--port' '--host' '--access-key-id') ;;
    'kmseal mock seed') commands=() options=('--state') ;;
    'kmseal mock set-principal') commands=() options=('--state') ;;
    'kmseal mock set-iam-policy') commands=() options=('--remove' '--state') ;;
    'kmseal mock help') commands=() options=() ;;
    'kmseal config') commands=('show' 'trust' 'schema' 'help') options=() ;;
    'kmseal config show') commands=() options=('--file' '--parameter') ;;
    'kmseal config trust') commands=() options=('--revoke' '-y' '--yes') ;;
    'kmseal config schema') commands=() options=() ;;
    'kmseal config help') commands=() options=() ;;
    'kmseal doctor') commands=() options=('--key-id' '--parameter') ;;
    'kmseal completion') commands=() options=() ;;
    'kmseal help') commands=() options=() ;;
  esac
}

# Sets kind and words: the value that an option takes, or an argument by its number, after the commands in $1.
_kmseal_value() {
  kind='' words=()
  case $1 in
    'kmseal encrypt --key-id') kind='key' ;;
    'kmseal encrypt --public-key') kind='file' ;;
    'kmseal encrypt --fingerprint') kind='any' ;;
    'kmseal encrypt --encryption-context') kind='any' ;;
    'kmseal encrypt --mode') kind='words' words=('auto' 'direct' 'envelope') ;;
    'kmseal encrypt --frame-length') kind='any' ;;
    'kmseal encrypt --encryption-algorithm') kind='words' words=('SYMMETRIC_DEFAULT' 'RSAES_OAEP_SHA_1' 'RSAES_OAEP_SHA_256') ;;
    'kmseal encrypt -o' | 'kmseal encrypt --output') kind='file' ;;
    'kmseal encrypt --encoding') kind='words' words=('base64' 'raw' 'hex') ;;
    'kmseal encrypt --include') kind='any' ;;
    'kmseal encrypt --exclude') kind='any' ;;
    'kmseal encrypt --jobs') kind='any' ;;
    'kmseal encrypt --out-dir') kind='directory' ;;
    'kmseal encrypt --suffix') kind='any' ;;
    'kmseal encrypt --cache-max-age') kind='any' ;;
    'kmseal encrypt --cache-max-bytes') kind='any' ;;
    'kmseal encrypt --cache-max-messages') kind='any' ;;
    'kmseal encrypt #'*) kind='file' ;;
    'kmseal decrypt --ciphertext') kind='any' ;;
    'kmseal decrypt --key-id') kind='key' ;;
    'kmseal decrypt --encryption-context') kind='any' ;;
    'kmseal decrypt --require-context') kind='any' ;;
    'kmseal decrypt --encryption-algorithm') kind='words' words=('SYMMETRIC_DEFAULT' 'RSAES_OAEP_SHA_1' 'RSAES_OAEP_SHA_256') ;;
    'kmseal decrypt --account') kind='any' ;;
    'kmseal decrypt --max-encrypted-data-keys') kind='any' ;;
    'kmseal decrypt --max-frame-length') kind='any' ;;
    'kmseal decrypt -o' | 'kmseal decrypt --output') kind='file' ;;
    'kmseal decrypt --encoding') kind='words' words=('raw' 'base64' 'hex') ;;
    'kmseal decrypt --include') kind='any' ;;
    'kmseal decrypt --exclude') kind='any' ;;
    'kmseal decrypt --jobs') kind='any' ;;
    'kmseal decrypt --out-dir') kind='directory' ;;
    'kmseal decrypt --suffix') kind='any' ;;
    'kmseal decrypt --cache-max-age') kind='any' ;;
    'kmseal decrypt #'*) kind='file' ;;
    'kmseal reencrypt --source-key-id') kind='key' ;;
    'kmseal reencrypt --account') kind='any' ;;
    'kmseal reencrypt --destination-key-id') kind='key' ;;
    'kmseal reencrypt --public-key') kind='file' ;;
    'kmseal reencrypt --fingerprint') kind='any' ;;
    'kmseal reencrypt --source-encryption-context') kind='any' ;;
    'kmseal reencrypt --destination-encryption-context') kind='any' ;;
    'kmseal reencrypt --require-context') kind='any' ;;
    'kmseal reencrypt --max-encrypted-data-keys') kind='any' ;;
    'kmseal reencrypt --max-frame-length') kind='any' ;;
    'kmseal reencrypt --frame-length') kind='any' ;;
    'kmseal reencrypt --include') kind='any' ;;
    'kmseal reencrypt --exclude') kind='any' ;;
    'kmseal reencrypt --jobs') kind='any' ;;
    'kmseal reencrypt #'*) kind='file' ;;
    'kmseal verify-file --key-id') kind='key' ;;
    'kmseal verify-file --encryption-context') kind='any' ;;
    'kmseal verify-file --require-context') kind='any' ;;
    'kmseal verify-file --encryption-algorithm') kind='words' words=('SYMMETRIC_DEFAULT' 'RSAES_OAEP_SHA_1' 'RSAES_OAEP_SHA_256') ;;
    'kmseal verify-file --account') kind='any' ;;
    'kmseal verify-file --max-encrypted-data-keys') kind='any' ;;
    'kmseal verify-file --max-frame-length') kind='any' ;;
    'kmseal verify-file --include') kind='any' ;;
    'kmseal verify-file --exclude') kind='any' ;;
    'kmseal verify-file --jobs') kind='any' ;;
    'kmseal verify-file #'*) kind='file' ;;
    'kmseal inspect --include') kind='any' ;;
    'kmseal inspect --exclude') kind='any' ;;
    'kmseal inspect #'*) kind='file' ;;
    'kmseal edit --key-id') kind='key' ;;
    'kmseal edit --account') kind='any' ;;
    'kmseal edit --encryption-context') kind='any' ;;
    'kmseal edit --temp-dir') kind='directory' ;;
    'kmseal edit #0') kind='file' ;;
    'kmseal datakey --key-id') kind='key' ;;
    'kmseal datakey --key-spec') kind='words' words=('AES_256' 'AES_128') ;;
    'kmseal datakey --number-of-bytes') kind='any' ;;
    'kmseal datakey --encryption-context') kind='any' ;;
    'kmseal datakey --plaintext-out') kind='file' ;;
    'kmseal datakey -o' | 'kmseal datakey --output') kind='file' ;;
    'kmseal datakey --encoding') kind='words' words=('base64' 'raw' 'hex') ;;
    'kmseal random --number-of-bytes') kind='any' ;;
    'kmseal random -o' | 'kmseal random --output') kind='file' ;;
    'kmseal random --encoding') kind='words' words=('base64' 'raw' 'hex') ;;
    'kmseal put-param --value') kind='any' ;;
    'kmseal put-param --value-file') kind='file' ;;
    'kmseal put-param --type') kind='words' words=('String' 'StringList' 'SecureString') ;;
    'kmseal put-param --key-id') kind='key' ;;
    'kmseal put-param --description') kind='any' ;;
    'kmseal put-param --tier') kind='words' words=('Standard' 'Advanced' 'Intelligent-Tiering') ;;
    'kmseal put-param --tag') kind='any' ;;
    'kmseal put-param --allowed-pattern') kind='any' ;;
    'kmseal put-param --data-type') kind='words' words=('text' 'aws:ec2:image' 'aws:ssm:integration') ;;
    'kmseal put-param --encryption-context') kind='any' ;;
    'kmseal put-param #0') kind='parameter' ;;
    'kmseal get-param --key-id') kind='key' ;;
    'kmseal get-param --encryption-context') kind='any' ;;
    'kmseal get-param -o' | 'kmseal get-param --output') kind='file' ;;
    'kmseal get-param --encoding') kind='words' words=('raw' 'base64' 'hex') ;;
    'kmseal get-param #'*) kind='parameter' ;;
    'kmseal list-params #0') kind='path' ;;
    'kmseal param-history #0') kind='parameter' ;;
    'kmseal label-param --version') kind='any' ;;
    'kmseal label-param #0') kind='parameter' ;;
    'kmseal label-param #'*) kind='any' ;;
    'kmseal tag-param --tag') kind='any' ;;
    'kmseal tag-param --remove-tag') kind='any' ;;
    'kmseal tag-param #0') kind='parameter' ;;
    'kmseal copy-param --to-region') kind='any' ;;
    'kmseal copy-param --to-profile') kind='any' ;;
    'kmseal copy-param --to-backend') kind='words' words=('aws' 'mock') ;;
    'kmseal copy-param --to-endpoint-url') kind='any' ;;
    'kmseal copy-param --type') kind='words' words=('String' 'StringList' 'SecureString') ;;
    'kmseal copy-param --key-id') kind='key' ;;
    'kmseal copy-param --tier') kind='words' words=('Standard' 'Advanced' 'Intelligent-Tiering') ;;
    'kmseal copy-param #0') kind='parameter' ;;
    'kmseal copy-param #1') kind='parameter' ;;
    'kmseal rollback-param --to') kind='words' words=('version' 'label') ;;
    'kmseal rollback-param #0') kind='parameter' ;;
    'kmseal delete-param #'*) kind='parameter' ;;
    'kmseal import-params --prefix') kind='path' ;;
    'kmseal import-params --format') kind='words' words=('dotenv' 'json' 'yaml') ;;
    'kmseal import-params --type') kind='words' words=('String' 'StringList' 'SecureString') ;;
    'kmseal import-params --key-id') kind='key' ;;
    'kmseal import-params --tier') kind='words' words=('Standard' 'Advanced' 'Intelligent-Tiering') ;;
    'kmseal import-params #0') kind='file' ;;
    'kmseal export-params --format') kind='words' words=('dotenv' 'shell' 'fish' 'json' 'yaml' 'docker' 'github-env' 'k8s-secret') ;;
    'kmseal export-params --prefix') kind='any' ;;
    'kmseal export-params --allow') kind='any' ;;
    'kmseal export-params --name') kind='any' ;;
    'kmseal export-params --namespace') kind='any' ;;
    'kmseal export-params --key-id') kind='key' ;;
    'kmseal export-params --encryption-context') kind='any' ;;
    'kmseal export-params -o' | 'kmseal export-params --output') kind='file' ;;
    'kmseal export-params #'*) kind='path' ;;
    'kmseal exec --param') kind='any' ;;
    'kmseal exec --file') kind='any' ;;
    'kmseal exec --env-file') kind='file' ;;
    'kmseal exec --key-id') kind='key' ;;
    'kmseal exec --encryption-context') kind='any' ;;
    'kmseal exec --prefix') kind='any' ;;
    'kmseal exec --allow') kind='any' ;;
    'kmseal exec --require') kind='any' ;;
    'kmseal exec --temp-dir') kind='directory' ;;
    'kmseal exec #'*) kind='path' ;;
    'kmseal create-key --key-spec') kind='words' words=('SYMMETRIC_DEFAULT' 'RSA_2048' 'RSA_3072' 'RSA_4096' 'ECC_NIST_P256' 'ECC_NIST_P384' 'ECC_NIST_P521' 'ECC_NIST_EDWARDS25519' 'ECC_SECG_P256K1' 'HMAC_224' 'HMAC_256' 'HMAC_384' 'HMAC_512') ;;
    'kmseal create-key --key-usage') kind='words' words=('ENCRYPT_DECRYPT' 'SIGN_VERIFY' 'GENERATE_VERIFY_MAC' 'KEY_AGREEMENT') ;;
    'kmseal create-key --origin') kind='words' words=('AWS_KMS' 'EXTERNAL') ;;
    'kmseal create-key --description') kind='any' ;;
    'kmseal create-key --alias') kind='any' ;;
    'kmseal create-key --tag') kind='any' ;;
    'kmseal create-key --admin') kind='any' ;;
    'kmseal create-key --user') kind='any' ;;
    'kmseal create-key --policy') kind='file' ;;
    'kmseal list-keys --key-manager') kind='words' words=('AWS' 'CUSTOMER') ;;
    'kmseal list-keys --key-state') kind='words' words=('Creating' 'Disabled' 'Enabled' 'PendingDeletion' 'PendingImport' 'PendingReplicaDeletion' 'Unavailable' 'Updating') ;;
    'kmseal list-keys --key-spec') kind='words' words=('ECC_NIST_EDWARDS25519' 'ECC_NIST_P256' 'ECC_NIST_P384' 'ECC_NIST_P521' 'ECC_SECG_P256K1' 'HMAC_224' 'HMAC_256' 'HMAC_384' 'HMAC_512' 'ML_DSA_44' 'ML_DSA_65' 'ML_DSA_87' 'ML_KEM_1024' 'ML_KEM_512' 'ML_KEM_768' 'RSA_2048' 'RSA_3072' 'RSA_4096' 'SM2' 'SYMMETRIC_DEFAULT') ;;
    'kmseal list-keys --key-usage') kind='words' words=('ENCAPSULATE_DECAPSULATE' 'ENCRYPT_DECRYPT' 'GENERATE_VERIFY_MAC' 'KEY_AGREEMENT' 'SIGN_VERIFY') ;;
    'kmseal list-keys --origin') kind='words' words=('AWS_CLOUDHSM' 'AWS_KMS' 'EXTERNAL' 'EXTERNAL_KEY_STORE') ;;
    'kmseal describe-key --key-id') kind='key' ;;
    'kmseal describe-key #0') kind='key' ;;
    'kmseal enable-key --key-id') kind='key' ;;
    'kmseal disable-key --key-id') kind='key' ;;
    'kmseal rotate-key --key-id') kind='key' ;;
    'kmseal rotate-key --every') kind='any' ;;
    'kmseal delete-key --key-id') kind='key' ;;
    'kmseal delete-key --pending-window-in-days') kind='any' ;;
    'kmseal alias-key --key-id') kind='key' ;;
    'kmseal alias-key #0') kind='key' ;;
    'kmseal import-key-material --key-id') kind='key' ;;
    'kmseal import-key-material --key-material') kind='file' ;;
    'kmseal import-key-material --key-material-out') kind='file' ;;
    'kmseal import-key-material --expires-at') kind='any' ;;
    'kmseal import-key-material --import-type') kind='words' words=('NEW_KEY_MATERIAL' 'EXISTING_KEY_MATERIAL') ;;
    'kmseal import-key-material --wrapping-algorithm') kind='words' words=('RSAES_OAEP_SHA_256' 'RSAES_OAEP_SHA_1' 'RSA_AES_KEY_WRAP_SHA_256' 'RSA_AES_KEY_WRAP_SHA_1') ;;
    'kmseal import-key-material --wrapping-key-spec') kind='words' words=('RSA_4096' 'RSA_3072' 'RSA_2048') ;;
    'kmseal import-key-material --parameters-out') kind='directory' ;;
    'kmseal import-key-material --wrap') kind='directory' ;;
    'kmseal import-key-material --fingerprint') kind='any' ;;
    'kmseal import-key-material --import') kind='directory' ;;
    'kmseal replicate-key --key-id') kind='key' ;;
    'kmseal replicate-key --replica-region') kind='any' ;;
    'kmseal replicate-key --description') kind='any' ;;
    'kmseal replicate-key --alias') kind='any' ;;
    'kmseal replicate-key --tag') kind='any' ;;
    'kmseal replicate-key --policy') kind='file' ;;
    'kmseal public-key --key-id') kind='key' ;;
    'kmseal public-key --encryption-algorithm') kind='words' words=('RSAES_OAEP_SHA_256' 'RSAES_OAEP_SHA_1') ;;
    'kmseal public-key --format') kind='words' words=('pem' 'der') ;;
    'kmseal public-key -o' | 'kmseal public-key --output') kind='file' ;;
    'kmseal sign --key-id') kind='key' ;;
    'kmseal sign --signing-algorithm') kind='words' words=('RSASSA_PSS_SHA_512' 'RSASSA_PSS_SHA_384' 'RSASSA_PSS_SHA_256' 'RSASSA_PKCS1_V1_5_SHA_512' 'RSASSA_PKCS1_V1_5_SHA_384' 'RSASSA_PKCS1_V1_5_SHA_256' 'ECDSA_SHA_256' 'ECDSA_SHA_384' 'ECDSA_SHA_512' 'ED25519_SHA_512' 'ED25519_PH_SHA_512') ;;
    'kmseal sign --message-type') kind='words' words=('RAW' 'DIGEST') ;;
    'kmseal sign -o' | 'kmseal sign --output') kind='file' ;;
    'kmseal sign --encoding') kind='words' words=('base64' 'raw' 'hex') ;;
    'kmseal sign #0') kind='file' ;;
    'kmseal verify --key-id') kind='key' ;;
    'kmseal verify --public-key') kind='file' ;;
    'kmseal verify --signature') kind='file' ;;
    'kmseal verify --signing-algorithm') kind='words' words=('RSASSA_PSS_SHA_512' 'RSASSA_PSS_SHA_384' 'RSASSA_PSS_SHA_256' 'RSASSA_PKCS1_V1_5_SHA_512' 'RSASSA_PKCS1_V1_5_SHA_384' 'RSASSA_PKCS1_V1_5_SHA_256' 'ECDSA_SHA_256' 'ECDSA_SHA_384' 'ECDSA_SHA_512' 'ED25519_SHA_512' 'ED25519_PH_SHA_512') ;;
    'kmseal verify --message-type') kind='words' words=('RAW' 'DIGEST') ;;
    'kmseal verify #0') kind='file' ;;
    'kmseal mac --key-id') kind='key' ;;
    'kmseal mac --mac-algorithm') kind='words' words=('HMAC_SHA_224' 'HMAC_SHA_256' 'HMAC_SHA_384' 'HMAC_SHA_512') ;;
    'kmseal mac -o' | 'kmseal mac --output') kind='file' ;;
    'kmseal mac --encoding') kind='words' words=('base64' 'raw' 'hex') ;;
    'kmseal mac #0') kind='file' ;;
    'kmseal verify-mac --key-id') kind='key' ;;
    'kmseal verify-mac --mac') kind='file' ;;
    'kmseal verify-mac --mac-algorithm') kind='words' words=('HMAC_SHA_224' 'HMAC_SHA_256' 'HMAC_SHA_384' 'HMAC_SHA_512') ;;
    'kmseal verify-mac #0') kind='file' ;;
    'kmseal key-policy get --key-id') kind='key' ;;
    'kmseal key-policy put --key-id') kind='key' ;;
    'kmseal key-policy put #0') kind='file' ;;
    'kmseal key-policy lint --key-id') kind='key' ;;
    'kmseal key-policy lint #0') kind='file' ;;
    'kmseal key-policy help #0') kind='words' words=('get' 'put' 'lint') ;;
    'kmseal share-key --key-id') kind='key' ;;
    'kmseal share-key --principal') kind='any' ;;
    'kmseal share-key --can') kind='words' words=('encrypt' 'decrypt' 'sign' 'verify' 'generate-mac' 'verify-mac' 'derive' 'view' 'grant' 'administer') ;;
    'kmseal share-key --encryption-context') kind='any' ;;
    'kmseal share-key --via-service') kind='any' ;;
    'kmseal share-snapshot-policy --target-account') kind='any' ;;
    'kmseal share-snapshot-policy --target-role') kind='any' ;;
    'kmseal share-snapshot-policy --target-principal') kind='any' ;;
    'kmseal share-snapshot-policy --key-id') kind='key' ;;
    'kmseal share-snapshot-policy --service') kind='words' words=('ec2' 'rds') ;;
    'kmseal share-snapshot-policy --snapshot-id') kind='any' ;;
    'kmseal share-snapshot-policy --target-key-id') kind='key' ;;
    'kmseal share-snapshot-policy --iam-policy') kind='file' ;;
    'kmseal explain-access --key-id') kind='key' ;;
    'kmseal explain-access --principal') kind='any' ;;
    'kmseal explain-access --action') kind='any' ;;
    'kmseal explain-access --via-service') kind='any' ;;
    'kmseal explain-access --encryption-context') kind='any' ;;
    'kmseal explain-access --iam-policy') kind='file' ;;
    'kmseal explain-access --policy') kind='file' ;;
    'kmseal audit --key-id') kind='key' ;;
    'kmseal audit --principal') kind='any' ;;
    'kmseal audit --operation') kind='any' ;;
    'kmseal audit --start-time') kind='any' ;;
    'kmseal audit --end-time') kind='any' ;;
    'kmseal audit --max-items') kind='any' ;;
    'kmseal mock status --state') kind='directory' ;;
    'kmseal mock reset --state') kind='directory' ;;
    'kmseal mock serve --port') kind='any' ;;
    'kmseal mock serve --host') kind='any' ;;
    'kmseal mock serve --state') kind='directory' ;;
    'kmseal mock serve --seed') kind='file' ;;
    'kmseal mock env --port') kind='any' ;;
    'kmseal mock env --host') kind='any' ;;
    'kmseal mock env --access-key-id') kind='any' ;;
    'kmseal mock seed --state') kind='directory' ;;
    'kmseal mock seed #0') kind='file' ;;
    'kmseal mock set-principal --state') kind='directory' ;;
    'kmseal mock set-principal #0') kind='any' ;;
    'kmseal mock set-principal #1') kind='any' ;;
    'kmseal mock set-iam-policy --state') kind='directory' ;;
    'kmseal mock set-iam-policy #0') kind='any' ;;
    'kmseal mock set-iam-policy #1') kind='file' ;;
    'kmseal mock help #0') kind='words' words=('status' 'reset' 'serve' 'env' 'seed' 'set-principal' 'set-iam-policy') ;;
    'kmseal config show --file') kind='path' ;;
    'kmseal config show --parameter') kind='parameter' ;;
    'kmseal config trust #0') kind='file' ;;
    'kmseal config help #0') kind='words' words=('show' 'trust' 'schema') ;;
    'kmseal doctor --key-id') kind='key' ;;
    'kmseal doctor --parameter') kind='parameter' ;;
    'kmseal completion #0') kind='words' words=('bash' 'zsh' 'fish') ;;
    'kmseal help #0') kind='words' words=('exit-codes' 'formats' 'environment' 'security' 'iam' 'encryption' 'encrypt' 'decrypt' 'reencrypt' 'verify-file' 'inspect' 'edit' 'datakey' 'random' 'put-param' 'get-param' 'list-params' 'param-history' 'label-param' 'tag-param' 'copy-param' 'rollback-param' 'delete-param' 'import-params' 'export-params' 'exec' 'create-key' 'list-keys' 'describe-key' 'enable-key' 'disable-key' 'rotate-key' 'delete-key' 'alias-key' 'import-key-material' 'replicate-key' 'public-key' 'sign' 'verify' 'mac' 'verify-mac' 'key-policy' 'share-key' 'share-snapshot-policy' 'explain-access' 'audit' 'mock' 'config' 'doctor' 'completion' 'help') ;;
    'kmseal help #'*) kind='any' ;;
    *' --backend') kind='words' words=('aws' 'mock') ;;
    *' --region') kind='any' ;;
    *' --profile') kind='any' ;;
    *' --endpoint-url') kind='any' ;;
    *' --config') kind='file' ;;
    *' --env') kind='any' ;;
  esac
}

# Sets typed, the whole words up to the cursor, and piece, the part of the last one that bash will replace:
# bash cuts words at the characters of COMP_WORDBREAKS, such as the colons of an ARN.
_kmseal_typed() {
  local rest=${COMP_LINE:0:COMP_POINT} word gap last='' i
  typed=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=${rest%%[![:space:]]*}
    rest=${rest#"$gap"}
    word=${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then word=$rest; fi
    rest=${rest#"$word"}
    if [[ -n $last && -z $gap && ($word =~ ^[:=@]+$ || $last =~ ^[:=@]+$) ]]; then
      typed[${#typed[@]} - 1]+=$word
    else
      typed+=("$word")
    fi
    last=$word
  done
  piece=$last
  if [[ $piece =~ ^[:=@]+$ ]]; then piece=''; fi
}

# Offers the words after the first that continue what is typed; the first stands before each of them.
_kmseal_offer() {
  local before=$1 word
  shift
  for word; do
    word=$before$word
    if [[ $word == "$current"* ]]; then COMPREPLY+=("${word:${#current} - ${#piece}}"); fi
  done
}

# Offers files or directories: bash itself does it best, unless it cut the name at a colon.
_kmseal_offer_files() {
  local value=${current#"$1"} file
  if [[ $piece == "$value" ]] && compopt -o "$2" 2>/dev/null; then return; fi
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do _kmseal_offer "$1" "$file"; done < <(compgen "$3" -- "$value")
}

# Offers names that the program looks up: the one of PATH, whatever is called kmseal here.
_kmseal_offer_names() {
  local value=${current#"$1"} found
  while IFS= read -r found; do
    _kmseal_offer "$1" "$found"
  done < <(command kmseal __complete "$kind" "$value" "${typed[@]:1:${#typed[@]} - 2}" \
    </dev/null 2>/dev/null)
  for found in "${COMPREPLY[@]}"; do
    if [[ $found != */ ]]; then return; fi
  done
  compopt -o nospace 2>/dev/null
}

_kmseal_offer_value() {
  case $kind in
    key | parameter | path) _kmseal_offer_names "$1" ;;
    words) _kmseal_offer "$1" "${words[@]}" ;;
    file) _kmseal_offer_files "$1" default -f ;;
    directory) _kmseal_offer_files "$1" dirnames -d ;;
  esac
}

_kmseal() {
  local path='kmseal' current piece kind i word option='' ended='' count=0
  local -a commands options words typed
  COMPREPLY=()
  _kmseal_typed
  current=${typed[${#typed[@]} - 1]}
  # An opening quote is kept by bash itself.
  current=${current#[\"\']}
  piece=${piece#[\"\']}
  _kmseal_at "$path"
  for ((i = 1; i < ${#typed[@]} - 1; i++)); do
    word=${typed[i]}
    if [[ -n $option ]]; then
      option=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      _kmseal_value "$path $word"
      if [[ -n $kind ]]; then option=$word; fi
    elif ((${#commands[@]} > 0)); then
      path="$path $word"
      _kmseal_at "$path"
    else
      count=$((count + 1))
    fi
  done
  if [[ -n $option ]]; then
    _kmseal_value "$path $option"
    _kmseal_offer_value ''
  elif [[ -z $ended && $current == --*=* ]]; then
    _kmseal_value "$path ${current%%=*}"
    _kmseal_offer_value "${current%%=*}="
  elif [[ -z $ended && $current == -* ]]; then
    _kmseal_offer '' "${options[@]}" '--backend' '--region' '--profile' '--endpoint-url' '--allow-http' '--config' '--env' '--json' '-q' '--quiet' '--stats' '--no-color' '--debug' '-h' '--help'
  elif ((${#commands[@]} > 0)); then
    _kmseal_offer '' "${commands[@]}"
  else
    _kmseal_value "$path #$count"
    _kmseal_offer_value ''
  fi
}

complete -F _kmseal kmseal

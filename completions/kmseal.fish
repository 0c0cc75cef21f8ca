# fish completion for kmseal, printed by: kmseal completion fish

# Whether the commands on the line, up to the cursor, are those in $argv[1]; with next, also that no option
# waits for its value.
function __kmseal_at
    set -l at kmseal
    set -l option ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test -n "$option"
            set option ''
        else if string match -q -- '-?*' $word
            if contains -- "$at $word" $__kmseal_valued
                set option $word
            end
        else if contains -- $at $__kmseal_commands
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"; and test -z "$option" -o (count $argv) -eq 1
end

# Commands that have subcommands, and options that take a value.
set -g __kmseal_commands 'kmseal' 'kmseal mock'
set -g __kmseal_valued 'kmseal --backend' 'kmseal --region' 'kmseal --profile' 'kmseal --endpoint-url' 'kmseal encrypt --key-id' 'kmseal encrypt --encryption-context' 'kmseal encrypt --mode' 'kmseal encrypt --frame-length' 'kmseal encrypt --encryption-algorithm' 'kmseal encrypt -o' 'kmseal encrypt --output' 'kmseal encrypt --encoding' 'kmseal encrypt --backend' 'kmseal encrypt --region' 'kmseal encrypt --profile' 'kmseal encrypt --endpoint-url' 'kmseal decrypt --ciphertext' 'kmseal decrypt --key-id' 'kmseal decrypt --encryption-context' 'kmseal decrypt --encryption-algorithm' 'kmseal decrypt --account' 'kmseal decrypt --max-encrypted-data-keys' 'kmseal decrypt --max-frame-length' 'kmseal decrypt -o' 'kmseal decrypt --output' 'kmseal decrypt --encoding' 'kmseal decrypt --backend' 'kmseal decrypt --region' 'kmseal decrypt --profile' 'kmseal decrypt --endpoint-url' 'kmseal inspect --backend' 'kmseal inspect --region' 'kmseal inspect --profile' 'kmseal inspect --endpoint-url' 'kmseal datakey --key-id' 'kmseal datakey --key-spec' 'kmseal datakey --number-of-bytes' 'kmseal datakey --encryption-context' 'kmseal datakey --plaintext-out' 'kmseal datakey -o' 'kmseal datakey --output' 'kmseal datakey --encoding' 'kmseal datakey --backend' 'kmseal datakey --region' 'kmseal datakey --profile' 'kmseal datakey --endpoint-url' 'kmseal random --number-of-bytes' 'kmseal random -o' 'kmseal random --output' 'kmseal random --encoding' 'kmseal random --backend' 'kmseal random --region' 'kmseal random --profile' 'kmseal random --endpoint-url' 'kmseal put-param --value' 'kmseal put-param --value-file' 'kmseal put-param --type' 'kmseal put-param --key-id' 'kmseal put-param --description' 'kmseal put-param --tier' 'kmseal put-param --tag' 'kmseal put-param --allowed-pattern' 'kmseal put-param --data-type' 'kmseal put-param --encryption-context' 'kmseal put-param --backend' 'kmseal put-param --region' 'kmseal put-param --profile' 'kmseal put-param --endpoint-url' 'kmseal get-param --key-id' 'kmseal get-param --encryption-context' 'kmseal get-param -o' 'kmseal get-param --output' 'kmseal get-param --encoding' 'kmseal get-param --backend' 'kmseal get-param --region' 'kmseal get-param --profile' 'kmseal get-param --endpoint-url' 'kmseal list-params --backend' 'kmseal list-params --region' 'kmseal list-params --profile' 'kmseal list-params --endpoint-url' 'kmseal delete-param --backend' 'kmseal delete-param --region' 'kmseal delete-param --profile' 'kmseal delete-param --endpoint-url' 'kmseal create-key --key-spec' 'kmseal create-key --key-usage' 'kmseal create-key --description' 'kmseal create-key --alias' 'kmseal create-key --tag' 'kmseal create-key --policy' 'kmseal create-key --backend' 'kmseal create-key --region' 'kmseal create-key --profile' 'kmseal create-key --endpoint-url' 'kmseal list-keys --backend' 'kmseal list-keys --region' 'kmseal list-keys --profile' 'kmseal list-keys --endpoint-url' 'kmseal describe-key --backend' 'kmseal describe-key --region' 'kmseal describe-key --profile' 'kmseal describe-key --endpoint-url' 'kmseal alias-key --key-id' 'kmseal alias-key --backend' 'kmseal alias-key --region' 'kmseal alias-key --profile' 'kmseal alias-key --endpoint-url' 'kmseal share-snapshot-policy --target-account' 'kmseal share-snapshot-policy --target-role' 'kmseal share-snapshot-policy --target-principal' 'kmseal share-snapshot-policy --key-id' 'kmseal share-snapshot-policy --service' 'kmseal share-snapshot-policy --backend' 'kmseal share-snapshot-policy --region' 'kmseal share-snapshot-policy --profile' 'kmseal share-snapshot-policy --endpoint-url' 'kmseal mock --backend' 'kmseal mock --region' 'kmseal mock --profile' 'kmseal mock --endpoint-url' 'kmseal mock status --backend' 'kmseal mock status --region' 'kmseal mock status --profile' 'kmseal mock status --endpoint-url' 'kmseal mock reset --backend' 'kmseal mock reset --region' 'kmseal mock reset --profile' 'kmseal mock reset --endpoint-url' 'kmseal completion --backend' 'kmseal completion --region' 'kmseal completion --profile' 'kmseal completion --endpoint-url'

complete -c kmseal -f
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'encrypt' -d 'encrypt a secret or a file of any size'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'decrypt' -d 'decrypt what KMS or an AWS Encryption SDK encrypted'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'inspect' -d 'show what can be known of a ciphertext without a key'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'datakey' -d 'generate a data key, wrapped and, on request, plain'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'random' -d 'generate random bytes in KMS'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'put-param' -d 'store a parameter, as a SecureString unless told otherwise'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'get-param' -d 'print the value of parameters'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'list-params' -d 'list parameters without their values'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'delete-param' -d 'delete parameters'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'create-key' -d 'create a KMS key'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'list-keys' -d 'list KMS keys with their aliases'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'describe-key' -d 'show what KMS knows of a key'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'alias-key' -d 'give a key an alias, move it, or remove it'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'share-snapshot-policy' -d 'print the key policy statement that shares encrypted snapshots'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'mock' -d 'look at or empty the built-in mock of KMS and Parameter Store'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'completion' -d 'print the completion script of a shell'
complete -c kmseal -n '__kmseal_at \'kmseal\' next' -a 'help' -d 'show help for a command'
complete -c kmseal -n '__kmseal_at \'kmseal\'' -s V -l version -d 'print the version'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\' next' -F
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l key-id -r -f -d 'wrapping key: id, alias/NAME or ARN; repeat it for several (KMSEAL_KEY_ID)'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l encryption-context -r -f -d 'KEY=VALUE, or JSON; bound to the ciphertext, not secret'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l mode -r -f -a 'auto direct envelope' -d 'auto, direct (KMS itself, to 4096 bytes) or envelope (AWS Encryption SDK message)'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l sign -d 'envelope with an ECDSA signature'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l frame-length -r -f -d 'plaintext in a frame of an envelope (1MiB)'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l encryption-algorithm -r -f -a 'SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256' -d 'for direct mode under an RSA key'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -s o -l output -r -F -d 'write raw bytes to a file instead of base64 to standard output'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l encoding -r -f -a 'base64 raw hex' -d 'base64, raw or hex'
complete -c kmseal -n '__kmseal_at \'kmseal encrypt\'' -l trim -d 'drop exactly one final line end of the input'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\' next' -F
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l ciphertext -r -f -d 'the ciphertext itself, as base64 or hex'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l key-id -r -f -d 'accept only this wrapping key; repeat it for several'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l encryption-context -r -f -d 'KEY=VALUE, or JSON; pairs that it must have been encrypted with'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l encryption-algorithm -r -f -a 'SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256' -d 'for ciphertext of an RSA key'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l account -r -f -d 'without --key-id: accept keys of this account only; repeat it for several'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l max-encrypted-data-keys -r -f -d 'wrapped data keys that a message may carry (10)'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l max-frame-length -r -f -d 'bytes that a frame may claim (64MiB)'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l allow-legacy -d 'also read messages without key commitment'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l stream -d 'release each frame to standard output as it verifies, before the end of the message'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -s o -l output -r -F -d 'write the plaintext to a file'
complete -c kmseal -n '__kmseal_at \'kmseal decrypt\'' -l encoding -r -f -a 'raw base64 hex' -d 'raw, base64 or hex'
complete -c kmseal -n '__kmseal_at \'kmseal inspect\' next' -F
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l key-id -r -f -d 'wrapping key: id, alias/NAME or ARN (KMSEAL_KEY_ID)'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l key-spec -r -f -a 'AES_256 AES_128' -d 'AES_256 or AES_128 (AES_256)'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l number-of-bytes -r -f -d 'another length, from 1 to 1024'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l encryption-context -r -f -d 'KEY=VALUE, or JSON; bound to the wrapped key, not secret'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l plaintext-out -r -F -d 'write the plain data key, raw, to a file of mode 0600'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l with-plaintext -d 'print the plain data key too, as a second line'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -s o -l output -r -F -d 'write the wrapped data key, raw, to a file'
complete -c kmseal -n '__kmseal_at \'kmseal datakey\'' -l encoding -r -f -a 'base64 raw hex' -d 'base64, raw or hex'
complete -c kmseal -n '__kmseal_at \'kmseal random\'' -l number-of-bytes -r -f -d 'from 1 to 1024'
complete -c kmseal -n '__kmseal_at \'kmseal random\'' -s o -l output -r -F -d 'write raw bytes to a file instead of base64 to standard output'
complete -c kmseal -n '__kmseal_at \'kmseal random\'' -l encoding -r -f -a 'base64 raw hex' -d 'base64, raw or hex'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l value -r -f -d 'the value itself, taken as it is; other users of the machine can see it'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l value-file -r -F -d 'file with the value; standard input or a hidden prompt without one'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l trim -d 'drop exactly one final line end of the input'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l type -r -f -a 'String StringList SecureString' -d 'String, StringList, SecureString'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l key-id -r -f -d 'key of a SecureString: id, alias/NAME or ARN (KMSEAL_KEY_ID when new)'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l overwrite -d 'store a new version when the parameter exists; its type and key stay unless named'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l force-write -d 'with --overwrite: store a new version even when nothing changed'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l description -r -f -d 'what the parameter is for, not secret'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l tier -r -f -a 'Standard Advanced Intelligent-Tiering' -d 'Standard, Advanced, Intelligent-Tiering'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l tag -r -f -d 'tag the parameter (repeatable); its other tags stay'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l allowed-pattern -r -f -d 'what values must match from now on'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l data-type -r -f -a 'text aws:ec2:image aws:ssm:integration' -d 'text, aws:ec2:image, aws:ssm:integration'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l seal -d 'encrypt the value here first, so that Parameter Store never sees it'
complete -c kmseal -n '__kmseal_at \'kmseal put-param\'' -l encryption-context -r -f -d 'with --seal: KEY=VALUE, or JSON; not secret'
complete -c kmseal -n '__kmseal_at \'kmseal get-param\'' -l no-decryption -d 'leave SecureStrings encrypted, as base64'
complete -c kmseal -n '__kmseal_at \'kmseal get-param\'' -l open -d 'decrypt what put-param --seal encrypted'
complete -c kmseal -n '__kmseal_at \'kmseal get-param\'' -l key-id -r -f -d 'with --open: accept only this sealing key; repeat it for several'
complete -c kmseal -n '__kmseal_at \'kmseal get-param\'' -l encryption-context -r -f -d 'with --open: the pairs given to put-param'
complete -c kmseal -n '__kmseal_at \'kmseal get-param\'' -s o -l output -r -F -d 'write the value to a file of mode 0600'
complete -c kmseal -n '__kmseal_at \'kmseal get-param\'' -l encoding -r -f -a 'raw base64 hex' -d 'raw, base64 or hex'
complete -c kmseal -n '__kmseal_at \'kmseal list-params\' next' -F
complete -c kmseal -n '__kmseal_at \'kmseal list-params\'' -l one-level -d 'only direct children of the path'
complete -c kmseal -n '__kmseal_at \'kmseal delete-param\'' -l ignore-missing -d 'do not mind parameters that are not there'
complete -c kmseal -n '__kmseal_at \'kmseal create-key\'' -l key-spec -r -f -a 'SYMMETRIC_DEFAULT RSA_2048 RSA_3072 RSA_4096' -d 'SYMMETRIC_DEFAULT, RSA_2048, RSA_3072, RSA_4096'
complete -c kmseal -n '__kmseal_at \'kmseal create-key\'' -l key-usage -r -f -a 'ENCRYPT_DECRYPT SIGN_VERIFY' -d 'ENCRYPT_DECRYPT, SIGN_VERIFY'
complete -c kmseal -n '__kmseal_at \'kmseal create-key\'' -l description -r -f -d 'what the key is for'
complete -c kmseal -n '__kmseal_at \'kmseal create-key\'' -l alias -r -f -d 'give the key this alias too, as alias/NAME'
complete -c kmseal -n '__kmseal_at \'kmseal create-key\'' -l tag -r -f -d 'tag the key (repeatable)'
complete -c kmseal -n '__kmseal_at \'kmseal create-key\'' -l policy -r -F -d 'key policy as JSON, instead of the default one; - reads standard input'
complete -c kmseal -n '__kmseal_at \'kmseal alias-key\'' -l key-id -r -f -d 'the key that the alias shall name'
complete -c kmseal -n '__kmseal_at \'kmseal alias-key\'' -l move -d 'let an alias that exists name this key from now on'
complete -c kmseal -n '__kmseal_at \'kmseal alias-key\'' -l delete -d 'remove the alias; its key stays'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l target-account -r -f -d 'account that the snapshots are shared with'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l target-role -r -f -d 'role there, with its path if it has one; otherwise the whole account'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l target-principal -r -f -d 'any other principal there'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l key-id -r -f -d 'the key; its ARN also tells the Region, and --iam needs it'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l service -r -f -a 'ec2 rds' -d 'whose snapshots'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l full -d 'all statements that copying the snapshot needs'
complete -c kmseal -n '__kmseal_at \'kmseal share-snapshot-policy\'' -l iam -d 'the target account\'s half: an IAM policy for the principal'
complete -c kmseal -n '__kmseal_at \'kmseal mock\' next' -a 'status' -d 'show where the state is, and what it holds'
complete -c kmseal -n '__kmseal_at \'kmseal mock\' next' -a 'reset' -d 'remove every key, alias and parameter of the mock'
complete -c kmseal -n '__kmseal_at \'kmseal mock\' next' -a 'help' -d 'show help for a command'
complete -c kmseal -n '__kmseal_at \'kmseal mock reset\'' -l yes -d 'do not ask'
complete -c kmseal -n '__kmseal_at \'kmseal mock help\' next' -f -a 'status reset'
complete -c kmseal -n '__kmseal_at \'kmseal completion\' next' -f -a 'bash zsh fish'
complete -c kmseal -n '__kmseal_at \'kmseal help\' next' -f -a 'encrypt decrypt inspect datakey random put-param get-param list-params delete-param create-key list-keys describe-key alias-key share-snapshot-policy mock completion'
complete -c kmseal -l backend -r -f -a 'aws mock' -d 'aws, or mock to work offline (KMSEAL_BACKEND)'
complete -c kmseal -l region -r -f -d 'AWS Region (AWS_REGION)'
complete -c kmseal -l profile -r -f -d 'profile of the AWS configuration (AWS_PROFILE)'
complete -c kmseal -l endpoint-url -r -f -d 'where to send requests (AWS_ENDPOINT_URL)'
complete -c kmseal -l allow-http -d 'allow an endpoint without TLS off this machine'
complete -c kmseal -l json -d 'one JSON object instead of text'
complete -c kmseal -s q -l quiet -d 'no notes, errors only'
complete -c kmseal -l debug -d 'show where an error came from, without secrets'
complete -c kmseal -s h -l help -d 'show help'

/** Variables that load code into programs, or send them elsewhere. */

const prefixes = new RegExp(
  `^(?:${[
    // Loaders, settings of clients that carry credentials, and settings that name programs.
    ...[
      'LD',
      'DYLD',
      'AWS',
      'KMSEAL',
      'GIT',
      'BASH_FUNC',
      'NPM_CONFIG',
      'BUNDLE',
      'PIP',
      'CARGO',
      'GLIBC',
      'MALLOC',
    ],
    ...[
      'XDG',
      'JULIA',
      'OPENSSL',
      'COR',
      'CORECLR',
      'COMPLUS',
      'DOTNET',
      'ODBC',
      'GTK',
      'QT',
      'GST',
      'ZLE',
      'LUA',
    ],
    ...[
      'GUILE',
      'NIX',
      'GLIBCXX',
      'LIBGL',
      'MESA',
      'VK',
      'TF_CLI',
      'TF_PLUGIN',
      'GITHUB_ACTIONS',
      'RUNNER',
      'DENO',
    ],
  ].join('|')})_|^(?:PYTHON|RUBY|PERL|VIM|MAKE|LUA_INIT|KRB5|fish_)[A-Z0-9_]`,
  'i',
)
const words = new Set(
  [
    // Where programs, libraries and settings are looked for.
    'PATH HOME SHELL TMPDIR TMP TEMP CDPATH FPATH MANPATH CLASSPATH GCONV_PATH LOCPATH NLSPATH TERMINFO TERMCAP',
    'MODULE_PATH GEM_PATH GEM_HOME JAVA_HOME GOROOT GOPATH GOENV GOBIN GOPROXY GOFLAGS GOTOOLCHAIN GONOSUMDB GOSUMDB',
    // What shells run or split by.
    'IFS ENV BASH_ENV SHELLOPTS BASHOPTS PS0 PS1 PS2 PS3 PS4 PROMPT_COMMAND GLOBIGNORE ZDOTDIR EXINIT INPUTRC NULLCMD',
    'READNULLCMD FCEDIT HISTFILE EXECIGNORE OPTIND SHLVL FIGNORE MAIL MAILPATH',
    // Programs that other programs start.
    'EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE LESS SUDO_ASKPASS SSH_ASKPASS SUDO_EDITOR SYSTEMD_PAGER',
    'SYSTEMD_EDITOR RSYNC_RSH CVS_RSH PSQL_PAGER PSQL_EDITOR CC CXX LD AR RUSTC RUSTC_WRAPPER TAR_OPTIONS GZIP ZIPOPT',
    'TEXEDIT NOTMUCH_CONFIG MAILCAPS CLOUDSDK_PYTHON CLOUDSDK_CONFIG SVN_SSH SVN_EDITOR HGEDITOR HGRCPATH',
    // Settings files.
    'WGETRC CURLRC PSQLRC NETRC SCREENRC NPMRC PHPRC MYSQL_HOME PGSERVICEFILE PGSYSCONFDIR ODBCINI DOCKER_CONFIG',
    'TMUX_TMPDIR ANSIBLE_CONFIG ANSIBLE_LIBRARY ANSIBLE_ROLES_PATH ANSIBLE_COLLECTIONS_PATH KUBECONFIG BOTO_CONFIG',
    // Code that runtimes load first.
    'NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NODE_COMPILE_CACHE NODE_V8_COVERAGE NODE_REDIRECT_WARNINGS',
    'JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS JAVA_OPTS JVM_OPTS CATALINA_OPTS MAVEN_OPTS GRADLE_OPTS SBT_OPTS',
    'PHP_INI_SCAN_DIR R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER R_LIBS R_HOME ERL_AFLAGS ERL_FLAGS ERL_ZFLAGS',
    'ERL_LIBS ELIXIR_ERL_OPTIONS BUN_OPTIONS TS_NODE_PROJECT TS_NODE_COMPILER GUNICORN_CMD_ARGS UWSGI_OPTS LIBMYSQL_PLUGINS',
    'LIBMYSQL_PLUGIN_DIR MODULEPATH SQLITE_HISTORY OCAMLRUNPARAM GHCRTS',
    // Where connections go, and whom they trust.
    'HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED CURL_HOME CURL_CA_BUNDLE REQUESTS_CA_BUNDLE HOSTALIASES LOCALDOMAIN RES_OPTIONS',
    'SSLKEYLOGFILE DOCKER_HOST PGSSLROOTCERT PGHOSTADDR GRPC_DEFAULT_SSL_ROOTS_FILE_PATH UV_INDEX_URL UV_DEFAULT_INDEX',
  ]
    .join(' ')
    .split(' '),
)

/**
 * Whether a variable loads code into programs, or sends them elsewhere: who may store a parameter must not be able to
 * run code where it is read. Such a list cannot be complete; a prefix of one's own is.
 *
 * @see https://man7.org/linux/man-pages/man7/environ.7.html
 */
export function changesPrograms(variable: string): boolean {
  return prefixes.test(variable) || words.has(variable.toUpperCase())
}

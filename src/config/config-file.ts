/** What a configuration file says, once it was read. */

/** What is encrypted under, and with. */
export interface ConfigDefaults {
  readonly keyIds?: readonly string[]
  readonly encryptionContext?: Readonly<Record<string, string>>
}

/** Values of the top level, or of one environment. Absent ones are left to what is below. */
export interface ConfigLayer extends ConfigDefaults {
  /** The environment that it is; absent for the top level. */
  readonly environment: string | undefined
  readonly backend?: 'aws' | 'mock'
  readonly region?: string
  readonly profile?: string
  readonly endpointUrl?: string
  /** Bytes that a frame may claim, keys that a message may carry, and how long a data key serves. */
  readonly limits: ConfigLimits
  readonly rules: readonly ConfigRule[]
}

/** Limits, each in the unit of its option: seconds, bytes or a count. */
export interface ConfigLimits {
  readonly maxEncryptedDataKeys?: number
  readonly maxFrameLength?: number
  readonly cacheMaxAge?: number
  readonly cacheMaxBytes?: number
  readonly cacheMaxMessages?: number
}

/** Keys and context of some files or parameters. */
export interface ConfigRule extends ConfigDefaults {
  /** Globs of paths, relative to the folder of the file. */
  readonly files: readonly string[]
  /** Globs of names of parameters. */
  readonly parameters: readonly string[]
}

/** A whole file. */
export interface ConfigContent {
  readonly top: ConfigLayer
  readonly environments: ReadonlyMap<string, ConfigLayer>
}

/** A file that counts. */
export interface ConfigInUse {
  /** Absolute path. */
  readonly path: string
  /** The option or variable that names it; absent when it was found and is trusted. */
  readonly namedBy: string | undefined
  /** The environment that was chosen, and the option or variable that names it. */
  readonly environment: { readonly name: string; readonly by: string } | undefined
  /** Folder that the globs of files are relative to. */
  readonly folder: string
  /** What counts first stands first: the environment, when one is chosen, then the top level. */
  readonly layers: readonly ConfigLayer[]
}

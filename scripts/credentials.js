/** The entry of the credential chain's own bundle. */

export { defaultProvider } from '@aws-sdk/credential-provider-node'
export {
  createCredentialChain,
  fromEnv,
  fromIni,
  fromProcess,
  fromTokenFile,
} from '@aws-sdk/credential-providers'

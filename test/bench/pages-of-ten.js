/** `node test/bench/pages-of-ten.js URL PATH`: reads parameters page by page with the SDK, as programs usually do. */

import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm'

const [endpoint, Path] = process.argv.slice(2)
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
const ssm = new SSMClient({ endpoint, credentials, region: 'us-east-1' })
let NextToken
let count = 0
do {
  const page = await ssm.send(
    new GetParametersByPathCommand({ Path, Recursive: true, WithDecryption: true, NextToken }),
  )
  count += page.Parameters.length
  NextToken = page.NextToken
} while (NextToken)
console.log(count)

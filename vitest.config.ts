import { defineConfig } from 'vitest/config'

// KMSEAL_TEST_REPORT names a file for the counts, KMSEAL_TEST_DEEP chooses the long runs.
const report = process.env.KMSEAL_TEST_REPORT
const deep = process.env.KMSEAL_TEST_DEEP === '1'

export default defineConfig({
  test: {
    include: [deep ? 'test/**/*.deep.ts' : 'test/**/*.test.ts'],
    testTimeout: deep ? 900_000 : 60_000,
    hookTimeout: 60_000,
    // Most tests wait for processes; vitest itself would leave a core free. The long ones measure, alone.
    maxWorkers: deep ? 1 : '100%',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
})

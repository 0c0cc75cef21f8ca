/** `prepare` builds in a checkout; in an installed package there is no esbuild, and nothing to do. */

const esbuild = await import('esbuild').catch(() => undefined)
if (esbuild !== undefined) await import('./build.js')

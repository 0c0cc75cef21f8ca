/** Many requests at once, but not too many. */

/**
 * Maps items with at most `limit` calls in flight. Results keep the order of the items.
 *
 * After the first failure no further call is started; that failure is thrown once the running ones ended.
 */
export async function boundedMap<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length)
  let next = 0
  let failure: { readonly error: unknown } | undefined
  const work = async (): Promise<void> => {
    while (failure === undefined && next < items.length) {
      const index = next++
      try {
        results[index] = await map(items[index] as Item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work))
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error
  return results
}

/** The `count` lowest slots from `from` on that are not `live`. */
export function freePlaces(live: ReadonlySet<number>, from: number, count: number): number[] {
  const places: number[] = []
  for (let slot = from; places.length < count; slot++) if (!live.has(slot)) places.push(slot)
  return places
}

/**
 * Share of the jobs that have to wait, where `workers` serve `load` (arrivals a second times seconds of service): Erlang's C formula, for
 * arrivals that know nothing of each other and times of service that are distributed exponentially. 1 where the load is too much.
 * Source: A. K. Erlang, 1917.
 */
export function waiting(workers: number, load: number): number {
  if (load >= workers) return 1
  // Erlang's B by its recursion: no power or factorial overflows.
  let lost = 1
  for (let k = 1; k <= workers; k++) lost = (load * lost) / (k + load * lost)
  return lost / (1 - (load / workers) * (1 - lost))
}

/** Share of the jobs that wait longer than so many seconds. */
export function waitingLonger(workers: number, load: number, service: number, seconds: number): number {
  if (load >= workers) return 1
  return waiting(workers, load) * Math.exp((-(workers - load) * seconds) / service)
}

/** What is promised: so large a share begins within so many seconds. */
export interface Promised {
  readonly share: number
  readonly seconds: number
}

/** The fewest workers that keep the promise. */
export function workersFor(load: number, service: number, { share, seconds }: Promised): number {
  let workers = Math.max(1, Math.floor(load) + 1)
  while (waitingLonger(workers, load, service, seconds) > 1 - share) workers++
  return workers
}

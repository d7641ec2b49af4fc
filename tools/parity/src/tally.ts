import type { SetResult } from './result.js'

/** What tolerances are multiplied by: other devices than the CPU compute with less precision. */
let slack = 1
export function setSlack(factor: number): void {
  slack = factor
}

/** Collects the cases of one set. */
export class Tally {
  private cases = 0
  private passed = 0
  private worst = 0
  private readonly failures: string[] = []

  constructor(
    private readonly set: string,
    private readonly tolerance: number,
  ) {}

  /** One case with the error of each thing compared, and what it may be. */
  add(id: string, errors: Readonly<Record<string, readonly [error: number, limit: number]>>): void {
    this.cases++
    for (const [error] of Object.values(errors)) this.worst = Math.max(this.worst, error)
    const bad = Object.entries(errors).filter(([, [error, limit]]) => !(error <= limit * slack))
    if (bad.length === 0) this.passed++
    else
      this.failures.push(
        `${id}: ${bad.map(([name, [error, limit]]) => `${name} off by ${error} (limit ${limit})`).join(', ')}`,
      )
  }

  /** One case that cannot be measured in numbers. */
  check(id: string, problem: string | undefined): void {
    this.cases++
    if (problem === undefined) this.passed++
    else {
      this.worst = Math.max(this.worst, 1)
      this.failures.push(`${id}: ${problem}`)
    }
  }

  result(): SetResult {
    const { set, cases, passed, worst, tolerance, failures } = this
    return { set, cases, passed, worst, tolerance: tolerance * slack, failures }
  }
}

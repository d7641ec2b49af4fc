/** Names of schedulers on the command line. */
export const schedulerNames = [
  'ddpm',
  'ddim',
  'pndm',
  'lms',
  'euler',
  'euler-ancestral',
  'heun',
  'dpm-solver++',
  'dpmpp-2s',
  'dpmpp-sde',
  'unipc',
  'lcm',
  'tcd',
] as const

export type SchedulerName = (typeof schedulerNames)[number]

export const isSchedulerName = (name: string): name is SchedulerName => schedulerNames.some(known => known === name)

/** What other painters call them, and diffusers' classes. */
const otherNames: Readonly<Record<string, SchedulerName>> = {
  plms: 'pndm',
  k_lms: 'lms',
  'euler-a': 'euler-ancestral',
  euler_a: 'euler-ancestral',
  'dpmpp-2m': 'dpm-solver++',
  dpmpp: 'dpm-solver++',
  'dpm++': 'dpm-solver++',
  'dpm++-2m': 'dpm-solver++',
  'dpm-solver': 'dpm-solver++',
  'dpm++-2s': 'dpmpp-2s',
  'dpm++-sde': 'dpmpp-sde',
  'dpmpp-2m-sde': 'dpmpp-sde',
  'dpm++-2m-sde': 'dpmpp-sde',
  'uni-pc': 'unipc',
  ddpmscheduler: 'ddpm',
  ddimscheduler: 'ddim',
  pndmscheduler: 'pndm',
  lmsdiscretescheduler: 'lms',
  eulerdiscretescheduler: 'euler',
  eulerancestraldiscretescheduler: 'euler-ancestral',
  heundiscretescheduler: 'heun',
  dpmsolvermultistepscheduler: 'dpm-solver++',
  dpmsolversinglestepscheduler: 'dpmpp-2s',
  unipcmultistepscheduler: 'unipc',
  lcmscheduler: 'lcm',
  tcdscheduler: 'tcd',
}

/** A scheduler's name from any of those it goes by. */
export function schedulerNamed(given: string): SchedulerName | undefined {
  const name = given.toLowerCase()
  return isSchedulerName(name) ? name : Object.hasOwn(otherNames, name) ? otherNames[name] : undefined
}

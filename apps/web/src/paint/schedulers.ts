/** Shown where the engine does not say which it has: those of @viscpm/unet-sampler. */
export const knownSchedulers: readonly string[] = [
  'DDPMScheduler',
  'DDIMScheduler',
  'PNDMScheduler',
  'DPMSolverMultistepScheduler',
  'DPMSolverSinglestepScheduler',
  'UniPCMultistepScheduler',
  'EulerDiscreteScheduler',
  'EulerAncestralDiscreteScheduler',
  'HeunDiscreteScheduler',
  'LMSDiscreteScheduler',
  'LCMScheduler',
  'TCDScheduler',
]

const names: Readonly<Record<string, string>> = {
  DPMSolverMultistepScheduler: 'DPM-Solver++ multistep',
  DPMSolverSinglestepScheduler: 'DPM-Solver++ singlestep',
  UniPCMultistepScheduler: 'UniPC',
  EulerDiscreteScheduler: 'Euler',
  EulerAncestralDiscreteScheduler: 'Euler ancestral',
  HeunDiscreteScheduler: 'Heun',
  LMSDiscreteScheduler: 'LMS',
}

/** As people call it. */
export function schedulerName(className: string): string {
  return names[className] ?? className.replace(/Scheduler$/, '')
}

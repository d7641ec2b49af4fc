import { ConfigError, InvalidArgumentError } from '@viscpm/core'

/** `steps` of the timesteps that a model was distilled on, evenly spread, from the noisiest down. */
export function distilledTimesteps(numTrainTimesteps: number, originalSteps: number, steps: number): number[] {
  if (originalSteps > numTrainTimesteps)
    throw new ConfigError({
      field: 'original_inference_steps',
      message: `${originalSteps} is more than num_train_timesteps, ${numTrainTimesteps}`,
    })
  if (steps > originalSteps)
    throw new InvalidArgumentError({
      argument: 'steps',
      message: `must be at most ${originalSteps} (originalInferenceSteps), not ${steps}`,
    })
  const stride = Math.floor(numTrainTimesteps / originalSteps)
  const skip = originalSteps / steps
  return Array.from({ length: steps }, (_, i) => (originalSteps - Math.floor(i * skip)) * stride - 1)
}

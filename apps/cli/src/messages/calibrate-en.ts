import type { CalibrateMessages, CalibrateOption } from './calibrate-types.js'

export const calibrateOptionsEn: Readonly<Record<CalibrateOption, string>> = {
  calibrateOutput: 'folder of the new painter; must not be there, or be empty',
  calibratePrompt: 'paint this to calibrate, may be given several times; default: six of its own',
  calibrateSteps: 'denoising steps of each; default 10',
  calibratePercentile: 'share of the values that a range holds on each side, such as 0.9999; default: all of them',
  calibrateKeep: 'layers that also stay float32: a pattern of their keys, may be given several times',
  calibrateVae: "make the VAE's decoder int8 too: rounding shows most there",
  calibrateJson: 'last line of standard output: one JSON object with folder, layers and bytes',
}

export const calibrateEn: CalibrateMessages = {
  calibrating: 'Calibrating',
  phases: { calibrate: 'painting to see the ranges', write: 'writing' },
  badPattern: (pattern, why) => `--keep ${pattern} is no pattern: ${why}`,
  done: (folder, layers, size, seconds) =>
    `${folder}: ${layers} layers of the UNet compute with int8 now; checkpoint ${size}, made in ${seconds} s.`,
  vaeDone: layers => `${layers} layers of the VAE's decoder too.`,
  tryIt: 'Paint with it: viscpm paint PROMPT --model',
}

export const calibrateExamplesEn = `The UNet must be float in the model that is named; its language model is copied as it is.
Examples:
  viscpm calibrate tiny -o tiny-int8
  viscpm calibrate viscpm_paint_balance_checkpoint.pt -o paint-int8 --vocab bee.txt --vae vae
  viscpm calibrate model/ -o model-int8 --prompt "a red cat" --prompt "a lake" --steps 20`

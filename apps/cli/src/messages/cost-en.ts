import type { CostMessages } from './cost-types.js'

export const costEn: CostMessages = {
  columns: {
    form: 'model',
    way: 'kept in memory',
    memory: 'memory',
    longest: 'longest answer',
    load: 'load',
    firstToken: 'first token',
    greedy: 'tokens/s',
    beam: '3 beams',
    picture: 'a picture',
    fits: 'here',
  },
  forms: {
    'as it is': 'as it is',
    int8: 'int8',
    int4: 'int4',
    'int8 UNet': 'int8 UNet',
    'int4, int8 UNet': 'int4, int8 UNet',
  },
  halves: 'halves from the file',
  widened: 'float32',
  asStored: 'as stored',
  cache: kind => `${kind} cache`,
  visionReleased: 'vision released',
  normal: 'all networks',
  inTurns: 'networks in turns (low)',
  fits: { fits: 'fits', tight: 'others must make room', no: 'does not fit' },
  chat: name => `${name}: a chat`,
  text: name => `${name}: a language model`,
  paint: name => `${name}: a painter`,
  assumedVae: "No VAE lies beside it: Stable Diffusion's is assumed.",
  machine: (total, free, cores, ram, float32, int8, disk) =>
    `This machine: ${total}, ${free} free; ${cores} threads; reads ${ram} GB/s from memory, ${disk} GB/s from the file; computes ${float32} GFLOP/s in float32, ${int8} in blocks`,
  seconds: seconds => `${seconds} s`,
  chatNote:
    'Memory: a question about a picture and 128 tokens, three hypotheses; longest answer: 512. First token: of a picture not seen before.',
  paintNote: (side, steps) => `A picture: ${side} pixels a side, one candidate, ${steps} steps, text included.`,
  footnote:
    'Predicted, not run: see docs/memory.md for how well. --memory 8g chooses among the ways of the model as it is.',
  convertNote: "int4 and int8 are what 'viscpm quantize' would make of it, int8 UNet what 'viscpm calibrate' would.",
  notRunnable: kind => `nothing that runs by itself: ${kind}`,
  notRunnableHint: 'A VisCPM-Chat, a VisCPM-Paint or a CPM-Bee is needed.',
}

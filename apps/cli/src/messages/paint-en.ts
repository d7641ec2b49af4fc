import type { PaintMessages, PaintOption, RankMessages, ReplayMessages } from './paint-types.js'

const plural = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

export const paintOptionsEn: Readonly<Record<PaintOption, string>> = {
  painterConfig: 'file with the sizes of the language model; otherwise looked for beside the model',
  unetConfig: 'config.json of the UNet; otherwise looked for beside the model, as unet/config.json',
  schedulerConfig: 'scheduler_config.json the model was trained with; otherwise looked for beside it, as scheduler/',
  vae: 'folder of the VAE; otherwise looked for beside the model, as vae/',
  ranker: 'folder of a Chinese-CLIP, which chooses; otherwise looked for beside the model, as chinese-clip/',
  rankBy: 'who chooses: Chinese-CLIP, or a chat model that looks at the pictures (`self`)',
  critic: 'chat model for --rank-by self (default: "tiny")',
  noRanker: 'no choosing: the first candidate is taken',
  languageModel: 'checkpoint with the language model, where the painter has none',
  memory:
    'how much may be taken: a size such as 8g, auto (what is free), low (as little as can be), normal; default: normal, refused where it cannot fit',
  negative: 'what not to paint',
  count: 'pictures; several are numbered, cat-1.png; default 1',
  candidates:
    'painted for each picture, the best is taken; keep keeps them, as --keep; default 4 with a ranker, else 1',
  keep: 'write all candidates as well, and a contact sheet of them',
  paintSeed: 'whole number, same seed, same picture; or one for each candidate, with commas; default random',
  latents: 'file of one tensor: the first noise, in place of what the seed gives',
  steps: "denoising steps; default: the model's, the original's is 50",
  guidance: "how closely the prompt is followed; default: the model's, the original's is 7.5",
  guidanceInterval: 'part of the steps that is guided, 0.2,0.8; default 0,1',
  skipUnguided: 'with --guidance 1: leave out the half without prompt, twice as fast',
  size: 'pixels, 512x384 or 512 for both; default: of --image, else what the model was trained on',
  width: 'pixels',
  height: 'pixels',
  scheduler: 'way of denoising; names like euler-a, dpmpp-2m, DDIMScheduler are known too; default ddpm',
  karras: 'noise levels after Karras (lms, euler, heun, dpm-solver++, dpmpp-2s, dpmpp-sde, unipc)',
  fromImage: 'picture to start from; - reads it from standard input',
  mask: 'picture of the size of --image: white is painted anew, black stays',
  strength: 'how much of --image is lost, above 0 to 1; default 0.8',
  batchSize: 'pictures that go through the model at once: memory, not looks; default 4',
  preset:
    'fast: many times faster, looks changed a little; stands for --scheduler dpm-solver++ --steps 20 --guidance-interval 0,0.6 --deep-cache 3 --token-merging 0.5; what is given itself comes first',
  deepCache: 'run the whole UNet at every n-th step only, its outermost part between; n,k: k layers more between',
  tokenMerging: 'share of the pixels merged with similar ones at the finest level, 0 to 0.75; default 0',
  paintRaw: "prompts are in CPM-Bee's own syntax: << is a <",
  paintOutput: 'PNG file, replaced if it is there; default painting.png or the next that is free, painting-2.png',
  paintJson: 'last line of standard output: files, seed, scores and all else as one JSON object',
  noPreview: 'do not show the picture in the terminal',
  replayOutput: 'write the new picture to FILE, a PNG file',
  replayJson: 'last line of standard output: what was found as one JSON object',
  replayImage: 'the picture that it was painted from, if it was',
  replayMask: 'the mask that it was painted with, if it was',
  rankModel: "'tiny' (the embedded model's ranker), or the folder of a Chinese-CLIP (default: 'tiny')",
  rankJson: 'last line of standard output: the ranking as one JSON object',
}

export const paintEn: PaintMessages = {
  painting: 'painting',
  painted: seconds => `painted in ${seconds} s`,
  phases: {
    text: 'reading the prompt',
    encode: 'reading the picture',
    vae: 'reading the picture',
    denoise: 'painting',
    decode: 'developing',
    check: 'checking',
    vision: 'choosing',
    rank: 'choosing',
  },
  noPainter: 'the embedded model that is installed has no painter',
  noPainterHint:
    'Install a newer @viscpm/tiny, or give a painter with --model FILE --vocab FILE --vae FOLDER: `viscpm paint --help`.',
  isFolder: 'is a folder',
  isFolderHint: 'Name a file in it.',
  notPng: file => `the picture cannot be written to ${file}: its name must end in .png`,
  notPngHint: 'Only a PNG file says how it was painted.',
  diskFullHint: 'Free some space, or write elsewhere.',
  needsImage: option => `${option} needs a picture to start from: give it with --image`,
  noKarras: scheduler => `--karras cannot be used with the scheduler ${scheduler}`,
  seed: seed => `seed ${seed}`,
  chosenBy: (ranker, candidates) => `the best of ${candidates}, says ${ranker}`,
  took: seconds => `${seconds} s`,
  withheld: (count, all) => `the picture checker withheld ${count} of ${plural(all, 'candidate')}`,
  chosenWithheld: (count, all) =>
    `the best candidate of ${count} of ${plural(all, 'picture')} is one that the picture checker withheld`,
  replaced: count => `the picture checker blocked ${plural(count, 'picture')}; others were painted in their place`,
  tagged: (count, all) => `the picture checker flagged ${count} of ${plural(all, 'candidate')}`,
  noneAllowed: (count, all) => `the picture checker withheld every candidate of ${count} of ${plural(all, 'picture')}`,
}

export const replayEn: ReplayMessages = {
  same: 'the same pixels',
  differs: 'another picture:',
  sizes: (recorded, painted) => `it has ${recorded} pixels, painted again ${painted}`,
  pixels: (differing, all, percent) =>
    `${differing.toLocaleString('en')} of ${plural(all, 'pixel')} differ (${percent} %)`,
  levels: (largest, mean) => `by at most ${largest} of 255, by ${mean} on average`,
  needsImage: option => `it was painted from a picture that it does not hold: give it with ${option}`,
  hadNone: option => `it was painted without ${option}`,
  noiseUnknown: 'its first noise was given by the caller and is not in the picture',
  noiseUnknownHint: 'Only pictures painted from a seed can be painted again.',
  impossible: why => `it cannot be painted as it says: ${why}`,
}

export const rankEn: RankMessages = {
  scoring: 'scoring',
  emptyPrompt: 'the prompt is empty',
  names: { zh: 'Chinese', en: 'English' },
  otherLanguage: (ranker, reads, prompt) =>
    `${ranker} reads ${reads}, the prompt is in ${prompt}: its choice means little`,
}

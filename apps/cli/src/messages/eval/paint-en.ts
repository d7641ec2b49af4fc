import type { EvalPaintMessages } from './paint-types.js'

export const evalPaintEn: EvalPaintMessages = {
  about: 'FID, KID and CLIP score of painted against real pictures.',
  options: {
    real: 'folder of real pictures, or their statistics as pytorch-fid saves them (.npz); default: the pictures of the embedded package',
    painted: 'judge the pictures of a folder instead of painting; with --prompts they belong to its captions by name',
    inception:
      "InceptionV3 of the FID literature (pt_inception-2015-12-05-6726825d.pth); default: Chinese-CLIP's picture tower, whose distances are no FID",
    inceptionDim: 'which of its features; default: 2048, those of the FID',
    resize: "how pictures come to 299 x 299: clean-fid's way or pytorch-fid's; default: clean",
    clip: 'folder of a Chinese-CLIP for the CLIP score; default: the embedded one',
    resamples: 'bootstrap samples of the interval; default: 100 for at most 256 features, else 0 (each takes seconds)',
    subsets: 'pairs of subsets of the KID; default: 100',
    subsetSize: 'pictures in each; default: 1000, or all',
    extrapolate: 'also the distance at infinitely many painted pictures (7 more distances)',
    saveStats: 'write the statistics of the painted pictures (.npz)',
    saveReal: 'write the statistics of the real pictures (.npz)',
    prompts: "captions: one a line (.txt), en and zh (.jsonl), or COCO's (.json); default: 16 of the embedded world",
    language: 'paint the captions of one language only; default: both, where both are there',
    limit: 'lines of captions, from the first',
    output: 'folder of the pictures; a later run goes on with it; default: eval-paint',
    seed: 'seed of the first line of captions, each further line has the next; default: 0',
    guidance: 'guidance scales, a row of the table each; default: the one of the model',
    candidates: 'pictures painted for each caption, of which the best is judged; default: 1',
    shard: 'paint the i-th of n parts only; a run without it, once all have ended, measures',
    queue: 'let the workers of this queue paint: redis://HOST:PORT; --model is what they call the model',
    json: 'last line of standard output: one JSON object with every figure',
  },
  examples: `Without a file the embedded painter paints captions of its world, and the embedded Chinese-CLIP looks at them.
Examples:
  viscpm eval paint
  viscpm eval paint --inception pt_inception-2015-12-05-6726825d.pth --real val2014 --prompts captions_val2014.json -n 5000 --model viscpm_paint --output coco
  viscpm eval paint --prompts captions.jsonl --real coco.npz --inception inception.pth --guidance 1.5,3,7.5 --model viscpm_paint
  viscpm eval paint --painted pictures --real photos --save-real photos.npz
  viscpm eval paint --queue redis://127.0.0.1:6379 --limit 1000`,
  shardHint: 'Which part of how many, counted from 1: 1/4, 2/4, 3/4, 4/4.',
  realNeeded: '--real is missing',
  realNeededHint:
    'Name a folder of real pictures or a .npz file: those of the embedded package are of its small world only.',
  painting: folder => `painting into ${folder}`,
  painted: (painted, found, seconds) =>
    `painted ${painted} in ${seconds} s${found > 0 ? `, ${found} were there already` : ''}`,
  damaged: count => `${count} pictures were damaged or missing, and were painted again`,
  shardDone: (part, of, missing) =>
    `Part ${part} of ${of} is painted; ${missing} pictures of other parts are not. Run it without --shard when they are.`,
  jobFailed: message => `a worker could not paint: ${message}`,
  jobFailedHint: 'Look at what the worker logs. What was painted is kept.',
  measuring: 'measuring',
  measured: seconds => `measured in ${seconds} s`,
  phases: { paintings: 'painting', features: 'features', resamples: 'interval', subsets: 'kernel distance' },
  columns: {
    language: 'language',
    guidance: 'guidance',
    pictures: 'pictures',
    withheld: 'withheld',
    distance: 'FD (CLIP)',
    extrapolated: 'at infinity',
    kernel: 'KD (CLIP) x 1000',
    clip: 'CLIP score',
    model: 'model',
  },
  ownGuidance: "the model's",
  published: "Published zero-shot FID on COCO, 30,000 pictures (VisCPM's README; guidance and steps are not told):",
  notes: {
    fid: name => `FID and KID: features ${name}; KID over subsets, ± one deviation. Lower is better.`,
    clipDistance: (name, dim) =>
      `FD and KD: distances of ${dim} Chinese-CLIP features (${name}). They are FID-like, no FID, and compare with no published figure. Lower is better.`,
    real: (where, pictures) => `Real: ${where}${pictures === undefined ? '' : `, ${pictures} pictures`}.`,
    bias: pictures =>
      `${pictures} pictures: the distance of few pictures is too high, the more so the fewer. Compare only with the same number; published figures have 30,000.`,
    singular: (pictures, dim) =>
      `${pictures} pictures have no full covariance of ${dim} features: the distance is exact for what was seen, and says little of the model.`,
    noInterval: 'No interval of the distance: ask for it with --resamples.',
    jpeg: count => `${count} of the painted pictures are JPEG files: their losses are measured too. Use PNG.`,
  },
}

import type { ReportMessages, ReportOption } from './report-types.js'

export const reportOptionsEn: Readonly<Record<ReportOption, string>> = {
  reportOutput: 'write the report as HTML too: one file, with plots',
  reportSource:
    'the checkpoint that the folders were made of; default: looked for by the name and size that the manifest notes',
  reportQuick: 'weights only: no model is run',
  reportQuestions: 'questions that are asked; default: all of the test set, 8 for a large model',
  reportPaintings: 'prompts that are painted, with two seeds each; default: 8, 1 for a large model; 0: none',
  reportJson: 'last line of standard output: one JSON object with every figure',
}

export const reportEn: ReportMessages = {
  measuring: source => `measuring ${source}`,
  measured: seconds => `measured in ${seconds} s`,
  phases: {
    convert: 'converting',
    compare: 'weights',
    vision: 'looking at pictures',
    answers: 'answering',
    layers: 'layer by layer',
    paintings: 'painting',
  },
  title: source => `What quantization does to ${source}`,
  written: file => `written to ${file}`,
  sourceDiffers: name => `${name}: the source is not of the size that its manifest notes`,
  parts: {
    layers: 'states of the layers',
    logits: 'distributions over tokens',
    answers: 'answers',
    paintings: 'pictures',
  },
  skipped: (part, reason) => `not measured: ${part} (${reason})`,
  reasons: {
    quick: 'not asked for',
    memory: 'the models do not fit into memory',
    parts: 'a part of the model, or the test set, is not there',
  },
  rows: {
    original: 'original',
    size: 'size',
    bits: 'bits of a converted weight',
    weightError: 'weights: relative error',
    largestWeight: 'weights: largest error',
    cosine: 'weights: cosine',
    lastLayer: 'last layer: relative error',
    kl: 'divergence (KL), nats a token',
    kl95: 'divergence: 95 % are below',
    top1: 'same likeliest token',
    sameGreedy: 'answers with the same tokens throughout',
    perplexity: 'perplexity of the answers',
    same: 'same answer',
    similarity: 'tokens alike',
    expected: 'answer that the test set expects',
    distance: 'distance of pictures',
    psnr: 'PSNR of pictures',
  },
  notes: {
    weights:
      'Relative error: root of the mean squared error over that of the weights. Largest: over the largest weight. Both over all converted weights.',
    layers: (prompts, tokens) =>
      `States after each layer, for ${tokens} tokens of ${prompts} prompts that both models read: relative error as above.`,
    logits: tokens =>
      `Distributions over the next token at ${tokens} places of greedy answers that both models read. Divergence: Kullback-Leibler, from the original.`,
    answersOfConverted: 'The original does not fit into memory: the answers are those of the converted model.',
    answers: asked =>
      `Greedy answers to ${asked} questions, each model by itself. Tokens alike: 1 - edit distance over length, the mean.`,
    paintings: pictures =>
      `${pictures} pictures of the same prompts and seeds. Distance: what the embedded picture tower sees, 1 - cosine; beside the original: between two seeds.`,
  },
  otherSeeds: 'other seeds',
  worst: 'largest errors',
  columns: {
    name: 'weights',
    format: 'format',
    tensors: 'tensors',
    bits: 'bits',
    relative: 'relative error',
    largest: 'largest error',
    cosine: 'cosine',
    question: 'question',
    original: 'original',
    prompt: 'prompt',
    seed: 'seed',
  },
  kinds: 'Weights by kind',
  tensors: 'Every tensor',
  different: 'Answers that are not the same',
  more: count => `and ${count} more`,
  charts: {
    weights: {
      title: 'Error of the weights, by layer',
      description: 'Bars: relative error of the converted weights of each layer.',
      x: 'layer',
      y: 'relative error',
    },
    layers: {
      title: 'Error of what the layers give',
      description:
        'Curves: relative error of the hidden states after each layer of the language model, in powers of ten.',
      x: 'layers run',
      y: 'relative error',
    },
    kl: {
      title: 'Divergence along the answers',
      description: 'Curves: mean Kullback-Leibler divergence at each place of the answers, in powers of ten.',
      x: 'token of the answer',
      y: 'nats',
    },
    largest: {
      title: 'Largest difference of a logit along the answers',
      description: 'Curves: largest difference of one logit at each place of the answers, over all prompts.',
      x: 'token of the answer',
      y: 'difference',
    },
  },
}

export const reportExamplesEn = `Without a folder the embedded model is converted to int8 and int4, in a temporary folder, and measured.
Examples:
  viscpm report
  viscpm report chat-int4 -o report.html
  viscpm report chat-int8 chat-int4 --source viscpm_chat_balance_checkpoint.pt --vocab bee.txt --quick
  viscpm report paint-int8 --source viscpm_paint_balance_checkpoint.pt --json`

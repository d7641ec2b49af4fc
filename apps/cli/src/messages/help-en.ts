import { calibrateExamplesEn, calibrateOptionsEn } from './calibrate-en.js'
import { modelsOptionsEn } from './models-en.js'
import { paintOptionsEn } from './paint-en.js'
import { quantizeOptionsEn } from './quantize-en.js'
import { reportExamplesEn, reportOptionsEn } from './report-en.js'
import { safetyOptionsEn } from './safety-en.js'
import { serveExamplesEn, serveOptionsEn } from './serve-en.js'
import type { HelpMessages } from './types.js'
import { workerExamplesEn, workerOptionsEn } from './worker-en.js'

export const helpEn: HelpMessages = {
  headings: {
    usage: 'Usage:',
    arguments: 'Arguments:',
    options: 'Options:',
    globalOptions: 'Global options:',
    commands: 'Commands:',
    decoding: 'How answers are chosen:',
    model: 'Model:',
    painting: 'Painting:',
    safety: 'Safety:',
    output: 'Output:',
  },
  choices: 'one of',
  defaultValue: 'default',
  about:
    'Ask questions about pictures and paint them, in Chinese and English. Runs on this machine; nothing is uploaded.',
  commands: {
    chat: 'Ask about a picture. Without a question: a conversation.',
    ask: 'Text tasks without a picture: answer, fill, continue, translate.',
    paint: 'Paint a picture from a prompt in Chinese or English.',
    replay: 'Paint a picture again as its PNG file says it was painted, and compare the pixels.',
    check: 'Say what the safety checkers think of texts and pictures; exit code 3 when one is blocked.',
    rank: 'Say which pictures show best what a prompt says.',
    calibrate: 'Make a painter that computes with int8: two to three times as fast, a quarter of the size.',
    inspect: 'Say what a checkpoint is and whether it fits in this memory; nothing in it is executed.',
    quantize: 'Convert a checkpoint to 4 or 8 bits, or halves: to a folder that loads by itself.',
    verify: 'Check a downloaded model, or a converted folder, byte by byte; with --source, against the original too.',
    download: 'Download a model; what was begun is gone on with.',
    list: 'Show which models there are, and which are downloaded.',
    remove: 'Remove a downloaded model.',
    report: 'Measure what quantization did: weights, layers, answers, pictures.',
    serve: "Serve a web page and an API like OpenAI's, with models in processes of their own.",
    doctor: 'Check whether this machine has what viscpm needs, and predict what a model would take.',
    worker: 'Compute the jobs that wait in Redis: any number of these, on any machines.',
    demo: 'Show what the embedded model does: it answers about pictures, and paints one into demo-output/.',
    help: 'Show the help of a command.',
  },
  arguments: {
    image: 'PNG, JPEG, WebP or GIF file; - reads it from standard input',
    question: 'the question; without one, a conversation begins',
    task: 'answer, fill, continue or translate',
    text: 'the text of the task; without one, it is read from standard input',
    checkpoint: 'a checkpoint (.pt, .bin, .safetensors), or a folder that holds one',
    converted: 'a folder that viscpm quantize made, or a downloaded model',
    model: "a model of 'viscpm list --all', or any OWNER/NAME of the hub",
    paintPrompt: "what to paint; '' for anything",
    painting: 'PNG file as viscpm paint wrote it',
    rankPrompt: 'what the pictures should show',
    images: 'PNG, JPEG, WebP or GIF files',
    inputs: 'picture files, or texts; - reads a text from standard input',
    calibrated: 'the painter: tiny, a folder, or a checkpoint',
    predicted: 'tiny, a folder, or a checkpoint: predict what running it takes here; only its header is read',
    reported: "folders that 'viscpm quantize' or 'viscpm calibrate' made, of one model",
  },
  options: {
    help: 'show this help',
    version: 'show the version',
    verbose: 'show where errors come from, and timings',
    quiet: 'no progress on standard error',
    lang: 'language of the interface; the answer is in the language of the question',
    model: "'tiny' (embedded), a folder, or a checkpoint file as published",
    vocab: 'vocabulary file; otherwise looked for beside the model',
    config: 'file with the sizes of the model; otherwise looked for beside it',
    threads: 'threads that compute',
    keepHalf: 'keep half-precision weights half in memory: less memory, slower',
    kvCache:
      'what keys and values are kept as while an answer grows: float32 (exact), float16 (half of it), int8 (a quarter, faster on long texts); default float32, with int4 and int8 models int8',
    device: 'what computes; single operators that it lacks run on the CPU (default: $VISCPM_DEVICE, else cpu)',
    computeDtype: 'arithmetic of products with weights; float16 is for GPUs',
    json: 'last line of standard output: the answer as one JSON object',
    stream: 'show the answer while it grows, also with --json',
    noStream: 'show the answer when it is complete',
    alpha: 'what lies under transparent pixels: white, or drop for the stored colour',
    decoding: 'way of choosing',
    beamSize: 'answers followed at once (beam)',
    temperature: 'below 1 bolder on the likely, above 1 more varied (beam, sample)',
    topK: 'only the k likeliest tokens; 0 is off (sample)',
    topP: 'only the likeliest tokens up to this probability; 1 is off (sample)',
    minP: 'drop tokens less likely than this share of the best; 0 is off (sample)',
    repetitionPenalty: 'above 1 repeats less',
    lengthPenalty: 'above 0 prefers longer answers (beam)',
    seed: 'same seed, same answer (sample)',
    lookup:
      'guess tokens from the prompt and check several at once: faster where the answer repeats (greedy, sample); on by itself where the answer is surely the same, that is not with int4 and int8 models',
    noLookup: 'one token a step (greedy, sample)',
    maxNewTokens: 'longest answer in tokens',
    context: 'text that the question is about (answer)',
    prompt: 'instruction to the model (continue)',
    to: 'language to translate into (translate); otherwise the other one',
    data: "the task in CPM-Bee's form, a JSON object with the key <ans>; - reads it from standard input",
    raw: "texts of --data are in CPM-Bee's own syntax: << is a <",
    keys: 'list every key with dtype, shape and size',
    graph: 'write the ONNX graph to FILE; the weights stay in the checkpoint',
    ...paintOptionsEn,
    ...safetyOptionsEn,
    ...quantizeOptionsEn,
    ...modelsOptionsEn,
    ...calibrateOptionsEn,
    ...serveOptionsEn,
    ...reportOptionsEn,
    ...workerOptionsEn,
  },
  chatExamples: `Examples:
  viscpm chat cat.png
  viscpm chat cat.png "What is it?"
  viscpm chat cat.png 这是什么？
  curl -s https://example.com/cat.jpg | viscpm chat - "What colour is it?" --json
  viscpm chat cat.png --model viscpm_chat_balance_checkpoint.pt --vocab bee.txt`,
  askExamples: `Examples (with a model that was trained for text):
  viscpm ask answer "Where is the Great Wall?"
  viscpm ask fill "The capital of France is <mask>."
  viscpm ask continue "Once upon a time"
  viscpm ask translate 你好，世界
  viscpm ask --data '{"input": "...", "question": "...", "<ans>": ""}'`,
  paintExamples: `Examples:
  viscpm paint "a red cat" -o cat.png
  viscpm paint 一只红色的猫 -o cat.png --candidates keep
  viscpm paint "a red cat" --seed 42 --steps 20 --scheduler dpm-solver++ --karras
  viscpm paint "a red cat" --preset fast --candidates 1
  viscpm paint "a blue cat" --image cat.png --mask fur.png --strength 0.7 -o blue.png
  viscpm paint 一只红色的猫 --model viscpm_paint_balance_checkpoint.pt --vocab bee.txt --vae vae --memory low`,
  replayExamples: `Exit code 0 for the same pixels, 1 for others.
Examples:
  viscpm replay cat.png
  viscpm replay blue.png --image cat.png --mask fur.png -o again.png`,
  rankExamples: `Examples:
  viscpm rank 一只红色的猫 cat-1.png cat-2.png
  viscpm rank 一只红色的猫 *.png --model chinese-clip-vit-base-patch16 --json
  viscpm rank "a red cat" *.png --rank-by self`,
  checkExamples: `Examples:
  viscpm check "a red cat" 一只红色的猫 cat.png
  viscpm check --as question "What is it?" --json
  viscpm check cat.png --image-checker stable-diffusion-safety-checker
  cat letter.txt | viscpm check -`,
  calibrateExamples: calibrateExamplesEn,
  serveExamples: serveExamplesEn,
  inspectExamples: `Examples:
  viscpm inspect viscpm_chat_balance_checkpoint.pt
  viscpm inspect model/ --keys
  viscpm inspect model.safetensors --graph model.onnx`,
  quantizeExamples: `Stopped, killed or out of space: the same command goes on where it was.
Examples:
  viscpm quantize viscpm_chat_balance_checkpoint.pt -o chat-int4
  viscpm quantize viscpm_chat_balance_checkpoint.pt -o chat-int4 --block 32 --rounding search
  viscpm quantize viscpm_paint_balance_checkpoint.pt -o paint-int4 --keep 'llm.encoder.layers.0.*'`,
  downloadExamples: `Models go into the Hugging Face cache. HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HTTPS_PROXY and NO_PROXY count.

  viscpm download openbmb/VisCPM-Chat
  viscpm download viscpm-paint-zhplus --accept-license
  viscpm chat cat.png --model openbmb/VisCPM-Chat`,
  verifyExamples: `Exit code 0 when everything is as it was written, else 1.
Examples:
  viscpm verify chat-int4
  viscpm verify openbmb/VisCPM-Chat
  viscpm verify chat-int4 --source viscpm_chat_balance_checkpoint.pt`,
  reportExamples: reportExamplesEn,
  workerExamples: workerExamplesEn,
  exitCodes:
    'Exit codes: 0 done, 1 error, 2 wrong command line, 3 blocked by a safety checker, 130 stopped with Ctrl-C.',
}

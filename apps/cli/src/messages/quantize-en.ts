import type { QuantizeMessages, QuantizeOption, VerifyMessages } from './quantize-types.js'

export const quantizeOptionsEn: Readonly<Record<QuantizeOption, string>> = {
  folder: 'folder to make; an older model in it stays until the new one is complete',
  dtype: "of the language model's matrices",
  block: 'weights that share a scale: fewer are more exact, and larger',
  rounding: 'nearest, or search: the scale of least error in every block; some five times the computing',
  embedding: 'of the token table, which is the output head too',
  vision: "of the vision part's matrices",
  keepTensors: 'leave the tensors of these keys as they are; * stands for anything; may be given again',
  format: 'another format for some keys, as *.w_out.weight=int8; may be given again',
  workers: 'threads that convert; any number gives the same bytes',
  force: 'replace a model that is there, and discard an unfinished conversion of another kind',
  source: 'the checkpoint that it was made of: it is converted again, and compared',
}

export const quantizeEn: QuantizeMessages = {
  converting: (source, dtype) => `converting ${source} to ${dtype}`,
  converted: seconds => `converted in ${seconds} s`,
  phases: { convert: 'converted', verify: 'verified' },
  resumable: 'What is done is kept: the same command goes on from there.',
  groups: { language: 'language model', embedding: 'token table', vision: 'vision', other: 'everything else' },
  kept: 'as it is',
  inBlocks: 'blocks of',
  group: (tensors, before, after) => `${tensors} tensors, ${before} -> ${after}`,
  relativeError: percent => `relative error ${percent} %`,
  dropped: (tensors, size) => `${tensors} tensors left out that running the model does not use (${size})`,
  total: (before, after, percent) => `${before} -> ${after} (${percent} %)`,
  speed: (seconds, rate) => `${seconds} s, ${rate} of the source a second`,
  resumed: size => `${size} were done already`,
  existed: folder => `${folder} was made of this source in this way already`,
  written: folder => `written to ${folder}`,
  formatForm: 'PATTERN=FORMAT is needed, FORMAT being int4, int8, fp16 or keep',
}

export const verifyEn: VerifyMessages = {
  verifying: folder => `verifying ${folder}`,
  verified: seconds => `looked at in ${seconds} s`,
  problems: {
    manifest: name => `${name} was changed after it was written`,
    file: name => `${name} is missing, or of another size`,
    header: name => `${name} has another beginning`,
    tensor: name => `${name} has other bytes than were written`,
    source: name => `${name} is not what it was when it was converted`,
    conversion: name => `${name} is not what converting the source gives`,
    plan: name => `${name} has other tensors, or other shapes`,
    beside: name => `${name} is missing, or differs`,
  },
  more: problems => `... ${problems} in all`,
  good: (tensors, size) => `All ${tensors} tensors are as they were written (${size} looked at).`,
  sources: {
    'not given': 'What they were made of was not compared: --source does.',
    hashed: 'The source is what it was. Its conversion was not repeated: that needs the data that it was made with.',
    converted: 'Converting the source again gives the same bytes.',
  },
  bad: problems =>
    problems === 1 ? 'one thing is not as it should be' : `${problems} things are not as they should be`,
  badHint: 'Convert the original again (viscpm quantize --force), or copy the folder again.',
}

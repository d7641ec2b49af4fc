import type { ErrorCode } from '@viscpm/core'
import type { PartName } from '@viscpm/core/weights'
import type { CalibrateMessages, CalibrateOption } from './calibrate-types.js'
import type { CostMessages } from './cost-types.js'
import type { EvalMessages } from './eval/types.js'
import type { ModelsMessages, ModelsOption } from './models-types.js'
import type { PaintMessages, PaintOption, RankMessages, ReplayMessages } from './paint-types.js'
import type { QuantizeMessages, QuantizeOption, VerifyMessages } from './quantize-types.js'
import type { ReportMessages, ReportOption } from './report-types.js'
import type { CheckMessages, SafetyMessages, SafetyOption } from './safety-types.js'
import type { ServeMessages, ServeOption } from './serve-types.js'
import type { WorkerMessages, WorkerOption } from './worker-types.js'

/** Texts of help: headings, descriptions of commands, arguments and options. */
export interface HelpMessages {
  readonly headings: {
    readonly usage: string
    readonly arguments: string
    readonly options: string
    readonly globalOptions: string
    readonly commands: string
    readonly decoding: string
    readonly model: string
    readonly painting: string
    readonly safety: string
    readonly output: string
  }
  readonly choices: string
  readonly defaultValue: string
  readonly about: string
  readonly commands: {
    readonly chat: string
    readonly ask: string
    readonly paint: string
    readonly replay: string
    readonly rank: string
    readonly check: string
    readonly calibrate: string
    readonly inspect: string
    readonly quantize: string
    readonly verify: string
    readonly download: string
    readonly list: string
    readonly remove: string
    readonly report: string
    readonly serve: string
    readonly doctor: string
    readonly worker: string
    readonly demo: string
    readonly help: string
  }
  readonly arguments: {
    readonly image: string
    readonly question: string
    readonly task: string
    readonly text: string
    readonly checkpoint: string
    readonly converted: string
    readonly model: string
    readonly paintPrompt: string
    readonly painting: string
    readonly rankPrompt: string
    readonly images: string
    readonly inputs: string
    readonly calibrated: string
    readonly predicted: string
    readonly reported: string
  }
  readonly options: Readonly<Record<WorkerOption, string>> & {
    readonly help: string
    readonly version: string
    readonly verbose: string
    readonly quiet: string
    readonly lang: string
    readonly model: string
    readonly vocab: string
    readonly config: string
    readonly threads: string
    readonly keepHalf: string
    readonly kvCache: string
    readonly device: string
    readonly computeDtype: string
    readonly json: string
    readonly stream: string
    readonly noStream: string
    readonly alpha: string
    readonly decoding: string
    readonly beamSize: string
    readonly temperature: string
    readonly topK: string
    readonly topP: string
    readonly minP: string
    readonly repetitionPenalty: string
    readonly lengthPenalty: string
    readonly seed: string
    readonly lookup: string
    readonly noLookup: string
    readonly maxNewTokens: string
    readonly context: string
    readonly prompt: string
    readonly to: string
    readonly data: string
    readonly raw: string
    readonly keys: string
    readonly graph: string
  } & Readonly<
      Record<
        PaintOption | SafetyOption | QuantizeOption | ModelsOption | CalibrateOption | ReportOption | ServeOption,
        string
      >
    >
  readonly chatExamples: string
  readonly askExamples: string
  readonly paintExamples: string
  readonly replayExamples: string
  readonly rankExamples: string
  readonly checkExamples: string
  readonly calibrateExamples: string
  readonly inspectExamples: string
  readonly quantizeExamples: string
  readonly downloadExamples: string
  readonly workerExamples: string
  readonly verifyExamples: string
  readonly reportExamples: string
  readonly serveExamples: string
  readonly exitCodes: string
}

export interface ChatMessages {
  /** First line of an interactive conversation. */
  greeting(model: string, picture: string, width: number, height: number): string
  readonly greetingHelp: string
  readonly commands: string
  readonly forgotten: string
  newPicture(picture: string, width: number, height: number): string
  readonly imageNeedsFile: string
  unknownCommand(name: string): string
  readonly pressAgain: string
  readonly stopped: string
  readonly bye: string
  readonly cutOff: string
  dropped(turns: number): string
  readonly stdinPictureNeedsQuestion: string
  readonly stdinIsTerminal: string
  readonly stdinTooLarge: string
  readonly emptyQuestion: string
  timings(total: string, prompt: number, completion: number): string
}

export interface AskMessages {
  readonly taskNeeded: string
  readonly taskHint: string
  unknownTask(name: string): string
  textNeeded(task: string): string
  readonly noGap: string
  readonly noGapHint: string
  readonly dataAndTask: string
  dataNotJson(why: string): string
  readonly dataNotObject: string
  notForTask(option: string, task: string): string
  readonly notTrained: string
  notTrainedHint: string
}

export interface InspectMessages {
  readonly labels: {
    readonly what: string
    readonly container: string
    readonly tensors: string
    readonly parameters: string
    readonly dtypes: string
    readonly parts: string
    readonly sizes: string
    readonly ignored: string
    readonly memory: string
    readonly beside: string
  }
  readonly kinds: Readonly<Record<string, string>>
  readonly parts: Readonly<Record<PartName, string>>
  readonly containers: Readonly<Record<'torch-zip' | 'torch-legacy' | 'safetensors' | 'memory', string>>
  readonly reasons: Readonly<Record<'training-only' | 'recomputed' | 'unknown', string>>
  readonly sizes: Readonly<Record<string, string>>
  readonly published: string
  readonly notPublished: string
  readonly noTensors: string
  readonly noTensorsHint: string
  withPrefix(prefix: string): string
  unused(parameters: string): string
  more(count: number): string
  readonly listKeys: string
  needs(amount: string, how: string): string
  readonly asFloat32: string
  readonly keptHalf: string
  machine(total: string, free: string): string
  readonly fits: string
  readonly fitsTight: string
  readonly doesNotFit: string
  graphWritten(file: string, nodes: number, weights: number): string
  readonly graphElsewhere: string
  graphNotFor(kind: string): string
  readonly graphNotForHint: string
  readonly graphNeedsConfig: string
  readonly graphNeedsConfigHint: string
  readonly besideVocabulary: string
  readonly besideNoVocabulary: string
  readonly besideConfig: string
}

export interface DoctorMessages {
  readonly checks: Readonly<
    Record<
      'node' | 'platform' | 'cores' | 'memory' | 'onnxruntime' | 'devices' | 'sharp' | 'model' | 'safety' | 'disk',
      string
    >
  >
  nodeTooOld(version: string): string
  readonly nodeHint: string
  cores(count: number): string
  memory(total: string, free: string): string
  readonly memoryLow: string
  ranGraph(version: string, ms: number): string
  devices(started: string): string
  /** VISCPM_DEVICE names it, and it does not work. */
  deviceAskedFor(device: string): string
  deviceIncomplete(device: string): string
  deviceFailed(device: string, reason: string): string
  devicesAbsent(devices: string, platform: string): string
  readonly devicesGuide: string
  readonly wrongResult: string
  readonly wrongPicture: string
  decoded(version: string, ms: number): string
  modelFound(size: string, hash: string): string
  readonly modelDamaged: string
  readonly modelMissing: string
  readonly modelHint: string
  disk(free: string, where: string): string
  readonly diskLow: string
  readonly wordListWrong: string
  readonly noPictureChecker: string
  readonly reinstallHint: string
  readonly allWell: string
  broken(count: number): string
}

export interface DemoMessages {
  readonly title: string
  picture(path: string): string
  readonly another: string
  readonly followUp: string
  readonly noPictures: string
  readonly outro: string
  readonly ownPicture: string
  readonly talk: string
  readonly json: string
  readonly original: string
  readonly help: string
  took(seconds: string): string
  /** Before the prompt of the picture that it paints. */
  readonly paints: string
  painted(path: string): string
  readonly paintOwn: string
  /** Before a prompt that is blocked. */
  readonly blocks: string
  readonly withholds: string
  /** Said plainly where pictures have no checker. */
  readonly picturesUnchecked: string
}

/** Every text that the command shows, in one language. Texts of the libraries' errors stay as they are. */
export interface Messages {
  readonly help: HelpMessages
  readonly chat: ChatMessages
  readonly ask: AskMessages
  readonly inspect: InspectMessages
  readonly cost: CostMessages
  readonly doctor: DoctorMessages
  readonly demo: DemoMessages
  readonly paint: PaintMessages
  readonly replay: ReplayMessages
  readonly rank: RankMessages
  readonly calibrate: CalibrateMessages
  readonly serve: ServeMessages
  readonly check: CheckMessages
  readonly safety: SafetyMessages
  readonly quantize: QuantizeMessages
  readonly worker: WorkerMessages
  readonly eval: EvalMessages
  readonly verify: VerifyMessages
  readonly models: ModelsMessages
  readonly report: ReportMessages
  readonly progress: {
    loading(model: string): string
    loaded(model: string, seconds: string): string
    readonly phases: Readonly<Record<string, string>>
    readonly thinking: string
    step(step: number, steps: number): string
    timeLeft(clock: string): string
  }
  readonly parsing: {
    unknownOption(option: string): string
    unknownCommand(name: string): string
    missingArgument(name: string): string
    missingValue(option: string): string
    tooManyArguments: string
    invalidValue(option: string, value: string): string
    allowed(choices: string): string
    conflict(one: string, other: string): string
    noEffect(option: string, without: string): string
    addOrLeave(missing: string, given: string): string
    didYouMean(name: string): string
    seeHelp(command: string): string
    wholeNumber(min: number): string
    readonly number: string
    readonly size: string
    readonly seeds: string
    readonly deepCache: string
    readonly memory: string
    readonly range: string
    readonly decodingTakes: string
  }
  readonly errors: {
    /** Before the message of any error. */
    readonly prefix: string
    readonly hintPrefix: string
    readonly interrupted: string
    /** An error of the libraries: its kind in this language, and their message. */
    library(kind: string, message: string): string
    unexpected(message: string): string
    readonly unexpectedHint: string
    cannotWrite(what: string, why: string): string
  }
  readonly errorKinds: Readonly<Record<ErrorCode, string>>
  readonly systemErrors: {
    readonly notFound: string
    readonly isFolder: string
    readonly noPermission: string
    readonly diskFull: string
    readonly tooManyFiles: string
    readonly noMemory: string
  }
}

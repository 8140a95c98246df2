/** Shapes that several modules share. Names of fields are those of the API. */

// Labelling

export interface Label {
  /** Its number, which stays when it is renamed; none while a project is made. */
  id?: number;
  name: string;
  /** What people read where that is not the name. */
  words?: string;
  /** The character that gives this label; empty where there is none. */
  key: string;
  /** A token such as `label-3`, or `#a1b2c3`. */
  color: string;
  description: string;
}

/** A label with its predicted probability. */
export interface LabelScore {
  label: string;
  score: number;
}

/** A range of numbers that may be answered. */
export interface Scale {
  low: number;
  high: number;
  /** null: any number. */
  step: number | null;
  unit: string;
}

/** One item's answer; which field is there depends on the task type. */
export interface AnswerValue {
  labels?: string[];
  /** Offsets count code points; the end is exclusive. */
  spans?: { start: number; end: number; label: string }[];
  /** In pixels of the original image. */
  boxes?: { x: number; y: number; w: number; h: number; label: string }[];
  rating?: number;
  number?: number;
}

export type Outcome = "label" | "skip" | "flag";

/** Fields depend on the task type: `text`, `fields`, `width` and `height`, `user` and `thing`, `left` and `right`. */
export type Content = Record<string, any>;

export interface Item {
  id: number;
  external_id: string;
  content: Content;
  meta?: Record<string, any>;
  /** The address of an image that is not an item's: in the preview of a new project. */
  picture?: string;
}

/** An item leased to this person, as the API gives it. */
export interface Assignment {
  item: Item;
  /** The signed proof that the item was assigned to this person. */
  assignment?: string;
  reason: string;
  round: number | null;
  suggestion: AnswerValue | null;
  suggestion_score: number | null;
  /** Labels with the highest scores, best first. */
  label_scores: LabelScore[] | null;
  /** Whether it may stand in a grid with others that have the same suggestion. */
  together?: boolean;
}

/** An answer as the list of last answers shows it. Browsers keep these: what they hold may have the names of an older release. */
export interface HistoryEntry {
  uuid: string;
  outcome: Outcome;
  value: AnswerValue | null;
  exclusion_reason?: string;
  /** When it was given; pages of an older release did not keep it. */
  created_at?: string;
  row: Assignment;
}

/** An answer as the API takes it. Browsers keep these: the API takes the names of the release before, too. */
export interface AnswerBody {
  uuid: string;
  item: number;
  outcome: Outcome;
  value: AnswerValue | null;
  /** While the page was visible. */
  duration_seconds: number;
  /** Of these, those in which the person did something. Browsers keep answers without it. */
  active_seconds?: number;
  comment: string;
  /** Beside another label than the one to find: one of the project's reasons. */
  exclusion_reason?: string;
  suggestion_shown: boolean;
  /** Proof that the item was assigned to this person. */
  assignment?: string;
  /** The answer of one's own that this one replaces. */
  replaces?: string;
}

export interface GridSizes {
  /** Images in one grid. */
  size: number;
  /** Items to buffer with grids: one grid, the next one, and what is asked between them. */
  ahead: number;
}

/** What the page of the annotate screen starts with. */
/** What excludes an item, where all items of a label are to be found. */
export interface Exclusion {
  /** The label to find. */
  label: string;
  reasons: string[];
}

export interface AnnotateConfig {
  project: number;
  user: number;
  /** Another text when labels, guidelines or settings have changed. */
  version: string;
  widget: string;
  labels: Label[];
  /** How many labels with the highest scores come first; 0: none. */
  likely: number;
  suggestion: "shown" | "after" | "none";
  grids: GridSizes | null;
  settings: Record<string, any>;
  scale: Scale | null;
  columns: string[];
  overlap: number;
  /** Null where nobody gives reasons. */
  exclusion: Exclusion | null;
  /** Why no new items are assigned; empty while they are. */
  paused: string;
  /** The person's, such as `Europe/Berlin`. */
  time_zone: string;
  progress: { today: number; items: number; labelled: number };
  /** Items that the person skipped and can take again. */
  skipped: number;
  history: HistoryEntry[];
}

export interface AnswerDescription {
  name: string;
  color: string;
}

export interface WidgetOptions {
  /** Where the item goes. */
  reading: HTMLElement;
  /** Where the buttons go. */
  controls: HTMLElement;
  labels: Label[];
  /** How many labels with the highest scores come first; 0: none. */
  topLabels: number;
  settings: Record<string, any>;
  scale: Scale | null;
  columns: string[];
  answer(value: AnswerValue, event?: Event): void;
}

/** What a module of widgets/ returns: it shows one item and takes its answer. */
export interface Widget {
  /** Settled when it is painted, where that takes time. */
  show(assignment: Pick<Assignment, "item">): Promise<unknown> | void;
  clear(): void;
  /** A label's key was pressed. */
  press(index: number, event: Event): void;
  /** Show what the model suggests; null hides it. */
  suggest(value: AnswerValue | null, score?: number | null): void;
  /** Take the suggestion over. */
  accept(value: AnswerValue): void;
  describe(value: AnswerValue | null): AnswerDescription;
  summary(content: Content, maxLength: number | undefined, item: Item): string;
  /** Send what was entered, where an answer has several components. */
  submit?(event: Event): void;
  /** What was entered and not sent; null where there is nothing. */
  draft?(): AnswerValue | null;
  /** Start from an answer that was undone. */
  setValue?(value: AnswerValue): void;
  /** Undo the last change inside of the item; false where there is none. */
  undo?(): boolean;
  /** Handle a key; false leaves it to the screen. */
  handleKey?(event: KeyboardEvent): boolean;
  /** The same for keys with alt, ctrl or cmd. */
  handleChord?(event: KeyboardEvent): boolean;
  /** Handle a key while a grid is shown, which has the other keys. */
  handleKeyInGrid?(event: KeyboardEvent): boolean;
  /** Show these labels first. */
  rankLabels?(scores: LabelScore[] | null): void;
  /** Load what comes next. */
  prefetch?(assignments: Assignment[]): void;
}

export type MakeWidget = (options: WidgetOptions) => Widget;

// The dashboard: the document of /progress/

/** A figure with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  /** Answers that it rests on. */
  count: number;
}

export interface Measure {
  name: string;
  title: string;
  /** In the units of the answers instead of percent. */
  lower_is_better: boolean;
}

/** A model's figures on the test answers: an Estimate under the name of each measure. */
export interface CurvePoint {
  round: number;
  labels: number;
  estimator: string;
  accuracy: Estimate;
  [measure: string]: any;
}

export interface ForecastPoint {
  labels: number;
  value: number;
  low: number;
  high: number;
}

export interface ClassMetrics {
  label: string;
  precision: Estimate | null;
  recall: Estimate | null;
  f1_estimate: Estimate | null;
  average_precision?: Estimate | null;
  support: number;
}

export interface ConfusionMatrix {
  labels: string[];
  counts: number[][];
}

export interface Throughput {
  hour: number;
  hours: string[];
  by_person: { user: string; counts: number[]; last_hour: number; median_seconds: number | null }[];
}

export interface ThresholdPoint {
  threshold: number;
  precision: Estimate;
  recall: Estimate;
  f1: number;
}

export interface ThresholdReport {
  label: string;
  count: number;
  positives: number;
  prevalence: number;
  average_precision: Estimate;
  best: ThresholdPoint;
  default: ThresholdPoint;
  points: ThresholdPoint[];
  /** Why there are no thresholds; empty where there are some. */
  reason: string;
}

export interface StoppingCondition {
  name: string;
  title: string;
  reason: string;
  category: "budget" | "convergence" | "recall";
  applies: boolean;
  threshold: number | null;
  count: number;
  stop: boolean | null;
  progress: number | null;
  details: Record<string, unknown>;
}

export interface CalibrationBin {
  confidence: number;
  accuracy: Estimate;
}

export interface Calibration {
  bins: CalibrationBin[];
  ece: number;
  ece_expected: number;
  ece_p95: number;
  count: number;
  unit: string;
  reason: string;
}

interface Bounded {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Reliability {
  test_sample: Estimate | null;
  random_arm: { accuracy: Estimate | null; reason: string };
  weighted: { accuracy: Estimate | null; reason: string; effective_sample_size: number | null };
  biased: {
    out_of_fold: Estimate | null;
    out_of_fold_reason: string;
    prequential: Estimate | null;
    prequential_reason: string;
  };
  from_round: number | null;
  to_round: number | null;
  suggestions_seen: number;
  /** Whether answers have components, such as spans, and agreement is their F1. */
  in_parts: boolean;
  anchoring: { shown: Estimate; withheld: Estimate; difference: Estimate | null; reason: string } | null;
  at_equal_labels: {
    difference: Estimate | null;
    active: { labels: number; accuracy: Estimate };
    random: { labels: number; accuracy: Estimate };
    reason: string;
  };
  labels_saved: {
    labels: number;
    equivalent_random_labels: Bounded;
    saved: Bounded;
    limit: number | null;
    count: number;
    reason: string;
  };
  calibration: Calibration;
}

export interface Round {
  number: number;
  status: "done" | "failed" | "running";
  cause: string;
  labels: number;
  started_at: string;
  duration_seconds: number | null;
  error: string;
  note: string;
  columns: string; // which the model read, where there is a choice
  timings: Record<string, number>;
  published: number;
  settings: { strategy?: string };
  metrics: { beta?: number | string };
  seed: number;
}

export interface Queue {
  text: string;
  order: string;
  ranked_at: string | null;
  ready: number;
  leased: number;
  answers_since: number;
  batch_size: number;
  running: { number: number; started_at: string } | null;
  requested_at: string | null;
  retry_at: string | null;
}

export interface LabelCount {
  label: string;
  count: number;
  color: string;
}

/** How much of the label to find has been found. */
export interface Finding {
  label: string;
  records: number;
  read: number;
  unread: number;
  found: number;
  recall: number | null;
  recall_lower_bound: number | null;
  confidence: number;
  target_recall: number;
  /** Share of all items that is unread, less what is missed. */
  work_saved: number | null;
  expected_relevant_unread: number | null;
  next: { records: number; finds: number | null };
  curve: { read: number; found: number }[];
  assumption: string;
  exclusion_reasons: { reason: string; count: number }[];
  earlier: {
    measured_at: string;
    round: number;
    test_answers: number;
    figures: { name: string; title: string; estimate: Estimate }[];
  } | null;
}

export interface Progress {
  project: { goal: "train_model" | "find_all" };
  generated_at: string;
  counts: {
    items: number;
    answers: number;
    labelled: number;
    training_labels: number;
    test_answered: number;
    random_arm_labels: number;
    skipped: number;
    flagged: number;
  };
  test: { answered: number; needed: number; possible: number | null; reason: string };
  measures: Measure[];
  current: ({ per_class: ClassMetrics[]; confusion: ConfusionMatrix | null } & Record<string, any>) | null;
  curve: CurvePoint[] | null;
  curve_reason: string;
  control_curve: CurvePoint[] | null;
  control_curve_reason: string;
  /** Titles of estimators by name. */
  estimators: Record<string, string>;
  labels: {
    overall: LabelCount[];
    by_person: { user: string; machine: boolean; labels: { label: string; count: number }[]; total: number }[];
  };
  throughput: Throughput;
  agreement: {
    observed_agreement: Estimate | null;
    items: number;
    disagreeing: number;
    extra: number;
    overlap: number;
    reason: string;
  };
  threshold_report: ThresholdReport | null;
  stop: {
    reason: string;
    conditions: StoppingCondition[];
    forecast: ForecastPoint[] | null;
    paused_at: string | null;
    paused_reason: string;
  };
  trust: Reliability;
  /** Null unless the project finds all items of a label. */
  finding: Finding | null;
  queue: Queue;
  rounds: Round[];
  worker: { alive: boolean; seen_at: string | null };
}

/** Elements of the dashboard by the name in `data-part`. */
export interface DashboardParts {
  "next-bar": HTMLProgressElement;
  "waiting-bar": HTMLProgressElement;
  "curve-canvas": HTMLCanvasElement;
  "calibration-canvas": HTMLCanvasElement;
  "counts-canvas": HTMLCanvasElement;
  "decision-canvas": HTMLCanvasElement;
  "finds-canvas": HTMLCanvasElement;
  "pace-canvas": HTMLCanvasElement;
  "curve-table": HTMLTableElement;
  "reliability-table": HTMLTableElement;
  classes: HTMLTableElement;
  confusion: HTMLTableElement;
  people: HTMLTableElement;
  rounds: HTMLTableElement;
  [name: string]: HTMLElement;
}

// Simulations

/** The mean over the seeds with its 95 % interval, which takes more than one seed. */
export interface MeanInterval {
  mean: number;
  low: number | null;
  high: number | null;
}

/** By number of training labels. */
export type SimulatedCurve = [number, MeanInterval][];

export interface ComparisonRow {
  strategy: number;
  learner: number;
  curve: SimulatedCurve;
  recall?: SimulatedCurve;
  /** The score with all labels. */
  full: number;
}

export interface Comparison {
  strategies: string[];
  learners: string[];
  metric: string;
  rows: ComparisonRow[];
}

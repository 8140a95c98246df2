/** The part of Chart.js that this project uses. library.js itself is not checked: it imports one minified file. */

export interface Dataset {
  label?: string;
  data: any[];
  /** Our own: an edge of a confidence band, which has neither legend entry nor tooltip. */
  isBand?: boolean;
  [option: string]: any;
}

export interface ChartConfig {
  type: "bar" | "line";
  data: { labels?: string[]; datasets: Dataset[] };
  options: ChartOptions;
}

/** What a tooltip shows: one point of one dataset. */
export interface TooltipItem {
  dataset: Dataset;
  raw: any;
}

export interface ChartOptions {
  plugins: { legend?: object; tooltip: Record<string, any> };
  [option: string]: any;
}

export interface LegendEntry {
  datasetIndex: number;
  [option: string]: any;
}

export class Chart {
  constructor(canvas: HTMLCanvasElement, config: ChartConfig & { plugins: object[] });
  static defaults: any;
  static helpers: {
    color(value: string): { alpha(opacity: number): { rgbString(): string } };
    drawPoint(context: CanvasRenderingContext2D, options: object, x: number, y: number): void;
  };
  static getChart(canvas: HTMLCanvasElement): Chart | undefined;
  data: ChartConfig["data"];
  options: ChartOptions;
  legend: { fit(): void; height: number; options: { display?: boolean } };
  update(mode: "none"): void;
}

// Chart.js comes as one classic file that leaves a global; this module is the only one that knows.
import "../../vendor/chart.js-4.6.1/chart.umd.min.js";

export const Chart = globalThis.Chart;
